/** What becomes of a field that a command does not have: in one stanza it is refused, step by step it is ignored. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { noteIn, occupant } from "../support/engine.ts";
import { type HatDesk, openHatDesk, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const BOB = "bob@example.org";
const GIVEN = `${BOB} now has “Teacher” in ${TEAM}.`;
const FIELDS = "add-user-hat has room, user, hat, title, expires, active, required, reason";
const REFUSED = "modify/bad-request bad-payload:";

const test = suite<{ at: HatDesk }>("fields that a command does not have");

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

const give = (at: HatDesk, values: Record<string, string | string[]>, source = OWNER) =>
  at.once(source, "add-user-hat", { room: TEAM, user: BOB, title: "Teacher", ...values });

for (const [name, why] of [
  ["expire", `expire: no such field; ${FIELDS}`],
  ["hats", `hats: no such field; ${FIELDS}`],
  ["muc#expires", `muc#expires: no such field; ${FIELDS}`],
  ["bad name", `form: no such field; ${FIELDS}`],
] as const) {
  test(`in one stanza ${name} is refused, whatever its value, and nothing changes`, async ({ at }) => {
    for (const value of ["7d", []]) {
      assert.is((await give(at, { [name]: value })).error, `${REFUSED} ${why}`);
    }
    assert.equal(at.hats(BOB), {});
  });
}

test("what people read above a field leads to its var, in the language of the request and in English", async ({
  at,
}) => {
  const why = (name: string): string => `${name}: no such field, it is called expires; ${FIELDS}`;
  assert.is((await give(at, { until: "2027-01-31" })).error, `${REFUSED} ${why("until")}`);
  const { error } = await at.once(OWNER, "list-user-hats", { room: TEAM, who: BOB });
  assert.is(error, `${REFUSED} who: no such field, it is called user; list-user-hats has room, user`);
});

test("fields of other namespaces are ignored, as is one that says the form's type", async ({ at }) => {
  const others = { "{http://example.org/ns}until": "x", "x-until": "y", FORM_TYPE: "urn:milliner:hats:0" };
  assert.is(noteIn(await give(at, others)), GIVEN);
});

test("a field that no stage asks for is taken", async ({ at }) => {
  const values = { room: TEAM, user: BOB, hats: "urn:x:a", titles: "urn:x:a Assistant" };
  assert.match(noteIn(await at.once(OWNER, "set-user-hats", values)) ?? "", /Assistant/);
});

test("rights come first", async ({ at }) => {
  assert.is((await give(at, { until: "1d" }, STRANGER)).error, "cancel/forbidden: you may not do that here");
});

test("step by step it is ignored", async ({ at }) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  assert.is(noteIn(await talk({ user: BOB, title: "Teacher", until: "7d", echo: "x" })), GIVEN);
});

test("XEP-0317's own commands ignore what they do not know", async ({ at }) => {
  const realJid = "alice@example.org" as BareJid;
  const inRoom = occupant(TEAM, "al", { affiliation: "owner", role: "moderator", realJid });
  const values = { "hats#title": "Teacher", "hats#icon": "x" };
  assert.match(noteIn(await at.once(inRoom, HAT_NODES.create, values)) ?? "", /has a new hat, “Teacher”/);
});

test.run();
