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
  ["bob@[::1]", "bob@[::1]"],
  ["b\u00adob@example.org", "bob@example.org"],
] as const) {
  jids(`${JSON.stringify(spelling)} is ${prepared}`, () => {
    assert.is(parseJid(spelling)?.full, prepared);
    assert.ok(isSameJid(spelling, prepared));
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
  "bob@/x",
  "bob@example.org/",
  "bob@example.org/a\u0007",
  `${"a".repeat(1024)}@example.org`,
  `bob@example.org/${"é".repeat(600)}`,
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

jids.run();
