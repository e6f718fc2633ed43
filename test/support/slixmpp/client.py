"""A foreign XMPP client, driven by JSON lines: slixmpp with its own ad-hoc, data form, disco and room code.

Usage: client.py JID PASSWORD HOST PORT

Each line on stdin is {"id": N, "do": NAME, ...}; its answer is {"id": N, "result": ...} or {"id": N, "error":
{"condition": ..., "type": ..., "text": ...}}. Besides, {"event": "ready", "jid": ...} comes once after the login and
{"event": "presence", ...} for every presence in a room. What can be done is in ACTIONS. One command session is held at a
time, the one that `start` opened last. The process ends with its stdin.
"""
import asyncio
import json
import sys

import slixmpp
from slixmpp.exceptions import IqError, IqTimeout

NS_HATS = "urn:xmpp:hats:0"
NS_LEGACY_HATS = "xmpp:prosody.im/protocol/hats:1"
NS_DESK_HATS = "urn:milliner:hats:0"
PLUGINS = ("xep_0004", "xep_0030", "xep_0045", "xep_0050", "xep_0122", "xep_0199")


def tell(message):
    print(json.dumps(message), flush=True)


class Person(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in PLUGINS:
            self.register_plugin(plugin)
        self["feature_mechanisms"].unencrypted_scram = True
        self.session = None
        self.add_event_handler("session_start", self.on_session_start)
        self.add_event_handler("failed_auth", lambda _: sys.exit("the login failed"))
        self.add_event_handler("groupchat_presence", self.on_room_presence)

    def on_session_start(self, _):
        self.send_presence()
        tell({"event": "ready", "jid": str(self.boundjid)})

    def on_room_presence(self, presence):
        wearers = presence.xml.findall(f"{{{NS_DESK_HATS}}}hats/{{{NS_DESK_HATS}}}wearer")
        tell({
            "event": "presence",
            "from": str(presence["from"]),
            "type": presence["type"],
            "hats": hats_below(presence.xml, NS_HATS),
            "legacyHats": hats_below(presence.xml, NS_LEGACY_HATS),
            "wearers": [{"nick": wearer.get("nick"), "hats": hats_in(wearer, NS_HATS)} for wearer in wearers],
        })

    async def discover(self, jid):
        disco = self["xep_0030"]
        info = (await disco.get_info(jid=jid))["disco_info"]
        items = await self["xep_0050"].get_commands(jid)
        return {
            "identities": sorted([category, kind] for category, kind, _, _ in info["identities"]),
            "features": sorted(info["features"]),
            "commands": [{"jid": str(item), "node": node, "name": name}
                         for item, node, name in sorted(items["disco_items"]["items"])],
        }

    async def start(self, jid, node, values=None):
        payload = None if values is None else [self.filled_form(values)]
        return await self.step(lambda session: self["xep_0050"].start_command(jid, node, session),
                               {"payload": payload})

    async def go(self, action, values=None):
        session = self.session
        session["payload"] = None if action in ("cancel", "prev") else [self.answered_form(values or {})]
        adhoc = self["xep_0050"]
        if action == "cancel":
            return await self.step(adhoc.cancel_command, session)
        if action == "complete":
            return await self.step(adhoc.complete_command, session)
        return await self.step(lambda session: adhoc.continue_command(session, direction=action), session)

    async def step(self, send, session):
        answer = asyncio.get_running_loop().create_future()
        session["next"] = lambda iq, _: answer.set_result(iq)
        session["error"] = lambda iq, _: answer.set_exception(IqError(iq))
        send(session)
        self.session = session
        iq = await asyncio.wait_for(answer, timeout=20)
        self.stage_form = iq["command"].get_plugin("form", check=True)
        return stage_of(iq["command"], self.stage_form)

    def filled_form(self, values):
        form = self["xep_0004"].make_form(ftype="submit")
        for var, value in values.items():
            form.add_field(var=var, value=value)
        return form

    def answered_form(self, values):
        form = self.stage_form
        form["type"] = "submit"
        unknown = set(values) - set(form.get_fields())
        if unknown:
            raise ValueError(f"the form has no field {sorted(unknown)}")
        form.set_values(values)
        return form

    async def join(self, room, nick):
        await self["xep_0045"].join_muc_wait(room, nick, maxstanzas=0)

    async def leave(self, room, nick):
        self["xep_0045"].leave_muc(room, nick)


ACTIONS = ("discover", "start", "go", "join", "leave")


def hats_below(xml, namespace):
    return [hat for hats in xml.findall(f"{{{namespace}}}hats") for hat in hats_in(hats, namespace)]


def hats_in(xml, namespace):
    return [dict(hat.attrib) for hat in xml.findall(f"{{{namespace}}}hat")]


def stage_of(command, form):
    return {
        "status": command["status"],
        "node": command["node"],
        "sessionid": command["sessionid"],
        "actions": sorted(command["actions"]),
        "notes": [{"type": kind, "text": text} for kind, text in command["notes"]],
        "form": None if form is None else form_of(form),
    }


def form_of(form):
    return {
        "type": form["type"],
        "title": form["title"],
        "instructions": form["instructions"],
        "fields": [field_of(var, field) for var, field in form.get_fields().items()],
        "reported": list(form.get_reported()),
        "items": [dict(item) for item in form.get_items()],
    }


def field_of(var, field):
    return {
        "var": var,
        "type": field["type"],
        "label": field["label"],
        "required": field["required"],
        "value": field["value"],
        "options": [{"label": option["label"], "value": option["value"]} for option in field.get_options()],
    }


async def answer(person, request):
    identity = request.pop("id")
    action = request.pop("do")
    try:
        if action not in ACTIONS:
            raise ValueError(f"cannot {action}")
        tell({"id": identity, "result": await getattr(person, action)(**request)})
    except (IqError, slixmpp.exceptions.PresenceError) as error:
        tell({"id": identity, "error": {"condition": error.condition, "type": error.etype, "text": error.text}})
    except (IqTimeout, asyncio.TimeoutError, ValueError) as error:
        tell({"id": identity, "error": {"condition": type(error).__name__, "type": "", "text": str(error)}})


async def main(jid, password, host, port):
    person = Person(jid, password)
    person.connect(address=(host, int(port)), force_starttls=False, disable_starttls=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        await answer(person, json.loads(line))
    await person.disconnect(wait=0)


asyncio.get_event_loop().run_until_complete(main(*sys.argv[1:]))
