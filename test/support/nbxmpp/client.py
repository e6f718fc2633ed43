"""Gajim's library, driven by JSON lines: nbxmpp with its own ad-hoc and data form code.

Usage: client.py JID PASSWORD HOST PORT

Each line on stdin is {"id": N, "do": NAME, ...}; its answer is {"id": N, "result": ...} or {"id": N, "error":
{"condition": ..., "type": ..., "text": ...}}. Besides, {"event": "ready", "jid": ...} comes once after the login. What can
be done is in ACTIONS. One command session is held at a time, the one that `start` opened last. As in Gajim, a form that
nbxmpp calls invalid is not sent: that is the error "invalid". The process ends with its stdin.
"""
import json
import sys

ANSWERS = sys.stdout
# nbxmpp prints what it misses while it is imported.
sys.stdout = sys.stderr

from gi.repository import Gio, GLib
from nbxmpp.client import Client
from nbxmpp.const import AdHocAction, ConnectionProtocol, ConnectionType
from nbxmpp.errors import StanzaError
from nbxmpp.modules.dataforms import create_field, extend_form, SimpleDataForm
from nbxmpp.protocol import JID, Presence
from nbxmpp.structs import AdHocCommand

MAIN_LOOP = GLib.MainLoop()


class Invalid(Exception):
    """The form cannot be submitted as it is filled out."""


def tell(message):
    print(json.dumps(message), file=ANSWERS, flush=True)


class Person:
    def __init__(self, jid, password, address):
        self.command = None
        self.form = None
        self.client = Client()
        self.client.set_username(jid.localpart)
        self.client.set_domain(jid.domain)
        self.client.set_resource(jid.resource)
        self.client.set_password(password)
        self.client.set_connection_types([ConnectionType.PLAIN])
        self.client.set_protocols([ConnectionProtocol.TCP])
        self.client.set_custom_host(address, ConnectionProtocol.TCP, ConnectionType.PLAIN)
        self.client.subscribe("connected", self.on_login)
        self.client.subscribe("connection-failed", lambda *_: sys.exit("the connection failed"))
        self.client.subscribe("disconnected", lambda *_: MAIN_LOOP.quit())
        self.client.connect()

    def on_login(self, *_):
        self.client.send_stanza(Presence())
        tell({"event": "ready", "jid": str(self.client.get_bound_jid())})

    def discover(self, done, jid):
        disco = self.client.get_module("Discovery")
        adhoc = self.client.get_module("AdHoc")

        def on_info(task):
            info = task.finish()
            follow(adhoc.request_command_list(jid), done(lambda commands: {
                "identities": sorted([identity.category, identity.type] for identity in info.identities),
                "features": sorted(info.features),
                "commands": [{"jid": str(command.jid), "node": command.node, "name": command.name}
                             for command in commands],
            }))

        follow(disco.disco_info(jid), on_info)

    def start(self, done, jid, node, values=None):
        form = None
        if values is not None:
            fields = [create_field(type_of(value), var=var) for var, value in values.items()]
            form = SimpleDataForm(type_="submit", fields=fields)
            fill(form, values)
        self.execute(done, AdHocCommand(jid=JID.from_string(jid), node=node, name=None), AdHocAction.EXECUTE, form)

    def go(self, done, action, values=None):
        form = None
        if action not in ("cancel", "prev"):
            form = self.form
            fill(form, values or {})
            invalid = [field.var for field in form.iter_fields() if not field.is_valid()[0]]
            if invalid:
                raise Invalid(", ".join(invalid))
            form.type_ = "submit"
        self.execute(done, self.command, AdHocAction(action), form)

    def execute(self, done, command, action, form):
        def keep(answer):
            self.command = answer
            self.form = None if answer.data is None else extend_form(answer.data)
            return stage_of(answer, self.form)

        follow(self.client.get_module("AdHoc").execute_command(command, action, form), done(keep))


ACTIONS = ("discover", "start", "go")


def follow(task, on_done):
    # A weak reference to a closure would be gone before the task is done.
    task.add_done_callback(on_done, weak=False)


def type_of(value):
    return "boolean" if isinstance(value, bool) else "list-multi" if isinstance(value, list) else "text-single"


def fill(form, values):
    for var, value in values.items():
        if var not in form.vars:
            raise ValueError(f"the form has no field {var}")
        field = form[var]
        if hasattr(field, "values"):
            field.values = value if isinstance(value, list) else [value]
        else:
            field.value = value


def stage_of(command, form):
    return {
        "status": command.status.value,
        "node": command.node,
        "sessionid": command.sessionid,
        "actions": sorted(action.value for action in command.actions),
        "notes": [{"type": note.type.value, "text": note.text} for note in command.notes],
        "form": None if form is None else form_of(form),
    }


def form_of(form):
    fields = [] if form.is_reported else list(form.iter_fields())
    items = form.items if form.is_reported else []
    reported = form.reported.iter_fields() if form.is_reported else []
    return {
        "type": form.type_,
        "title": form.title,
        "instructions": form.instructions,
        "fields": [field_of(field) for field in fields],
        "reported": [field.var for field in reported],
        "items": [{field.var: field.value for field in item.iter_fields()} for item in items],
    }


def field_of(field):
    return {
        "var": field.var,
        "type": field.type_,
        "label": field.label,
        "required": field.required,
        "value": field.values if hasattr(field, "values") else field.value,
        "options": [{"label": label, "value": value}
                    for value, label in (field.iter_options() if hasattr(field, "iter_options") else [])],
    }


def refuse(identity, condition, kind, text):
    tell({"id": identity, "error": {"condition": condition, "type": kind, "text": text}})


def answer(person, request):
    identity = request.pop("id")
    action = request.pop("do")

    def done(read):
        def on_done(task):
            try:
                tell({"id": identity, "result": read(task.finish())})
            except StanzaError as error:
                refuse(identity, error.condition, error.type, error.get_text())
            except Exception as error:
                refuse(identity, type(error).__name__, "", str(error))
        return on_done

    try:
        if action not in ACTIONS:
            raise ValueError(f"cannot {action}")
        getattr(person, action)(done, **request)
    except Invalid as error:
        refuse(identity, "invalid", "", str(error))
    except Exception as error:
        refuse(identity, type(error).__name__, "", str(error))


def listen(person):
    lines = Gio.DataInputStream.new(Gio.UnixInputStream.new(sys.stdin.fileno(), False))

    def on_line(_, result):
        line, _ = lines.read_line_finish_utf8(result)
        if line is None:
            person.client.disconnect()
            return
        answer(person, json.loads(line))
        lines.read_line_async(GLib.PRIORITY_DEFAULT, None, on_line)

    lines.read_line_async(GLib.PRIORITY_DEFAULT, None, on_line)


def main(jid, password, host, port):
    listen(Person(JID.from_string(jid), password, f"{host}:{port}"))
    MAIN_LOOP.run()


main(*sys.argv[1:])
