/** Addresses: equal means the same person, everything else is refused (RFC 7622). */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isSameJid, parseJid, parseRoomJid, parseUserJid } from "../../src/stanza/jid.ts";

const jids = suite("an address");

for (const [spelling, prepared] of [
  ["Bob@Example.ORG", "bob@example.org"],
  ["ＡＤＭＩＮ@example.org", "admin@example.org"],
  ["ﬁona@example.org", "fiona@example.org"],
  ["e\u0301ve@example.org", "éve@example.org"],
  ["straße@example.org", "strasse@example.org"],
  ["ΣΑΣ@example.org", "σασ@example.org"],
  ["bob@example.org.", "bob@example.org"],
  ["bob@xn--strae-oqa.example", "bob@straße.example"],
  ["bob@ＥＸ.org", "bob@ex.org"],
  ["bob@example。org．", "bob@example.org"],
  ["bob@[::1]", "bob@[::1]"],
  ["b\u00adob@example.org", "bob@example.org"],
  ["Bob\ufe0f@example.org", "bob@example.org"],
  ["Tom李@example.org", "tom李@example.org"],
  ["\u1100\u1161@example.org", "\uac00@example.org"],
  ["\u13a0bc@example.org", "\u13a0bc@example.org"],
  ["㎒@example.org", "mhz@example.org"],
  ["μ\u1fb3\u0301κ@example.org", "μαίκ@example.org"],
] as const) {
  jids(`${JSON.stringify(spelling)} is ${prepared}`, () => {
    assert.is(parseJid(spelling)?.full, prepared);
    assert.ok(isSameJid(spelling, prepared));
  });
}

/* Accounts that a server keeps apart (RFC 3454, table B.2, Unicode 3.2): to take one for the other hands out rights. */
for (const [other, known] of [
  ["al\u0131ce@example.org", "alice@example.org"],
  ["\u2090lice@example.org", "alice@example.org"],
  ["\u1d2clice@example.org", "alice@example.org"],
  ["\u{1f130}lice@example.org", "alice@example.org"],
  ["bo\u1e9e@example.org", "boss@example.org"],
  ["\u1c9c@example.org", "\u10dc@example.org"],
  ["\u023d@example.org", "\u019a@example.org"],
  ["\u13a0@example.org", "\uab70@example.org"],
  ["alice@ex\u2090mple.org", "alice@example.org"],
  ["μ\u1fb3\u0301κ@example.org", "μάικ@example.org"],
  ["\u{2f868}@example.org", "\u36fc@example.org"],
  ["a\u0350\u0323@example.org", "\u1ea1\u0350@example.org"],
  ["bob@a\u0350\u0323.example", "bob@\u1ea1\u0350.example"],
] as const) {
  jids(`${JSON.stringify(other)} is never ${known}`, () => {
    assert.is(parseJid(known)?.full, known);
    assert.not(isSameJid(other, known));
    const once = parseJid(other)?.full ?? "";
    assert.ok(once === "" || parseJid(once)?.full === once);
  });
}

for (const wrong of [
  "",
  "@example.org",
  "bob@",
  "a@b@c",
  "a b@example.org",
  "a\u0000@example.org",
  "bob@exa mple.org",
  "bob@a..b",
  "bob@a..",
  "bob@。",
  "bob@a。。b",
  "bob@exam＆ple.org",
  "bob@exam＂ple.org",
  "bob@/x",
  "bob@example.org/",
  "bob@example.org/a\u0007",
  `${"a".repeat(1024)}@example.org`,
  `bob@example.org/${"é".repeat(600)}`,
  `b${"\u00ad".repeat(4_000)}ob@example.org`,
  `bob@exam${"\u00ad".repeat(1_100)}ple.org`,
  'b"b@example.org',
  "<b>@example.org",
]) {
  jids(`${JSON.stringify(wrong.slice(0, 40))} is none`, () => assert.is(parseJid(wrong), undefined));
}

jids("a resource keeps its case and may hold spaces and slashes", () => {
  assert.equal(parseJid("Room@Rooms.example/Alice B/c"), {
    local: "room",
    domain: "rooms.example",
    resource: "Alice B/c",
    bare: "room@rooms.example",
    full: "room@rooms.example/Alice B/c",
  });
});

jids("of a person is made bare, and refused naming its field", () => {
  assert.is(parseUserJid(" Bob@example.org/phone "), "bob@example.org");
  assert.throws(() => parseUserJid("example.org"), /^user: /);
  assert.throws(() => parseRoomJid("rooms.example.org"), /^room: /);
});

jids("prepared once stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (local) => {
      const once = parseJid(`${local}@example.org`);
      if (once !== undefined) assert.is(parseJid(once.full)?.full, once.full);
    }),
  );
});

jids("with a domain of any characters, prepared once, stays as it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from("aß.。．｡＆﹠＇＂＠／é\u0301ＸƗ-1")) }),
      (domain) => {
        const once = parseJid(`bob@${domain}`);
        if (once !== undefined) assert.is(parseJid(once.full)?.full, once.full);
      },
    ),
    { numRuns: 500 },
  );
});

jids.run();
