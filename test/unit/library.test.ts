/** The package as a program that embeds the desk imports it. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type AffiliationSource,
  type ChangeEvent,
  HatsError,
  type HistoryQuestion,
  openDesk,
} from "../../src/index.ts";
import { assertRejects } from "../support/assert-rejects.ts";

const ROOM = "team@rooms.example.org";
const BOB = "bob@example.org";
const TEACHER = "https://example.org/hats/teacher";
const NO_HAT_ID = "not an absolute URI, such as https://example.org/hats/teacher";

const library = suite<{ data: string }>("the library");

library.before.each((scene) => {
  scene.data = mkdtempSync(join(tmpdir(), "milliner-library-"));
});

library.after.each(({ data }) => rmSync(data, { recursive: true }));

const affiliations: AffiliationSource = {
  isKept: (room) => room === ROOM,
  affiliation: (_, user) => Promise.resolve(user === BOB ? "member" : "none"),
};

library("gives, sets and takes hats, and tells each change once", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  const events: ChangeEvent[] = [];
  desk.on("change", (event) => events.push(event));
  assert.equal(await desk.addUserHat("Bob@example.org/phone", ROOM, TEACHER, { active: true }), {
    changed: true,
  });
  assert.equal(await desk.addUserHat(BOB, ROOM, TEACHER, { active: true }), { changed: false });
  assert.equal(desk.userHats(BOB, ROOM), { [TEACHER]: { active: true } });
  assert.equal(await desk.setUserHats(BOB, ROOM, { "x:other": {} }), { changed: true });
  assert.equal(await desk.removeUserHat(BOB, ROOM, "x:other"), { changed: true });
  assert.equal(desk.userHats(BOB, ROOM), {});
  assert.equal(
    events.map(({ seq }) => seq),
    [1, 2, 3],
  );
  await desk.close();
});

library("keeps everything over a restart", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  await desk.addUserHat(BOB, ROOM, TEACHER, { required: true, title: "Teacher" });
  await desk.close();
  const again = await openDesk({ data, affiliations });
  assert.equal(again.userHats(BOB, ROOM), { [TEACHER]: { required: true, title: "Teacher" } });
  assert.equal(again.roomHats(ROOM).hats, { [TEACHER]: { title: "Teacher" } });
  await again.close();
});

library("refuses with code, type, condition and text", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  const refusals: [Promise<unknown>, string, string][] = [
    [desk.addUserHat(BOB, "other@rooms.example.org", TEACHER), "no-such-room", "no such room"],
    [desk.addUserHat("eve@example.org", ROOM, TEACHER), "not-affiliated", "user not affiliated with room"],
  ];
  for (const [call, code, text] of refusals) {
    const error = await call.catch((reason: unknown) => reason);
    assert.instance(error, HatsError);
    if (!(error instanceof HatsError)) continue;
    assert.is(error.code, code);
    assert.is(error.type, "cancel");
    assert.is(error.condition, "item-not-found");
    assert.is(error.text, text);
  }
  await desk.close();
});

library("tells of the past by plain JIDs and hat ids, prepared as all others are", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  await desk.addUserHat(BOB, ROOM, TEACHER);
  await desk.addUserHat(BOB, ROOM, "x:other");
  const seqs = async (question: HistoryQuestion): Promise<number[]> =>
    (await desk.history(question)).entries.map(({ seq }) => seq);
  assert.equal(await seqs({ room: "Team@rooms.example.org/nick", rows: 9 }), [2, 1]);
  assert.equal(await seqs({ room: ROOM, rows: 9, user: "Bob@example.org/x", hat: TEACHER }), [1]);
  assert.equal(await seqs({ room: ROOM, rows: 9, before: 2 }), [1]);
  await desk.close();
});

library("answers no question about the past that is none, and none about other rooms", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  const refused: [question: unknown, text: string][] = [
    [{ room: "other@rooms.example.org", rows: 1 }, "no such room"],
    [{ room: "no room", rows: 1 }, "room: not a room's JID, such as team@rooms.example.org"],
    [{ rows: 1 }, "room: not a room's JID, such as team@rooms.example.org"],
    [{ room: ROOM, rows: 1, user: "no jid" }, "user: not a JID, such as bob@example.org"],
    [{ room: ROOM, rows: 1, user: 5 }, "user: not a JID, such as bob@example.org"],
    [{ room: ROOM, rows: 1, hat: "Teacher" }, `hat: ${NO_HAT_ID}`],
    [{ room: ROOM, rows: 1, hat: null }, `hat: ${NO_HAT_ID}`],
    [{ room: ROOM }, "rows: a whole number was expected"],
    [{ room: ROOM, rows: 0 }, "rows: a whole number was expected"],
    [{ room: ROOM, rows: "9" }, "rows: a whole number was expected"],
    [{ room: ROOM, rows: 1, before: "2" }, "before: not the number of a change"],
    [undefined, "question: an object was expected"],
    [new Map([["room", ROOM]]), "question: an object was expected"],
  ];
  for (const [question, text] of refused) {
    const error = await assertRejects(desk.history(question as HistoryQuestion), HatsError);
    assert.is(error.text, text);
  }
  await desk.close();
});

library("names what is wrong in a call that no compiler checked, and changes nothing", async ({ data }) => {
  const desk = await openDesk({ data, affiliations });
  const calls = desk as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
  const noUser = "user: not a JID, such as bob@example.org";
  const noRoom = "room: not a room's JID, such as team@rooms.example.org";
  const noObject = "an object was expected";
  const wrong: [text: string, name: string, ...values: unknown[]][] = [
    [noUser, "addUserHat", null, ROOM, TEACHER],
    [noRoom, "addUserHat", BOB, undefined, TEACHER],
    [`hat: ${NO_HAT_ID}`, "addUserHat", BOB, ROOM, null],
    [`attachment: ${noObject}`, "addUserHat", BOB, ROOM, TEACHER, null],
    [`attachment: ${noObject}`, "addUserHat", BOB, ROOM, TEACHER, "Teacher"],
    [`options: ${noObject}`, "addUserHat", BOB, ROOM, TEACHER, {}, null],
    ["expires: neither a date nor never", "addUserHat", BOB, ROOM, TEACHER, {}, { expires: null }],
    [noUser, "removeUserHat", 5, ROOM, TEACHER],
    [`hat: ${NO_HAT_ID}`, "removeUserHat", BOB, ROOM, undefined],
    [noRoom, "setUserHats", BOB, {}, {}],
    [`hats: ${TEACHER}: ${noObject}`, "setUserHats", BOB, ROOM, { [TEACHER]: null }],
    ["hats: not an object of hat ids and attachments", "setUserHats", BOB, ROOM, new Map([[TEACHER, {}]])],
    [`options: ${noObject}`, "setUserHats", BOB, ROOM, {}, null],
    [`expires: ${noObject}`, "setUserHats", BOB, ROOM, {}, { expires: new Date(Date.now() + 60_000) }],
    ["title: not a text", "defineHat", ROOM, TEACHER],
    ["title: not a text", "defineHat", ROOM, TEACHER, null],
    ["hue: not from 0 to 360", "defineHat", ROOM, TEACHER, { title: "Teacher", hue: "120" }],
    [`hat: ${NO_HAT_ID}`, "defineHat", ROOM, null, { title: "Teacher" }],
    [noRoom, "retireHat", null, TEACHER],
    [`hat: ${NO_HAT_ID}`, "retireHat", ROOM, null],
    [noRoom, "undo", null, 1],
  ];
  await desk.addUserHat(BOB, ROOM, "x:kept");
  for (const [text, name, ...values] of wrong) {
    const error = await assertRejects(calls[name]!.call(desk, ...values), HatsError);
    assert.is(error.text, text);
    assert.is(error.code, "bad-field");
  }
  for (const ask of [() => calls["userHats"]!(null, ROOM), () => calls["roomHats"]!()]) {
    assert.throws(ask, (error: unknown) => error instanceof HatsError && error.code === "bad-field");
  }
  assert.equal(desk.userHats(BOB, ROOM), { "x:kept": {} });
  await desk.close();
});

library("takes a bound that is undefined for one that was left out", async ({ data }) => {
  const unsaid = { days: undefined, bytes: undefined, titleLength: undefined } as object;
  const desk = await openDesk({ data, affiliations, limits: unsaid, history: unsaid });
  await desk.addUserHat(BOB, ROOM, TEACHER);
  const error = await assertRejects(desk.defineHat(ROOM, TEACHER, { title: "x".repeat(257) }), HatsError);
  assert.is(error.text, "title: longer than 256 characters");
  await desk.close();
  assert.is(statSync(join(data, "hats.journal")).size, 0, "compacted");
  const again = await openDesk({ data, affiliations });
  assert.is((await again.history({ room: ROOM, rows: 9 })).entries.length, 1);
  await again.close();
});

library("ends with its block, where the language has that", async ({ data }) => {
  {
    await using desk = await openDesk({ data, affiliations });
    await desk.addUserHat(BOB, ROOM, TEACHER);
  }
  const again = await openDesk({ data, affiliations });
  assert.equal(Object.keys(again.userHats(BOB, ROOM)), [TEACHER]);
  await again.close();
});

library.run();
