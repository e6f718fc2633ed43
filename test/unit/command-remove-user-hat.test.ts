/** remove-user-hat, step by step and in one stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { account, formIn, noteIn, type Received } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("remove-user-hat");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
  const { desk } = context.at;
  await desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher" });
  await desk.addUserHat(BOB, TEAM, HOST, { title: "Host" });
  await desk.addUserHat("carol@example.org", TEAM, TEACHER);
});
test.after.each(({ at }) => at.close());

const take = (at: HatDesk, values: Record<string, string | string[]>, source = OWNER) =>
  at.once(source, "remove-user-hat", { room: TEAM, user: BOB, hat: TEACHER, ...values });

const shown = (answer: Received) =>
  formIn(answer)
    .fields.map((field) => `${field.var} ${field.type}`)
    .join(", ");

test("a hat is taken away, and the others stay", async ({ at }) => {
  assert.is(noteIn(await take(at, {})), `${BOB} no longer has “Teacher” in ${TEAM}.`);
  assert.equal(Object.keys(at.hats(BOB)), [HOST]);
});

test("a hat that is not worn is nothing changed, also one that the room never had", async ({ at }) => {
  assert.is(
    noteIn(await take(at, { user: "carol@example.org", hat: HOST })),
    `Nothing changed: carol@example.org does not have “Host” in ${TEAM}.`,
  );
  assert.is(
    noteIn(await take(at, { hat: "urn:x:never" })),
    `Nothing changed: ${BOB} does not have “urn:x:never” in ${TEAM}.`,
  );
});

test("several people lose it together, a line each", async ({ at }) => {
  const answer = await take(at, { user: [BOB, "carol@example.org", "dave@example.org"] });
  assert.equal(noteIn(answer)?.split("\n"), [
    `${BOB} no longer has “Teacher” in ${TEAM}.`,
    `carol@example.org no longer has “Teacher” in ${TEAM}.`,
    `Nothing changed: dave@example.org does not have “Teacher” in ${TEAM}.`,
  ]);
});

test("the hat is missing, not a URI, or more than one: bad-payload", async ({ at }) => {
  const refused = async (hat: string | string[]) => (await take(at, { hat })).error;
  assert.is(await refused([]), "modify/bad-request bad-payload: hat: missing");
  assert.is(await refused([TEACHER, HOST]), "modify/bad-request bad-payload: hat: more than one value");
  assert.match((await refused("Tutor")) ?? "", /bad-payload: hat: “Tutor” is neither the title of a hat/);
});

test("somebody without an affiliation is item-not-found", async ({ at }) => {
  const answer = await take(at, { user: "eve@example.org" });
  assert.is(answer.error, "cancel/item-not-found: user not affiliated with room");
});

test("the person is asked first, then which of their hats", async ({ at }) => {
  const talk = at.talk(OWNER, "remove-user-hat");
  assert.is(shown(await talk()), "user list-multi");
  const second = await talk({ user: BOB });
  assert.is(shown(second), "hat list-single, reason text-single");
  assert.match(formIn(second).instructions ?? "", /^This is about bob@example\.org\. Choose the hat/);
  assert.equal(formIn(second).fields[0]?.options, [
    { label: "Host", value: HOST },
    { label: "Teacher", value: TEACHER },
  ]);
  assert.is(noteIn(await talk({ hat: TEACHER })), `${BOB} no longer has “Teacher” in ${TEAM}.`);
});

const offered = (answer: Received) => formIn(answer).fields[0]?.options?.map(({ value }) => value);

test("only who has a hat is offered, and where nobody has one that is said at once", async ({ at }) => {
  assert.equal(offered(await at.talk(OWNER, "remove-user-hat")()), [BOB, "carol@example.org"]);
  await at.desk.retireHat(TEAM, TEACHER);
  assert.equal(offered(await at.talk(OWNER, "remove-user-hat")()), [BOB]);
  await at.desk.retireHat(TEAM, HOST);
  assert.is(noteIn(await at.talk(OWNER, "remove-user-hat")()), `Nobody has a hat in ${TEAM}.`);
  const unworn = { room: TEAM, user: BOB, hat: HOST };
  assert.match(noteIn(await at.once(OWNER, "remove-user-hat", unworn)) ?? "", /^Nothing changed:/);
});

test("to whom a hat is delegated, those who are here and have it are offered", async ({ at }) => {
  at.rooms.enter(TEAM, { nick: "Bobby", realJid: BOB });
  at.rooms.enter(TEAM, { nick: "Cat", realJid: "carol@example.org" });
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: HOST, user: "dave@example.org" });
  const dave = account("dave@example.org/x");
  assert.equal(offered(await at.talk(dave, "remove-user-hat")()), [`${TEAM}/Bobby`]);
});

test("of several people, the hats of any of them are offered", async ({ at }) => {
  const talk = at.talk(OWNER, "remove-user-hat");
  await talk();
  const second = await talk({ user: ["carol@example.org", BOB] });
  assert.equal(
    formIn(second).fields[0]?.options?.map(({ label }) => label),
    ["Host", "Teacher"],
  );
});

test("somebody without hats shows the form again", async ({ at }) => {
  const talk = at.talk(OWNER, "remove-user-hat");
  await talk();
  const again = await talk({ user: "dave@example.org" });
  assert.is(shown(again), "user list-multi");
  assert.match(formIn(again).instructions ?? "", /^Not done\. Who: has no hat to take away\./);
});

test("after going back to another person, the hat of the first is not chosen", async ({ at }) => {
  const talk = at.talk(OWNER, "remove-user-hat");
  await talk();
  await talk({ user: BOB });
  await talk({ hat: TEACHER }, "prev");
  const second = await talk({ user: "carol@example.org" });
  assert.is(formIn(second).fields[0]?.values, undefined);
});

test("a member may not take hats away", async ({ at }) => {
  assert.is((await take(at, {}, MEMBER)).error, "cancel/forbidden: you may not do that here");
  assert.equal(Object.keys(at.hats(BOB)).length, 2);
});

test.run();
