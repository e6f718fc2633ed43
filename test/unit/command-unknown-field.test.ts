/** What becomes of a field that a command does not have: in one stanza the answer says that it was ignored, or refuses it for who asks for that. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { STRICT } from "../../src/stanza/data-form.ts";
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
  test(`in one stanza ${name} is refused where the form is strict, whatever its value`, async ({ at }) => {
    for (const value of ["7d", []]) {
      assert.is((await give(at, { [STRICT]: "1", [name]: value })).error, `${REFUSED} ${why}`);
    }
    assert.equal(at.hats(BOB), {});
  });

  test(`in one stanza ${name} is ignored otherwise, and the answer says so`, async ({ at }) => {
    const { response } = await give(at, { [name]: "7d", [STRICT]: "0" });
    const ignored = { severity: "warn", text: `Ignored: ${why}.` };
    assert.equal(response?.notes, [{ severity: "info", text: GIVEN }, ignored]);
  });
}

test("what people read above a field leads to its var, in the language of the request and in English", async ({
  at,
}) => {
  const why = (name: string): string => `${name}: no such field, it is called expires; ${FIELDS}`;
  const until = { [STRICT]: "true", until: "2027-01-31" };
  assert.is((await give(at, until)).error, `${REFUSED} ${why("until")}`);
  const { error } = await at.once(OWNER, "list-user-hats", { room: TEAM, who: BOB, [STRICT]: "1" });
  assert.is(error, `${REFUSED} who: no such field, it is called user; list-user-hats has room, user`);
});

test("fields of other namespaces are ignored, as is one that says the form's type", async ({ at }) => {
  const others = {
    [STRICT]: "1",
    "{http://example.org/ns}until": "x",
    "x-until": "y",
    FORM_TYPE: "urn:milliner:hats:0",
  };
  assert.is(noteIn(await give(at, others)), GIVEN);
});

test("a field that no stage asks for is taken", async ({ at }) => {
  const values = { [STRICT]: "1", room: TEAM, user: BOB, hats: "urn:x:a", titles: "urn:x:a Assistant" };
  assert.match(noteIn(await at.once(OWNER, "set-user-hats", values)) ?? "", /Assistant/);
});

test("rights come first", async ({ at }) => {
  assert.is(
    (await give(at, { [STRICT]: "1", until: "1d" }, STRANGER)).error,
    "cancel/forbidden: you may not do that here",
  );
});

test("step by step it is ignored", async ({ at }) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  assert.is(noteIn(await talk({ user: BOB, title: "Teacher", until: "7d", echo: "x" })), GIVEN);
});

test("XEP-0317's own commands ignore what they do not know", async ({ at }) => {
  const realJid = "alice@example.org" as BareJid;
  const inRoom = occupant(TEAM, "al", { affiliation: "owner", role: "moderator", realJid });
  const values = { [STRICT]: "1", "hats#title": "Teacher", "hats#icon": "x" };
  assert.match(noteIn(await at.once(inRoom, HAT_NODES.create, values)) ?? "", /has a new hat, “Teacher”/);
});

test.run();
