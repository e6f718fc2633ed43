#!/usr/bin/env python3
"""Hats from Python, by slixmpp (Debian: python3-slixmpp).

    hats.py give ROOM USER TITLE   gives a hat, in one stanza
    hats.py list ROOM              prints who wears what
    hats.py ask NODE               goes through any command step by step, asking at each

The environment says who asks: DESK is the bot's full JID, JID and PASSWORD the account. SERVER is host:port where it is not
found by the domain, CA_FILE a PEM file of the authority to trust besides the system's. The exit status is 1 for a refusal.
"""
import asyncio
import os
import ssl
import sys

import slixmpp
from slixmpp.exceptions import IqError

DESK_FORM = "urn:milliner:hats:0"
HIDDEN = ("fixed", "hidden")


class Account(slixmpp.ClientXMPP):
    """An account that asks the desk and is told nothing else: it sends no presence."""

    def __init__(self, jid, password):
        # The SCRAM of slixmpp 1.8 asks for a channel binding that TLS 1.3 does not have, and newer servers refuse that.
        super().__init__(jid, password, sasl_mech="PLAIN")
        for plugin in ("xep_0004", "xep_0030", "xep_0050"):
            self.register_plugin(plugin)
        self.ca_certs = os.environ.get("CA_FILE") or ssl.get_default_verify_paths().cafile
        self.online = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", lambda _: self.online.set_result(True))
        for trouble in ("failed_auth", "connection_failed", "ssl_invalid_chain"):
            self.add_event_handler(trouble, self.give_up)

    def give_up(self, reason):
        if not self.online.done():
            self.online.set_exception(ConnectionError(str(reason)))

    async def log_in(self):
        server = os.environ.get("SERVER")
        if server is None:
            self.connect()
        else:
            host, port = server.rsplit(":", 1)
            self.connect((host, int(port)))
        await asyncio.wait_for(self.online, 30)

    async def command(self, node, action="execute", values=None, sessionid=None):
        """One step of a command; a form of values is sent where there are some."""
        iq = self.make_iq_set(ito=os.environ["DESK"])
        iq["command"]["node"] = node
        iq["command"]["action"] = action
        if sessionid is not None:
            iq["command"]["sessionid"] = sessionid
        if values is not None:
            form = self["xep_0004"].make_form(ftype="submit")
            form.add_field(var="FORM_TYPE", ftype="hidden", value=DESK_FORM)
            for var, value in values.items():
                form.add_field(var=var, value=value)
            iq["command"].append(form)
        return (await iq.send())["command"]


async def give(account, room, user, title):
    answer = await account.command("add-user-hat", values={"room": room, "user": [user], "title": title})
    show(answer)


async def list_hats(account, room):
    answer = await account.command("list-room-hats", values={"room": room})
    show(answer)


async def ask(account, node):
    answer = await account.command(node)
    while answer["status"] == "executing":
        values = filled_by_hand(answer["form"])
        action = "cancel" if values is None else "execute"
        answer = await account.command(node, action, values, answer["sessionid"])
    show(answer)


def filled_by_hand(form):
    """Asks for each field, or for a yes where there is none; None, which gives the command up, for a no or no input."""
    print(form["title"])
    if form["instructions"]:
        print(form["instructions"])
    values = {}
    try:
        for var, field in form.get_fields().items():
            if field["type"] not in HIDDEN:
                values[var] = asked(var, field)
        if not values and input("Go on? [y/n]: ").strip().lower() not in ("y", "yes"):
            return None
    except EOFError:
        return None
    return values


def asked(var, field):
    """What is typed: a text, yes or no, or the numbers of options; an empty line keeps what stands there."""
    options = field.get_options()
    is_multi = field["type"].endswith("-multi")
    if field["desc"]:
        print(f"  ({field['desc']})")
    for number, option in enumerate(options, 1):
        print(f"  {number}  {option['label'] or option['value']}")
    while True:
        typed = input(f"{field['label'] or var}{standing(field)}: ").strip()
        if typed == "":
            return field["value"]
        if field["type"] == "boolean":
            return typed.lower() in ("y", "yes", "1")
        words = typed.split() if is_multi or typed.isdigit() else [typed]
        if options and any(word.isdigit() and not 1 <= int(word) <= len(options) for word in words):
            print(f"  numbers go from 1 to {len(options)}")
            continue
        chosen = [options[int(word) - 1]["value"] if options and word.isdigit() else word for word in words]
        return chosen if is_multi else chosen[0]


def standing(field):
    """What an empty line keeps, where that is not a choice of a list."""
    value = field["value"]
    if field["type"] == "boolean":
        return " [yes]" if value else " [no]"
    return f" [{value}]" if value and isinstance(value, str) and not field.get_options() else ""


def show(answer):
    """Prints the table of an answer, or what it says; a note beside a table has the same rows as text."""
    form = answer.get_plugin("form", check=True)
    if form is not None and form.get_reported():
        columns = form.get_reported()
        print(form["title"])
        lines = [[field["label"] or var for var, field in columns.items()]]
        lines += [[str(item.get(var, "")) for var in columns] for item in form.get_items()]
        widths = [max(map(len, column)) for column in zip(*lines)]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        return
    for _, text in answer["notes"]:
        print(text)


COMMANDS = {"give": (give, 3), "list": (list_hats, 1), "ask": (ask, 1)}


async def main(name=None, *words):
    act, count = COMMANDS.get(name, (None, None))
    if act is None or len(words) != count:
        sys.exit(__doc__)
    account = Account(os.environ["JID"], os.environ["PASSWORD"])
    try:
        await account.log_in()
        await act(account, *words)
    except (ConnectionError, asyncio.TimeoutError) as error:
        sys.exit(f"no connection: {error or 'no answer'}")
    except IqError as error:
        sys.exit(f"{error.etype} {error.condition}: {error.text}")
    finally:
        await account.disconnect()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
