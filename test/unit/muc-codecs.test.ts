/** What rooms say, read; what the bot says to rooms, written. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { buildListQuery, parseList, parseRoomNotice } from "../../src/stanza/muc-affiliations.ts";
import { buildJoin, buildLeave, buildUpdate, parseOccupantPresence } from "../../src/stanza/muc-presence.ts";
import { buildCreationCancelled, parseRoomTraits } from "../../src/stanza/muc-room.ts";
import {
  NS_DISCO_INFO,
  NS_MUC,
  NS_MUC_ADMIN,
  NS_MUC_USER,
  NS_OCCUPANT_ID,
} from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";

const test = suite("the words of rooms");
const ROOM = "team@rooms.example.org";

function presence(attributes: Record<string, string>, ...children: Element[]): Element {
  return xml("presence", { from: `${ROOM}/bob`, ...attributes }, xml("x", { xmlns: NS_MUC_USER }, children));
}

test("an occupant's presence tells affiliation, role, real JID and statuses", () => {
  const item = xml("item", { affiliation: "member", role: "participant", jid: "Bob@Example.org/phone" });
  const stanza = presence({}, item, xml("status", { code: 110 }), xml("status", { code: 100 }));
  stanza.append(xml("occupant-id", { xmlns: NS_OCCUPANT_ID, id: "b1" }));
  const read = parseOccupantPresence(stanza);
  assert.ok(read);
  const { statuses, ...rest } = read;
  assert.equal([...statuses], [110, 100]);
  assert.equal(rest, {
    available: true,
    affiliation: "member",
    role: "participant",
    realJid: "bob@example.org",
    occupantId: "b1",
    newNick: undefined,
    destroyed: undefined,
  });
});

test("a departure tells the new nick, or where to go from a destroyed room", () => {
  const item = xml("item", { affiliation: "none", role: "none", nick: "robert" });
  const destroy = xml("destroy", { jid: "new@rooms.example.org" }, xml("reason", {}, "moved"));
  const read = parseOccupantPresence(presence({ type: "unavailable" }, item, destroy));
  assert.is(read?.available, false);
  assert.is(read?.newNick, "robert");
  assert.equal(read?.destroyed, { alternate: "new@rooms.example.org", reason: "moved" });
});

const unread: readonly (readonly [what: string, stanza: Element])[] = [
  ["an error", presence({ type: "error" }, xml("item", { affiliation: "none" }))],
  ["a subscription", presence({ type: "subscribe" }, xml("item", { affiliation: "none" }))],
  ["a presence without item", presence({})],
  ["an unknown affiliation", presence({}, xml("item", { affiliation: "king" }))],
  ["a presence without the room's element", xml("presence", { from: `${ROOM}/bob` })],
];
for (const [what, stanza] of unread)
  test(`${what} tells of no occupant`, () => {
    assert.is(parseOccupantPresence(stanza), undefined);
  });

test("what is no person's JID, and an unknown role, are left out", () => {
  for (const jid of ["@", "example.org", "", "a@b@c"]) {
    const read = parseOccupantPresence(presence({}, xml("item", { affiliation: "none", role: "king", jid })));
    assert.is(read?.realJid, undefined);
    assert.is(read?.role, "none");
  }
});

test("of two occupant-ids none is believed", () => {
  const stanza = presence({}, xml("item", { affiliation: "none" }));
  for (const id of ["a", "b"]) stanza.append(xml("occupant-id", { xmlns: NS_OCCUPANT_ID, id }));
  assert.is(parseOccupantPresence(stanza)?.occupantId, undefined);
});

test("an occupant-id longer than XEP-0421 allows is none, so that no room fills the memory with them", () => {
  for (const [length, isRead] of [
    [128, true],
    [129, false],
  ] as const) {
    const stanza = presence({}, xml("item", { affiliation: "none" }));
    const id = "i".repeat(length);
    stanza.append(xml("occupant-id", { xmlns: NS_OCCUPANT_ID, id }));
    assert.is(parseOccupantPresence(stanza)?.occupantId, isRead ? id : undefined);
  }
});

test("a list has the addresses of its own affiliation, prepared, domains too", () => {
  const items = [
    { affiliation: "member", jid: "Bob@Example.org/phone" },
    { affiliation: "member", jid: "partner.example" },
    { affiliation: "owner", jid: "eve@example.org" },
    { affiliation: "member", jid: "@" },
    { affiliation: "member" },
  ];
  const query = xml(
    "query",
    { xmlns: NS_MUC_ADMIN },
    items.map((item) => xml("item", item)),
  );
  assert.equal(parseList(xml("iq", { type: "result" }, query), "member"), [
    "bob@example.org",
    "partner.example",
  ]);
  assert.is(parseList(xml("iq", { type: "result" }), "member"), undefined);
});

test("a notice tells of people and of statuses", () => {
  const item = xml("item", { jid: "carol@example.org", affiliation: "none", role: "none" });
  const message = xml(
    "message",
    { from: ROOM },
    xml("x", { xmlns: NS_MUC_USER }, item, xml("status", { code: 104 })),
  );
  const notice = parseRoomNotice(message);
  assert.equal(notice?.affiliations, [["carol@example.org", "none"]]);
  assert.equal([...(notice?.statuses ?? [])], [104]);
});

for (const name of ["invite", "decline"])
  test(`what comes with ${name === "invite" ? "an invitation" : "a declined invitation"} is not the room's word`, () => {
    const item = xml("item", { jid: "carol@example.org", affiliation: "owner" });
    const x = xml("x", { xmlns: NS_MUC_USER }, xml(name, { from: "eve@example.org" }), item);
    assert.is(parseRoomNotice(xml("message", { from: ROOM }, x)), undefined);
  });

test("a room is told by its feature, and tells whether it shows real JIDs and writes occupant-ids", () => {
  const answer = (...features: string[]): Element =>
    xml(
      "iq",
      {},
      xml(
        "query",
        { xmlns: NS_DISCO_INFO },
        features.map((feature) => xml("feature", { var: feature })),
      ),
    );
  assert.is(parseRoomTraits(answer("jabber:iq:version")), undefined);
  assert.is(parseRoomTraits(xml("iq")), undefined);
  assert.equal(parseRoomTraits(answer(NS_MUC)), {
    isNonAnonymous: false,
    hasOccupantIds: false,
    lang: "",
  });
  assert.equal(parseRoomTraits(answer(NS_MUC, "muc_nonanonymous", NS_OCCUPANT_ID)), {
    isNonAnonymous: true,
    hasOccupantIds: true,
    lang: "",
  });
});

test("a room tells its language, in whichever of its forms", () => {
  const form = (name: string, ...values: string[]): Element =>
    xml(
      "x",
      { xmlns: "jabber:x:data", type: "result" },
      xml(
        "field",
        { var: name },
        values.map((value) => xml("value", {}, value)),
      ),
    );
  const langIn = (...forms: Element[]): string | undefined =>
    parseRoomTraits(
      xml("iq", {}, xml("query", { xmlns: NS_DISCO_INFO }, xml("feature", { var: NS_MUC }), forms)),
    )?.lang;
  assert.is(langIn(form("muc#roominfo_contactjid", "a@b"), form("muc#roominfo_lang", "de-AT")), "de-AT");
  assert.is(langIn(form("muc#roominfo_lang")), "");
  assert.is(langIn(form("muc#roominfo_subject", "de")), "");
});

test("what the bot sends is what the XEP says", () => {
  const caps = xml("c", { xmlns: "http://jabber.org/protocol/caps", ver: "v" });
  const sent = [
    buildJoin(`${ROOM}/hats`, [caps]),
    buildUpdate(`${ROOM}/hats`, [caps]),
    buildLeave(`${ROOM}/hats`),
    buildListQuery("owner"),
    buildCreationCancelled(),
  ];
  const c = `<c xmlns="http://jabber.org/protocol/caps" ver="v"/>`;
  assert.equal(sent.map(String), [
    `<presence to="${ROOM}/hats"><x xmlns="http://jabber.org/protocol/muc"><history maxchars="0"/></x>${c}</presence>`,
    `<presence to="${ROOM}/hats">${c}</presence>`,
    `<presence to="${ROOM}/hats" type="unavailable"/>`,
    `<query xmlns="http://jabber.org/protocol/muc#admin"><item affiliation="owner"/></query>`,
    `<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="cancel"/></query>`,
  ]);
});

test("no stanza, however odd, makes a reader throw", () => {
  const names = fc.constantFrom(
    "x",
    "item",
    "status",
    "destroy",
    "invite",
    "query",
    "feature",
    "occupant-id",
    "reason",
  );
  const spaces = fc.constantFrom(NS_MUC_USER, NS_MUC_ADMIN, NS_DISCO_INFO, NS_OCCUPANT_ID, "jabber:client");
  const attributes = fc.dictionary(
    fc.constantFrom("jid", "affiliation", "role", "nick", "code", "id", "var", "type"),
    fc.string(),
  );
  const nest = (inside: fc.Arbitrary<Element[]>): fc.Arbitrary<Element> =>
    fc
      .tuple(names, spaces, attributes, inside)
      .map(([name, xmlns, attrs, children]) => xml(name, { ...attrs, xmlns }, children));
  const leaf = nest(fc.constant([]));
  const tree = nest(fc.array(nest(fc.array(leaf, { maxLength: 3 })), { maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), attributes, (children, attrs) => {
      const stanza = xml("presence", { ...attrs, from: ROOM }, children);
      parseOccupantPresence(stanza);
      parseRoomNotice(stanza);
      parseRoomTraits(stanza);
      parseList(stanza, "member");
    }),
    { numRuns: 500 },
  );
});

test.run();
