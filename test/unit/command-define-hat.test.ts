/** define-hat and list-hats: the catalogue, as people and scripts make it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { hueOf } from "../../src/stanza/hue.ts";
import { formIn, noteIn, tableIn, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("define-hat");

const TEACHER = "https://example.org/hats/teacher";
const MINTED = "urn:uuid:00000000-0000-4000-8000-000000000001";
const BOB = "bob@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

const define = (at: HatDesk, values: Values) => at.once(OWNER, "define-hat", { room: TEAM, ...values });
const catalogue = (at: HatDesk) => at.desk.roomHats(TEAM).hats;

test("a new title makes a hat, and the note ends with its URI", async ({ at }) => {
  assert.is(noteIn(await define(at, { title: "Teacher" })), `${TEAM} has a new hat, “Teacher”: ${MINTED}`);
  assert.equal(catalogue(at), { [MINTED]: { title: "Teacher" } });
});

test("a hat may be made with a URI of one's own, in a colour by name or number", async ({ at }) => {
  await define(at, { hat: TEACHER, title: "Teacher", hue: "Teal" });
  await define(at, { hat: "urn:x:host", title: "Host", hue: "171.430664" });
  assert.equal(catalogue(at), {
    [TEACHER]: { title: "Teacher", hue: 192.18 },
    "urn:x:host": { title: "Host", hue: 171.430664 },
  });
});

test("a title of the room's means that hat, whatever its case, and leaves its spelling", async ({ at }) => {
  await define(at, { title: "Teacher" });
  assert.is(
    noteIn(await define(at, { title: "TEACHER" })),
    `Nothing changed: ${TEAM} has “Teacher” as it was: ${MINTED}`,
  );
  assert.is(
    noteIn(await define(at, { title: "ｔeacher", hue: "red" })),
    `“Teacher” is changed in ${TEAM}: ${MINTED}`,
  );
  assert.equal(catalogue(at), { [MINTED]: { title: "Teacher", hue: 12.18 } });
});

test("a hat that is named gets another title, and keeps its colour", async ({ at }) => {
  await define(at, { title: "Teacher", hue: "30" });
  const renamed = await define(at, { hat: MINTED, title: "Lehrer" });
  assert.is(noteIn(renamed), `“Teacher” is now called “Lehrer” in ${TEAM}: ${MINTED}`);
  assert.equal(catalogue(at), { [MINTED]: { title: "Lehrer", hue: 30 } });
});

test("a colour that is emptied is the title's; one that is left out stays, also when the hat is renamed", async ({
  at,
}) => {
  await define(at, { title: "Teacher", hue: "30" });
  await define(at, { title: "Teacher" });
  assert.is(catalogue(at)[MINTED]?.hue, 30);
  await define(at, { title: "Teacher", hue: "" });
  assert.is(catalogue(at)[MINTED]?.hue, hueOf("Teacher"));
  await define(at, { hat: MINTED, title: "Board" });
  assert.is(catalogue(at)[MINTED]?.hue, hueOf("Teacher"));
  await define(at, { hat: MINTED, title: "Host", hue: "" });
  assert.is(catalogue(at)[MINTED]?.hue, hueOf("Host"));
});

test("a hat that was never given a colour keeps the one it is shown in when it is renamed", async ({
  at,
}) => {
  await define(at, { title: "Teacher", hue: "" });
  assert.equal(catalogue(at), { [MINTED]: { title: "Teacher" } });
  assert.match(noteIn(await define(at, { title: "Teacher", hue: "" })) ?? "", /^Nothing changed/);
  await define(at, { hat: MINTED, title: "Board" });
  assert.equal(catalogue(at), { [MINTED]: { title: "Board", hue: hueOf("Teacher") } });
});

test("step by step, a colour that is the title's own is left empty, so that it goes with the title", async ({
  at,
}) => {
  await define(at, { hat: TEACHER, title: "Teacher", hue: "30" });
  await define(at, { hat: TEACHER, title: "Teacher", hue: "" });
  const talk = at.talk(OWNER, "define-hat");
  await talk();
  assert.is(formIn(await talk({ hat: TEACHER })).fields[1]?.values, undefined);
  await talk({ title: "Board", hue: "" });
  assert.equal(catalogue(at), { [TEACHER]: { title: "Board", hue: hueOf("Board") } });
});

test("two hats may have one title by their URIs, and are told apart in lists", async ({ at }) => {
  await define(at, { hat: "urn:x:a", title: "Teacher" });
  await define(at, { hat: "urn:x:b", title: "Teacher" });
  const [hat] = formIn(await at.talk(OWNER, "define-hat")()).fields;
  assert.equal(
    hat?.options?.map(({ label }) => label),
    ["A new hat", "Teacher (urn:x:a)", "Teacher (urn:x:b)"],
  );
});

test("a person with another title for a hat keeps it when the hat is renamed", async ({ at }) => {
  await define(at, { hat: TEACHER, title: "Teacher" });
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Maths" });
  await define(at, { hat: TEACHER, title: "Lehrer" });
  assert.equal(at.hats(BOB), { [TEACHER]: { title: "Maths" } });
});

for (const [values, error] of [
  [{}, "title: missing"],
  [{ title: " " }, "title: missing"],
  [
    { title: "T", hat: "no uri" },
    "hat: “no uri” is neither the title of a hat of this room nor a URI; for a new hat give a title instead",
  ],
  [{ title: "T", hue: "361" }, "hue: not from 0 to 360"],
  [{ title: "T", hue: "grey" }, "hue: black, white and greys have no hue"],
  [{ title: "T", hue: "tael" }, "hue: neither a number from 0 to 360 nor the name of a colour, such as teal"],
  [{ title: "T".repeat(257) }, "title: longer than 256 characters"],
  [{ title: ["A", "B"] }, "title: more than one value"],
] as const) {
  test(`${JSON.stringify(values).slice(0, 40)} is bad-payload`, async ({ at }) => {
    const answer = await define(at, values);
    assert.is(answer.error, `modify/bad-request bad-payload: ${error}`);
    assert.equal(catalogue(at), {});
  });
}

test("step by step, in a room without hats one screen is enough", async ({ at }) => {
  const talk = at.talk(OWNER, "define-hat");
  const { fields } = formIn(await talk());
  assert.equal(
    fields.slice(0, 2).map((field) => [field.var, field.type, field.required, field.values]),
    [
      ["title", "text-single", true, undefined],
      ["hue", "text-single", undefined, undefined],
    ],
  );
  assert.is(noteIn(await talk({ title: "Teacher", hue: "" })), `${TEAM} has a new hat, “Teacher”: ${MINTED}`);
});

test("step by step, what a hat is like now stands in the form already", async ({ at }) => {
  await define(at, { hat: TEACHER, title: "Teacher", hue: "teal" });
  const talk = at.talk(OWNER, "define-hat");
  const [hat] = formIn(await talk()).fields;
  assert.equal(
    [hat?.type, hat?.values, hat?.options?.[0]],
    ["list-single", [" "], { label: "A new hat", value: " " }],
  );
  const { fields, instructions } = formIn(await talk({ hat: TEACHER }));
  assert.match(instructions ?? "", /^This is about “Teacher”\. Say what the hat is called/);
  assert.equal(
    fields.slice(0, 2).map((field) => [field.var, field.values]),
    [
      ["title", ["Teacher"]],
      ["hue", ["teal"]],
    ],
  );
  assert.is(
    noteIn(await talk({ title: "Teacher", hue: "teal" })),
    `Nothing changed: ${TEAM} has “Teacher” as it was: ${TEACHER}`,
  );
});

test("step by step, a mistake shows the form again with what was written", async ({ at }) => {
  const talk = at.talk(OWNER, "define-hat");
  await talk();
  const { instructions, fields } = formIn(await talk({ title: "Teacher", hue: "tael" }));
  assert.match(instructions ?? "", /^Not done\. Colour: neither a number from 0 to 360/);
  assert.equal(
    fields.slice(0, 2).map((field) => field.values),
    [["Teacher"], ["tael"]],
  );
  assert.is(
    noteIn(await talk({ title: "Teacher", hue: "teal" })),
    `${TEAM} has a new hat, “Teacher”: ${MINTED}`,
  );
});

test("step by step, going back and choosing another hat forgets what stood there for the first", async ({
  at,
}) => {
  await define(at, { hat: "urn:x:a", title: "A", hue: "red" });
  await define(at, { hat: "urn:x:b", title: "B" });
  const talk = at.talk(OWNER, "define-hat");
  await talk();
  await talk({ hat: "urn:x:a" });
  await talk({ title: "A2", hue: "red" }, "prev");
  const { fields } = formIn(await talk({ hat: "urn:x:b" }));
  assert.equal(
    fields.slice(0, 2).map((field) => field.values),
    [["B"], undefined],
  );
});

test("step by step, a new hat of a title that the room has leaves of that hat what was left empty", async ({
  at,
}) => {
  await define(at, { hat: TEACHER, title: "Teacher", hue: "100", "default-expires": "7d" });
  const fill = async (look: Record<string, string>) => {
    const talk = at.talk(OWNER, "define-hat");
    await talk();
    await talk({ hat: " " });
    return noteIn(await talk({ title: "teacher", hue: "", "default-expires": "", ...look }));
  };
  assert.is(await fill({}), `Nothing changed: ${TEAM} has “Teacher” as it was: ${TEACHER}`);
  await fill({ hue: "200" });
  await fill({ "default-expires": "1h" });
  assert.equal(catalogue(at), { [TEACHER]: { title: "Teacher", hue: 200, defaultExpires: 3600 } });
});

test("a title that looks like a URL is not put into the form", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "https://example.org" });
  const talk = at.talk(OWNER, "define-hat");
  await talk();
  assert.equal(formIn(await talk({ hat: TEACHER })).fields[0]?.values, undefined);
});

test("the history says who made the hat and by which command", async ({ at }) => {
  const told: unknown[] = [];
  at.desk.on("change", ({ author, command, changes }) => told.push([author.kind, command, changes.length]));
  await define(at, { title: "Teacher" });
  await define(at, { title: "Teacher" });
  assert.equal(told, [["account", "define-hat", 1]]);
});

test("of two who make a hat of one title at once, one makes it and the other finds it", async ({ at }) => {
  const notes = await Promise.all([define(at, { title: "Teacher" }), define(at, { title: "teacher" })]);
  assert.equal(
    notes.map((answer) => noteIn(answer)?.startsWith("Nothing changed")),
    [false, true],
  );
  assert.is(Object.keys(catalogue(at)).length, 1);
});

test("where the room cannot be told now, the note says that it will be", async ({ at }) => {
  const room = at.rooms.add(TEAM, { "alice@example.org": "owner" });
  room.isReachable = false;
  assert.match(
    noteIn(await define(at, { title: "Teacher" })) ?? "",
    /\nSaved; the room cannot be reached now/,
  );
  assert.not.match(noteIn(await define(at, { title: "Teacher" })) ?? "", /Saved/);
});

test("list-hats shows the hue that a hat has, else the one of its title", async ({ at }) => {
  await define(at, { hat: TEACHER, title: "Board" });
  await define(at, { hat: "urn:x:host", title: "Host", hue: "30" });
  const { rows } = tableIn(await at.once(MEMBER, "list-hats", { room: TEAM }));
  assert.equal(rows, [
    [TEACHER, "Board", "171.4", "0"],
    ["urn:x:host", "Host", "30", "0"],
  ]);
});

test("a hat that is known without a title may get one", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  const answer = await define(at, { hat: TEACHER, title: "Teacher" });
  assert.is(noteIn(answer), `“${TEACHER}” is now called “Teacher” in ${TEAM}: ${TEACHER}`);
  assert.is(
    at.desk
      .view()
      .room(TEAM as RoomJid)
      ?.hat(TEACHER as HatId)?.title,
    "Teacher",
  );
});

test.run();
