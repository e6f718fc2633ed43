/** A hat that is named by its title: in one stanza, wherever a hat of the room is asked for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { noteIn, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const BOB = "bob@example.org";
const TEACHER = "urn:x:teacher";
const REFUSED = "modify/bad-request bad-payload:";
const NEITHER = "neither the title of a hat of this room nor a URI";

const test = suite<{ at: HatDesk }>("a hat by its title");

test.before.each(async (context) => {
  const { desk } = (context.at = await openHatDesk());
  await desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher", active: true });
  await desk.addUserHat(BOB, TEAM, "urn:x:b", { title: "Host" });
  await desk.addUserHat(BOB, TEAM, "urn:x:a", { title: "host" });
});
test.after.each(({ at }) => at.close());

const run = (at: HatDesk, node: string, values: Values, source = OWNER) =>
  at.once(source, node, { room: TEAM, ...values });

const NAMED: readonly [string, Values][] = [
  ["add-user-hat", { user: "carol@example.org", hat: "teacher" }],
  ["remove-user-hat", { user: BOB, hat: "ＴＥＡＣＨＥＲ" }],
  ["delegate-hat", { hat: "Teacher", user: BOB }],
  ["define-hat", { hat: "Teacher", title: "Professor" }],
  ["retire-hat", { hat: " Teacher " }],
];

for (const [node, values] of NAMED) {
  test(`${node} takes ${String(values["hat"])}`, async ({ at }) => {
    const before = JSON.stringify(at.desk.roomHats(TEAM).hats);
    assert.match(noteIn(await run(at, node, values)) ?? "", /“(?:Teacher|Professor)”/);
    const after = at.desk.roomHats(TEAM).hats;
    if (node !== "define-hat" && node !== "retire-hat") assert.is(JSON.stringify(after), before);
    else assert.is(after[TEACHER]?.title, node === "define-hat" ? "Professor" : undefined);
  });

  test(`${node} refuses a title of several hats, and names them`, async ({ at }) => {
    assert.is(
      (await run(at, node, { ...values, hat: "HOST" })).error,
      `${REFUSED} hat: several hats of this room have the title “HOST”; give one of urn:x:a, urn:x:b`,
    );
  });

  test(`${node} refuses a title of none, and says what to do`, async ({ at }) => {
    const makesHats = node === "add-user-hat" || node === "define-hat";
    const mend = makesHats ? "for a new hat give a title instead" : "list-hats shows both";
    assert.is(
      (await run(at, node, { ...values, hat: "Tutor" })).error,
      `${REFUSED} hat: “Tutor” is ${NEITHER}; ${mend}`,
    );
  });
}

test("set-user-hats takes titles among its hats, also of those that are hidden and required", async ({
  at,
}) => {
  const values = {
    user: BOB,
    hats: ["Teacher", "urn:x:a"],
    "hidden-hats": "teacher",
    "required-hats": TEACHER,
  };
  await run(at, "set-user-hats", values);
  assert.equal(at.hats(BOB)[TEACHER], { active: false, required: true, title: "Teacher" });
  const refused = await run(at, "set-user-hats", { ...values, hats: "Tutor" });
  assert.is(refused.error, `${REFUSED} hats: “Tutor” is ${NEITHER}; list-hats shows both`);
});

test("my-hats and hat-history take titles too", async ({ at }) => {
  assert.match(noteIn(await run(at, "my-hats", { "shown-hats": "Teacher" }, MEMBER)) ?? "", /“Teacher”/);
  assert.match(noteIn(await run(at, "hat-history", { hat: "Teacher" })) ?? "", /Teacher/);
});

test("to whom a hat is delegated may name it by its title, and no other", async ({ at }) => {
  await run(at, "delegate-hat", { hat: "Teacher", user: BOB });
  await at.desk.addUserHat("carol@example.org", TEAM, TEACHER);
  at.rooms.enter(TEAM, { nick: "Carol", realJid: "carol@example.org" });
  const take = (hat: string) => run(at, "remove-user-hat", { user: `${TEAM}/Carol`, hat }, MEMBER);
  for (const hat of ["Host", "Tutor", "urn:x:a"]) {
    assert.is((await take(hat)).error, "cancel/forbidden: you may not do that here");
  }
  assert.match(noteIn(await take("teacher")) ?? "", /^Carol no longer has “Teacher”/);
});

test.run();
