/** my-hats: what people do with their own hats. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { account, formIn, noteIn, occupant, send, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("my-hats");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";
const OTHER = "other@rooms.example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
  await context.at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher", active: true, required: true });
  await context.at.desk.addUserHat(BOB, TEAM, HOST, { title: "Hostess" });
});
test.after.each(({ at }) => at.close());

const show = (at: HatDesk, values: Values) => at.once(MEMBER, "my-hats", { room: TEAM, ...values });

test("one screen offers the own hats by the titles they are worn under, those worn now chosen", async ({
  at,
}) => {
  const talk = at.talk(MEMBER, "my-hats");
  const answer = await talk();
  const [field, ...others] = formIn(answer).fields;
  assert.equal(others, []);
  assert.equal(
    [field?.var, field?.type, field?.required, field?.values],
    ["shown-hats", "list-multi", undefined, [TEACHER]],
  );
  assert.equal(field?.options, [
    { label: "Hostess", value: HOST },
    { label: "Teacher", value: TEACHER },
  ]);
  assert.is(noteIn(await talk({ "shown-hats": [HOST, TEACHER] })), `You now wear “Hostess” in ${TEAM}.`);
  assert.equal(at.hats(BOB), {
    [HOST]: { active: true, title: "Hostess" },
    [TEACHER]: { active: true, required: true, title: "Teacher" },
  });
});

test("a required hat cannot be taken off: the form again, and bad-payload in one stanza", async ({ at }) => {
  const talk = at.talk(MEMBER, "my-hats");
  await talk();
  const again = formIn(await talk({ "shown-hats": [HOST] }));
  assert.match(
    again.instructions ?? "",
    /^Not done\. Hats to wear: you may not take off “Teacher”, it is required\. /,
  );
  assert.equal(again.fields[0]?.values, [HOST]);
  assert.is(
    (await show(at, { "shown-hats": "" })).error,
    "modify/bad-request bad-payload: shown-hats: you may not take off “Teacher”, it is required",
  );
  assert.equal(at.hats(BOB)[TEACHER], { active: true, required: true, title: "Teacher" });
});

test("what is taken off stays one's own", async ({ at }) => {
  await show(at, { "shown-hats": [HOST, TEACHER] });
  assert.is(noteIn(await show(at, { "shown-hats": [TEACHER] })), `You no longer wear “Hostess” in ${TEAM}.`);
  assert.equal(at.hats(BOB)[HOST], { active: false, title: "Hostess" });
});

test("nothing changed is said, and not written", async ({ at }) => {
  let changes = 0;
  at.desk.on("change", () => (changes += 1));
  assert.is(
    noteIn(await show(at, { "shown-hats": [TEACHER] })),
    `Nothing changed: you wear “Teacher” in ${TEAM}.`,
  );
  assert.is(changes, 0);
});

test("in one stanza shown-hats must be there, and an empty value means none", async ({ at }) => {
  assert.is(
    (await show(at, {})).error,
    "modify/bad-request bad-payload: shown-hats: missing; an empty value means none",
  );
  await at.desk.setUserHats(BOB, TEAM, { [HOST]: { active: true, title: "Host" } });
  for (const none of ["", []]) {
    await at.desk.addUserHat(BOB, TEAM, HOST, { active: true, title: "Host" });
    assert.match(noteIn(await show(at, { "shown-hats": none })) ?? "", /^You no longer wear “Host”/);
  }
  assert.is(
    noteIn(await show(at, { "shown-hats": "" })),
    `Nothing changed: you wear none of your hats in ${TEAM}.`,
  );
});

test("a hat that was not granted cannot be put on", async ({ at }) => {
  await at.desk.addUserHat("carol@example.org", TEAM, "urn:x:other", { title: "Other" });
  for (const hat of ["urn:x:other", "urn:x:unknown", "Other"]) {
    assert.is(
      (await show(at, { "shown-hats": [TEACHER, hat] })).error,
      "modify/bad-request bad-payload: shown-hats: names a hat that you do not have",
    );
  }
});

test("whoever has no hats is told so, at once", async ({ at }) => {
  const carol = account("carol@example.org/x");
  assert.is(noteIn(await send(at.engine, carol, { node: "my-hats" })), `You have no hats in ${TEAM}.`);
  assert.is(
    noteIn(await at.once(carol, "my-hats", { room: TEAM, "shown-hats": "" })),
    `You have no hats in ${TEAM}.`,
  );
});

test("in the room it works for whoever the room shows to the bot, and names nobody else", async ({ at }) => {
  const bobby = at.rooms.enter(TEAM, { nick: "bobby", realJid: BOB });
  const source = occupant(TEAM, "bobby", { ...bobby, affiliation: "member" });
  const talk = at.talk(source, "my-hats");
  assert.is(formIn(await talk()).fields[0]?.options?.length, 2);
  assert.is(noteIn(await talk({ "shown-hats": [HOST, TEACHER] })), `You now wear “Hostess” in ${TEAM}.`);
});

test("an occupant whom the bot cannot know is told why, and where else to ask", async ({ at }) => {
  const hidden = occupant(TEAM, "bobby", { affiliation: "member", realJid: undefined });
  for (const answer of [
    await send(at.engine, hidden, { node: "my-hats" }),
    await at.once(hidden, "my-hats", { "shown-hats": "" }),
  ]) {
    assert.match(
      answer.error ?? "",
      /^cancel\/not-allowed: make me an owner of this room, .* your own address$/,
    );
  }
});

test("somebody in two rooms is asked which, and changes the hats of that one only", async ({ at }) => {
  at.rooms.add(OTHER, { [BOB]: "member" });
  await at.desk.addUserHat(BOB, OTHER, HOST, { title: "Host" });
  const talk = at.talk(MEMBER, "my-hats");
  assert.equal(
    formIn(await talk()).fields.map((field) => field.var),
    ["room"],
  );
  assert.equal(formIn(await talk({ room: OTHER })).fields[0]?.options, [{ label: "Host", value: HOST }]);
  await talk({ "shown-hats": HOST });
  assert.equal(at.hats(BOB, OTHER), { [HOST]: { active: true, title: "Host" } });
  assert.equal(at.hats(BOB)[HOST], { title: "Hostess" });
});

test("it is put down to the wearer and the command", async ({ at }) => {
  const told: unknown[] = [];
  at.desk.on("change", ({ author, command }) =>
    told.push([author.kind === "account" && author.jid, command]),
  );
  await show(at, { "shown-hats": [HOST, TEACHER] });
  assert.equal(told, [[BOB, "my-hats"]]);
});

test("a config admin without an affiliation has no hats there", async ({ at }) => {
  assert.is(
    (await at.once(OPERATOR, "my-hats", { room: TEAM, "shown-hats": "" })).error,
    "cancel/item-not-found: user not affiliated with room",
  );
});

test("whoever loses the affiliation while the room is asked shows nothing any more", async ({ at }) => {
  const asking = at.rooms.affiliation.bind(at.rooms);
  let asked = 0;
  at.rooms.affiliation = async (room, user) => {
    const known = await asking(room, user);
    asked += 1;
    if (asked === 2) at.rooms.add(TEAM, {}).affiliations.set(BOB as BareJid, "none");
    return known;
  };
  assert.is(
    (await show(at, { "shown-hats": [HOST, TEACHER] })).error,
    "cancel/forbidden: you may not do that here",
  );
});

test.run();
