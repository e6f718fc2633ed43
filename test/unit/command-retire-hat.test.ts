/** retire-hat: what it asks, and what is gone afterwards. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formIn, noteIn, type Values } from "../support/engine.ts";
import { type HatDesk, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("retire-hat");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
  await context.at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher", active: true, required: true });
  await context.at.desk.addUserHat(CAROL, TEAM, TEACHER);
  await context.at.desk.addUserHat(CAROL, TEAM, HOST, { title: "Host" });
});
test.after.each(({ at }) => at.close());

const retire = (at: HatDesk, values: Values) => at.once(OWNER, "retire-hat", { room: TEAM, ...values });

test("in one stanza the hat is gone at once, and the note says who had it", async ({ at }) => {
  const answer = await retire(at, { hat: TEACHER });
  assert.is(
    noteIn(answer),
    `“Teacher” is no longer a hat of ${TEAM}; it was taken from ${BOB} and ${CAROL}.`,
  );
  assert.equal(at.desk.roomHats(TEAM), {
    hats: { [HOST]: { title: "Host" } },
    users: { [CAROL]: { hats: { [HOST]: { title: "Host" } } } },
  });
});

test("it is one change, put down to the command", async ({ at }) => {
  const told: unknown[] = [];
  at.desk.on("change", ({ command, changes }) =>
    told.push([command, changes.map(({ kind }) => kind).toSorted()]),
  );
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: CAROL });
  await retire(at, { hat: TEACHER });
  assert.equal(told, [
    ["delegate-hat", ["grant"]],
    ["retire-hat", ["grant", "hat", "user", "user"]],
  ]);
});

test("whoever has left the room is no obstacle, and loses the hat too", async ({ at }) => {
  at.rooms.add(TEAM, { "alice@example.org": "owner", [CAROL]: "member" });
  await retire(at, { hat: TEACHER });
  assert.equal(at.hats(BOB), {});
});

test("step by step, the last stage names the wearers and changes nothing before it is confirmed", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "retire-hat");
  const [hat] = formIn(await talk()).fields;
  assert.equal(
    [hat?.var, hat?.type, hat?.required, hat?.options?.map(({ label }) => label)],
    ["hat", "list-single", true, ["Host", "Teacher"]],
  );
  const asked = await talk({ hat: TEACHER });
  const { instructions, fields } = formIn(asked);
  assert.is(
    instructions,
    `Wearers of “Teacher”: ${BOB} and ${CAROL}. Go on to take it off everybody and to strike it from the room's hats.`,
  );
  assert.equal(fields, []);
  assert.equal(asked.response?.actions, { execute: "complete", offered: ["prev", "complete"] });
  assert.is(asked.response?.notes.length, 0);
  assert.is(Object.keys(at.hats(BOB)).length, 1);
  assert.match(noteIn(await talk({}, "complete")) ?? "", /^“Teacher” is no longer a hat/);
  assert.equal(at.hats(BOB), {});
});

test("step by step, neither a submit without a form nor the choice sent twice is a confirmation", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "retire-hat");
  await talk();
  await talk({ hat: TEACHER });
  for (const again of [await talk(undefined, "complete"), await talk({ hat: TEACHER }, "next")]) {
    assert.match(formIn(again).instructions ?? "", /^Wearers of “Teacher”/);
  }
  assert.is(Object.keys(at.hats(BOB)).length, 1);
});

test("step by step, prev leads back to the choice, cancel to nothing", async ({ at }) => {
  const talk = at.talk(OWNER, "retire-hat");
  await talk();
  await talk({ hat: TEACHER });
  assert.equal(formIn(await talk(undefined, "prev")).fields[0]?.values, [TEACHER]);
  await talk({ hat: HOST });
  assert.is((await talk(undefined, "cancel")).response?.status, "canceled");
  assert.equal(Object.keys(at.desk.roomHats(TEAM).hats).toSorted(), [HOST, TEACHER]);
});

test("of many wearers the first ten are named, and how many more there are", async ({ at }) => {
  const many = Array.from({ length: 12 }, (_, index) => `u${String(index).padStart(2, "0")}@example.org`);
  at.rooms.add(TEAM, {
    "alice@example.org": "owner",
    ...Object.fromEntries(many.map((user) => [user, "member"])),
  });
  const firstTen = many.slice(0, 10).join(", ");
  for (const [count, named] of [
    [12, `${firstTen}, and 2 more`],
    [10, firstTen.replace(/, ([^,]+)$/, ", and $1")],
  ] as const) {
    for (const user of many.slice(0, count))
      await at.desk.addUserHat(user, TEAM, "urn:x:many", { title: "Many" });
    const answer = await retire(at, { hat: "urn:x:many" });
    assert.is(noteIn(answer), `“Many” is no longer a hat of ${TEAM}; it was taken from ${named}.`);
  }
});

test("a hat that nobody has is retired like any other", async ({ at }) => {
  await at.desk.setUserHats(CAROL, TEAM, {});
  const talk = at.talk(OWNER, "retire-hat");
  await talk();
  assert.match(formIn(await talk({ hat: HOST })).instructions ?? "", /^Nobody has “Host”\. /);
  assert.is(noteIn(await talk({})), `“Host” is no longer a hat of ${TEAM}; nobody had it.`);
});

for (const [values, error] of [
  [{ hat: "" }, "hat: missing"],
  [{ hat: "urn:x:none" }, "hat: no hat of this room"],
  [{ hat: "none" }, "hat: “none” is neither the title of a hat of this room nor a URI; list-hats shows both"],
] as const) {
  test(`${JSON.stringify(values)} is bad-payload, and step by step the form again`, async ({ at }) => {
    assert.is((await retire(at, values)).error, `modify/bad-request bad-payload: ${error}`);
    const talk = at.talk(OWNER, "retire-hat");
    await talk();
    const { instructions } = formIn(await talk(values));
    assert.is(instructions, `Not done. H${error.slice(1)}. Choose the hat that nobody shall have any more.`);
  });
}

test("a hat that somebody else retired meanwhile is a mistake that can be mended", async ({ at }) => {
  const talk = at.talk(OWNER, "retire-hat");
  await talk();
  await talk({ hat: TEACHER });
  await retire(at, { hat: TEACHER });
  assert.match((await talk({})).error ?? formIn(await talk({})).instructions ?? "", /no hat of this room/);
});

test("a hat that is given again after it was retired is a new one without its past", async ({ at }) => {
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, members: "1" });
  await retire(at, { hat: TEACHER });
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  assert.equal(at.desk.roomHats(TEAM).hats[TEACHER], {});
  assert.is(at.desk.durableRoom(TEAM as never).grants.size, 0);
});

test("step by step in a room without hats there is nothing to choose, and that is said", async ({ at }) => {
  at.rooms.remove(TEAM);
  at.rooms.add("empty@rooms.example.org", { "alice@example.org": "owner" });
  const answer = await at.talk(OWNER, "retire-hat")();
  assert.is(noteIn(answer), "empty@rooms.example.org has no hats yet.");
  const atOnce = await at.once(OWNER, "retire-hat", { room: "empty@rooms.example.org" });
  assert.is(atOnce.error, "modify/bad-request bad-payload: hat: missing");
});

test.run();
