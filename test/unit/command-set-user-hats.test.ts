/** set-user-hats, step by step and in one stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formIn, noteIn } from "../support/engine.ts";
import { type HatDesk, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("set-user-hats");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const GUEST = "https://example.org/hats/guest";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
  const { desk } = context.at;
  await desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher", active: true, required: true });
  await desk.addUserHat(BOB, TEAM, HOST, { title: "Host" });
  await desk.addUserHat(CAROL, TEAM, GUEST, { title: "Guest", active: true });
});
test.after.each(({ at }) => at.close());

const set = (at: HatDesk, values: Record<string, string | string[]>) =>
  at.once(OWNER, "set-user-hats", { room: TEAM, user: BOB, ...values });

test("what is named is all there is afterwards: added, changed, removed", async ({ at }) => {
  const answer = await set(at, { hats: [GUEST, TEACHER] });
  assert.equal(noteIn(answer)?.split("\n"), [
    `${BOB} now has “Guest” in ${TEAM}.`,
    `Changed: ${BOB} now has “Teacher” in ${TEAM}.`,
    `${BOB} no longer has “Host” in ${TEAM}.`,
  ]);
  assert.equal(at.hats(BOB), {
    [GUEST]: { active: true, required: false },
    [TEACHER]: { active: true, required: false, title: "Teacher" },
  });
});

test("the same hats in the same way change nothing", async ({ at }) => {
  const answer = await set(at, { hats: [HOST, TEACHER], "hidden-hats": HOST, "required-hats": TEACHER });
  assert.is(noteIn(answer), `Nothing changed: ${BOB} has “Host” and “Teacher” in ${TEAM} as before.`);
});

test("one-shot: hats must be there, and an empty value means none", async ({ at }) => {
  const missing = "modify/bad-request bad-payload: hats: missing; an empty value means none";
  assert.is((await set(at, {})).error, missing);
  assert.is(noteIn(await set(at, { hats: "" })), `${BOB} no longer has “Host” and “Teacher” in ${TEAM}.`);
  assert.equal(at.hats(BOB), {});
  assert.is(noteIn(await set(at, { hats: [] })), `Nothing changed: ${BOB} has no hats in ${TEAM}.`);
});

test("hidden and required hats must be among the hats", async ({ at }) => {
  for (const part of ["hidden-hats", "required-hats"]) {
    assert.is(
      (await set(at, { hats: TEACHER, [part]: [TEACHER, HOST] })).error,
      `modify/bad-request bad-payload: ${part}: holds a hat that is not among the hats`,
    );
  }
});

test("titles are a URI and a title a line; without a line the wearer's title stays", async ({ at }) => {
  await set(at, { hats: [TEACHER, HOST], titles: `${HOST} Host of the evening` });
  assert.equal(at.hats(BOB), {
    [TEACHER]: { active: true, required: false, title: "Teacher" },
    [HOST]: { active: true, required: false, title: "Host of the evening" },
  });
  const refused = async (titles: string) => (await set(at, { hats: HOST, titles })).error;
  const bad = "modify/bad-request bad-payload: titles:";
  assert.is(await refused("Host"), `${bad} not a URI, a space and a title`);
  assert.is(await refused(`${TEACHER} T`), `${bad} names a hat that is not among the hats`);
  assert.is((await set(at, { hats: HOST, titles: [`${HOST} A`, `${HOST}  A`] })).error, undefined);
  assert.is(
    (await set(at, { hats: HOST, titles: [`${HOST} A`, `${HOST} B`] })).error,
    `${bad} says otherwise what ${HOST} A says of the same hat; leave one of them out`,
  );
});

test("a hat that a title line names by its title is no URI, and not said to be missing", async ({ at }) => {
  assert.is(
    (await set(at, { hats: "Host", titles: "Host Host of the evening" })).error,
    "modify/bad-request bad-payload: titles: not a URI, a space and a title",
  );
});

test("more hats than one person may have is a mistake of the field that names them", async ({ at }) => {
  const hats = Array.from({ length: 101 }, (_, index) => `urn:x:${index}`);
  const refused = "hats: nobody may have more than 100 hats in a room";
  assert.is((await set(at, { hats })).error, `modify/bad-request bad-payload: ${refused}`);
});

test("a title that is the wearer's own is the one that the answer names, as the table does", async ({
  at,
}) => {
  await set(at, { hats: [TEACHER, HOST] });
  const answer = await set(at, { hats: [TEACHER, HOST], titles: `${HOST} Host of the evening` });
  assert.is(noteIn(answer), `Changed: ${BOB} now has “Host of the evening” in ${TEAM}.`);
});

test("several people are set alike, each keeping their own titles", async ({ at }) => {
  await at.desk.addUserHat(CAROL, TEAM, HOST, { title: "Hostess" });
  await set(at, { user: [BOB, CAROL], hats: HOST, "required-hats": HOST });
  assert.equal(at.hats(BOB), { [HOST]: { active: true, required: true, title: "Host" } });
  assert.equal(at.hats(CAROL), { [HOST]: { active: true, required: true, title: "Hostess" } });
});

test("of several people all are set or none", async ({ at }) => {
  const answer = await set(at, { user: [BOB, "eve@example.org"], hats: "" });
  assert.is(answer.error, "cancel/item-not-found: user not affiliated with room: eve@example.org");
  assert.is(Object.keys(at.hats(BOB)).length, 2);
});

test("for one person, what is set now is chosen already", async ({ at }) => {
  const talk = at.talk(OWNER, "set-user-hats");
  assert.equal(
    formIn(await talk()).fields.map((field) => field.var),
    ["user"],
  );
  const { fields } = formIn(await talk({ user: BOB }));
  assert.equal(
    fields.map((field) => [field.var, field.type, field.required, field.values]),
    [
      ["hats", "list-multi", undefined, [HOST, TEACHER]],
      ["hidden-hats", "list-multi", undefined, [HOST]],
      ["required-hats", "list-multi", undefined, [TEACHER]],
      ["reason", "text-single", undefined, undefined],
    ],
  );
  assert.equal(
    fields[0]?.options?.map(({ label }) => label),
    ["Guest", "Host", "Teacher"],
  );
});

test("for several people, nothing is chosen", async ({ at }) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  const { fields } = formIn(await talk({ user: [BOB, CAROL] }));
  assert.equal(
    fields.map(({ values }) => values),
    [undefined, undefined, undefined, undefined],
  );
});

test("step by step, absent lists mean that nothing was chosen", async ({ at }) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  await talk({ user: BOB });
  assert.is(noteIn(await talk({ reason: "" })), `${BOB} no longer has “Host” and “Teacher” in ${TEAM}.`);
});

test("step by step, a submit without a form or with that of another stage takes nothing away", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  await talk({ user: BOB }, "next");
  for (const answer of [await talk(undefined, "complete"), await talk({ user: BOB }, "next")]) {
    assert.equal(formIn(answer).fields[0]?.values, [HOST, TEACHER]);
  }
  assert.is(Object.keys(at.hats(BOB)).length, 2);
});

test("step by step, a hat that was retired meanwhile does not come back without its title", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  await talk({ user: CAROL });
  await at.once(OWNER, "retire-hat", { room: TEAM, hat: HOST });
  for (const attempt of ["first", "second"]) {
    const { instructions = "", fields } = formIn(await talk({ hats: [GUEST, HOST] }));
    assert.match(instructions, /^Not done\. .*: no hat of this room\./, attempt);
    assert.equal(fields[0]?.values, [GUEST]);
  }
  assert.not.ok(HOST in at.desk.roomHats(TEAM).hats);
  assert.is((await talk({ hats: [GUEST] })).response?.status, "completed");
});

test("step by step, a mistake keeps what was chosen", async ({ at }) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  await talk({ user: BOB });
  const again = await talk({ hats: [GUEST], "hidden-hats": [HOST], "required-hats": [] });
  const { fields, instructions } = formIn(again);
  assert.match(instructions ?? "", /^Not done\. Not shown: holds a hat that is not among the hats\./);
  assert.equal(
    fields.map(({ values }) => values),
    [[GUEST], [HOST], undefined, undefined],
  );
});

test("what was chosen for one person is not chosen for the next, after going back", async ({ at }) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  await talk({ user: BOB });
  await talk({ hats: [TEACHER, HOST, GUEST] }, "prev");
  assert.equal(formIn(await talk({ user: CAROL })).fields[0]?.values, [GUEST]);
});

test("somebody without an affiliation shows the form again before any hats are asked", async ({ at }) => {
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  const again = await talk({ user: "eve@example.org" });
  assert.equal(
    formIn(again).fields.map((field) => field.var),
    ["user"],
  );
  assert.match(formIn(again).instructions ?? "", /^Not done: user not affiliated with room\./);
});

test("somebody whose hats do not all fit a form is not asked: what is not shown would be taken away", async ({
  at,
}) => {
  const many = Array.from({ length: 40 }, (_, index) => [`urn:x:${"y".repeat(900)}${index}`, {}]);
  await at.desk.setUserHats(BOB, TEAM, Object.fromEntries(many));
  const talk = at.talk(OWNER, "set-user-hats");
  await talk();
  const again = formIn(await talk({ user: BOB }));
  assert.equal(
    again.fields.map((field) => field.var),
    ["user"],
  );
  assert.match(again.instructions ?? "", /^Not done\. Who: has more hats than fit a form\./);
});

test("a hat that the room does not know enters its catalogue", async ({ at }) => {
  await set(at, { hats: "urn:x:new", titles: "urn:x:new Brand new" });
  assert.equal(at.desk.roomHats(TEAM).hats["urn:x:new"], { title: "Brand new" });
});

test.run();
