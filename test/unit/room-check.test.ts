/** `milliner check` at a room: what is missing there, by the way in which its hats shall be shown. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nextStep } from "../../src/commands/room/next-step.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { PresenceMode } from "../../src/presence/room-presence.ts";
import type { Element } from "../../src/stanza/xml.ts";
import { checkRoom } from "../../src/xmpp/muc/room-check.ts";
import { parseStanzas } from "../support/xml-text.ts";

const ROOM = "team@rooms.example.org" as RoomJid;
const BOT = "hats@example.org" as BareJid;

/* What ejabberd answers the bot, an owner, of a room whose hats are switched off, by the namespace that was asked for. */
const SWITCHED_OFF: Readonly<Record<string, string>> = {
  "http://jabber.org/protocol/disco#info":
    "<identity category='conference' type='text'/><feature var='http://jabber.org/protocol/muc'/>",
  "http://jabber.org/protocol/disco#items": "",
  "http://jabber.org/protocol/muc#admin": `<item jid='${BOT}' affiliation='owner'/>`,
  "http://jabber.org/protocol/muc#owner":
    "<x xmlns='jabber:x:data' type='form'><field var='enable_hats' type='boolean'><value>0</value></field></x>",
};

const answering = {
  request(_room: string, _type: "get" | "set", { attrs }: Element): Promise<Element> {
    const xmlns = String(attrs["xmlns"]);
    const text = `<iq type='result'><query xmlns='${xmlns}'>${SWITCHED_OFF[xmlns] ?? ""}</query></iq>`;
    const [answer] = parseStanzas(text);
    return answer === undefined ? Promise.reject(new Error("no answer")) : Promise.resolve(answer);
  },
};

const test = suite("check of a room");

for (const [mode, dialect, step] of [
  ["auto", "own-presence", "switch-hats-on"],
  ["own", "own-presence", undefined],
  ["off", "off", undefined],
] as readonly [PresenceMode, string, string | undefined][]) {
  test(`of a room with presence ${mode}, whose hats are off, ${step ?? "nothing"} is wanted`, async () => {
    const check = await checkRoom(answering, ROOM, mode, BOT);
    assert.equal([check.rights, check.dialect, nextStep(check)], ["owner", dialect, step]);
  });
}

test.run();
