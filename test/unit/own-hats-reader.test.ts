/** Reading the bot's own presence, and nobody else's. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type OwnHatsSource, readOwnHats } from "../../src/index.ts";
import type { Element } from "../../src/stanza/xml.ts";
import { parseStanzas } from "../support/xml-text.ts";

const ROOM = "team@rooms.example.org";
const BOT: OwnHatsSource = { room: ROOM, jid: "hats@example.org" };
const BOB = { nick: "bob", hats: [{ uri: "urn:x:teacher", title: "Teacher" }] };

const HATS =
  "<hats xmlns='urn:milliner:hats:0'><wearer nick='bob'>" +
  "<hat xmlns='urn:xmpp:hats:0' uri='urn:x:teacher' title='Teacher'/></wearer></hats>";

interface Sent {
  readonly nick?: string;
  readonly jid?: string;
  readonly type?: string;
  readonly payload?: string;
}

function parseXml(text: string): Element {
  const [element] = parseStanzas(text);
  assert.ok(element);
  return element;
}

function presence({ nick = "hats", jid, type, payload = HATS }: Sent) {
  const item = `<item affiliation='owner' role='moderator'${jid === undefined ? "" : ` jid='${jid}'`}/>`;
  return parseXml(
    `<presence from='${ROOM}/${nick}'${type === undefined ? "" : ` type='${type}'`}>${payload}` +
      `<x xmlns='http://jabber.org/protocol/muc#user'>${item}</x></presence>`,
  );
}

const reader = suite("a reader of own presence");

reader("the bot is known by its real JID, under whatever nick and however it is spelt", () => {
  const said = readOwnHats(presence({ nick: "anything", jid: "Hats@Example.org/milliner" }), BOT);
  assert.equal(said, { wearers: [BOB], truncated: false });
});

reader("somebody else's payload says nothing, whatever their nick", () => {
  assert.is(readOwnHats(presence({ nick: "hats", jid: "mallory@example.org/x" }), BOT), undefined);
  assert.is(readOwnHats(presence({ nick: "hats" }), BOT), undefined, "no real JID is shown");
});

reader("where no real JIDs are shown the bot is known by its nick, byte by byte", () => {
  const byNick = { room: ROOM, nick: "hats" };
  assert.equal(readOwnHats(presence({}), byNick)?.wearers, [BOB]);
  for (const nick of ["Hats", "hats-2", "ｈａｔｓ", ""])
    assert.is(readOwnHats(presence({ nick }), byNick), undefined);
});

reader("with nick and JID both must fit", () => {
  const both = { ...BOT, nick: "hats" };
  assert.is(readOwnHats(presence({ nick: "other", jid: "hats@example.org/a" }), both), undefined);
  assert.is(readOwnHats(presence({ nick: "hats", jid: "mallory@example.org/a" }), both), undefined);
  assert.ok(readOwnHats(presence({ nick: "hats", jid: "hats@example.org/a" }), both));
});

reader("another room's bot, an error and a stanza that is no presence say nothing", () => {
  const there = { ...BOT, room: "other@rooms.example.org" };
  assert.is(readOwnHats(presence({ jid: "hats@example.org/a" }), there), undefined);
  assert.is(readOwnHats(presence({ jid: "hats@example.org/a", type: "error" }), BOT), undefined);
  const message = parseXml(`<message from='${ROOM}/hats'>${HATS}</message>`);
  assert.is(readOwnHats(message, { room: ROOM, nick: "hats" }), undefined);
});

reader("a bot that carries nothing, or leaves, shows nobody's hats", () => {
  const none = { wearers: [], truncated: false };
  assert.equal(readOwnHats(presence({ jid: "hats@example.org/a", payload: "" }), BOT), none);
  assert.equal(readOwnHats(presence({ jid: "hats@example.org/a", type: "unavailable" }), BOT), none);
});

reader("whoever does not say who the bot is, or gives an address that is none, hears so", () => {
  assert.throws(() => readOwnHats(presence({}), { room: ROOM }), /nick or its jid/);
  assert.throws(() => readOwnHats(presence({}), { room: "a b@", nick: "hats" }), /not a JID: a b@/);
});

reader.run();
