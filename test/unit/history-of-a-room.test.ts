/** A room's history is that of the present room: what was before another one took the address is not its people's business. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { archiveRoom, dropArchive, restoreArchive } from "../../src/core/archive.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { HatsError } from "../../src/core/errors.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import type { HistoryQuestion } from "../../src/desk/library.ts";
import { Past } from "../../src/desk/past.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { tableIn } from "../support/engine.ts";
import { type HatDesk, openHatDesk, OPERATOR, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("the history of a room");

const ROOM = TEAM as RoomJid;
const BOB = "bob@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

/** The numbers of the entries of the room, all of them. */
async function seqs(at: HatDesk, more: Partial<HistoryQuestion> = {}): Promise<number[]> {
  const { entries, next } = await at.desk.history({ room: ROOM, rows: 1_000, ...more });
  assert.is(next, undefined);
  return entries.map(({ seq }) => seq);
}

const give = (at: HatDesk, hat: string, user = BOB) => at.desk.addUserHat(user, TEAM, hat);
const archives = (at: HatDesk) => [...at.desk.view().archives(ROOM).keys()];

/** What manage-room does with the latest archive. */
async function settle(at: HatDesk, how: typeof restoreArchive): Promise<void> {
  const when = archives(at).at(-1) ?? "";
  const request = { room: ROOM, users: [], author: { kind: "program" }, command: "manage-room" } as const;
  await at.desk.transact(request, (view) => how(view, ROOM, when, DEFAULT_LIMITS));
}

test("is of that room alone, the newest first", async ({ at }) => {
  at.rooms.add("staff@rooms.example.org", { [BOB]: "member" });
  await give(at, "urn:x:a");
  await at.desk.addUserHat(BOB, "staff@rooms.example.org", "urn:x:a");
  await give(at, "urn:x:b");
  assert.equal(await seqs(at), [3, 1]);
});

test("is of that room alone, even where what happened in another one speaks of it", async ({ at }) => {
  const staff = "staff@rooms.example.org" as RoomJid;
  at.rooms.add(staff, { [BOB]: "member" });
  await give(at, "urn:x:a");
  await at.desk.addUserHat(BOB, staff, "urn:x:a", { title: TEAM });
  assert.equal(await seqs(at), [1]);
  assert.is(await at.desk.pastEntry(ROOM, 2), undefined);
});

test("is found by person and by hat", async ({ at }) => {
  await give(at, "urn:x:a");
  await give(at, "urn:x:b");
  await give(at, "urn:x:b", "carol@example.org");
  assert.equal(await seqs(at, { user: BOB }), [2, 1]);
  assert.equal(await seqs(at, { hat: "urn:x:b" }), [3, 2]);
  assert.equal(await seqs(at, { user: BOB, hat: "urn:x:b" }), [2]);
  assert.equal(await seqs(at, { user: "nobody@example.org" }), []);
});

test("is found whatever room, person and hat are called", async ({ at }) => {
  const room = "öffentlich-ж@rooms.example.org" as RoomJid;
  const user = "jürgen\\27☃@example.org";
  const hat = "x:__proto__";
  at.rooms.add(room, { [user]: "member" });
  await at.desk.addUserHat(user, room, hat, { title: 'Ünï "\\" 🎩' });
  const question = { room, rows: 9, user, hat };
  assert.is((await at.desk.history(question)).entries.length, 1);
  assert.is((await at.desk.pastEntry(room, 1))?.room, room);
});

test("does not hold what the desk only noted for itself", async ({ at }) => {
  await give(at, "urn:x:a");
  await at.desk.recordBase(ROOM, BOB as never, new Map());
  assert.equal(await seqs(at), [1]);
});

test("gives nothing to undo as soon as the room is decided to be another one", async ({ at }) => {
  const teacher = "urn:x:a" as HatId;
  await give(at, teacher);
  const request = { room: ROOM, users: [], author: { kind: "program" } } as const;
  const archived = at.desk.transact(request, (view) => archiveRoom(view, ROOM, "2026-01-01T00:00:00.000Z"));
  const undone = at.desk.transact({ ...request, undoes: 1 }, () => [
    { kind: "hat", room: ROOM, hat: teacher, before: undefined, after: {} },
  ]);
  assert.is((await assertRejects(undone, HatsError)).text, "id: no change of this room");
  await archived;
  assert.equal(at.desk.roomHats(ROOM).hats, {});
});

test("begins anew where another room took the address", async ({ at }) => {
  await give(at, "urn:x:a");
  await at.desk.archiveRoom(ROOM, "recreated");
  assert.equal(await seqs(at), []);
  await give(at, "urn:x:b");
  assert.equal(await seqs(at), [3]);
  const { entries } = await at.desk.pastPage({ room: ROOM, rows: 1_000, beyond: true });
  assert.equal(
    entries.map(({ seq }) => seq),
    [3, 2, 1],
  );
});

test("does not begin earlier for whoever names an earlier key or an earlier change", async ({ at }) => {
  await give(at, "urn:x:a");
  await give(at, "urn:x:c");
  await at.desk.archiveRoom(ROOM, "recreated");
  await give(at, "urn:x:b");
  for (const before of [1, 2, 3, 4]) assert.equal(await seqs(at, { before }), []);
  for (const id of [1, 2, 3]) assert.is(await at.desk.pastEntry(ROOM, id), undefined);
  assert.is((await at.desk.pastEntry(ROOM, 4))?.seq, 4);
});

test("is whole again where the archive is restored, and not where it is dropped", async ({ at }) => {
  await give(at, "urn:x:a");
  await at.desk.archiveRoom(ROOM, "recreated");
  await settle(at, restoreArchive);
  assert.equal(await seqs(at), [3, 2, 1]);
  await at.desk.archiveRoom(ROOM, "recreated");
  assert.equal(await seqs(at), []);
  await settle(at, dropArchive);
  assert.equal(await seqs(at), [5]);
});

test("is whole again also where the room had all that was archived by then", async ({ at }) => {
  await give(at, "urn:x:a");
  await at.desk.archiveRoom(ROOM, "recreated");
  await give(at, "urn:x:a");
  await settle(at, restoreArchive);
  const restored = [4, 3, 2, 1];
  assert.equal(await seqs(at), restored);
  const again = new Past({ readPast: (question, take) => readAs(at, question, take) });
  const { entries } = await again.history({ room: ROOM, rows: 9 });
  assert.equal(
    entries.map(({ seq }) => seq),
    restored,
  );
  const { rows } = tableIn(await at.once(OPERATOR, "hat-history", { room: TEAM }));
  assert.is(rows.filter((row) => row[7] === "4").length, 1, "one thing");
});

test("knows after a restart what it knew before, from the files", async ({ at }) => {
  await give(at, "urn:x:a");
  await at.desk.archiveRoom(ROOM, "recreated");
  await give(at, "urn:x:b");
  await settle(at, dropArchive);
  const again = new Past({ readPast: (question, take) => readAs(at, question, take) });
  assert.equal(
    (await again.history({ room: ROOM, rows: 9 })).entries.map(({ seq }) => seq),
    [4, 3],
  );
});

/* Reads as the store does, over what this desk can tell of all its entries. */
async function readAs(
  at: HatDesk,
  { before = Infinity }: { readonly before?: number | undefined },
  take: Parameters<ConstructorParameters<typeof Past>[0]["readPast"]>[1],
): Promise<number | undefined> {
  const { entries } = await at.desk.pastPage({ room: ROOM, rows: 1_000, beyond: true });
  for (const entry of entries.filter(({ seq }) => seq < before)) if (take(entry)) return entry.seq;
  return undefined;
}

test("is asked for again where the past could not be read", async () => {
  let isBroken = true;
  const past = new Past({
    async readPast() {
      if (isBroken) throw new Error("no such disk");
      return undefined;
    },
  });
  const error = await assertRejects(past.history({ room: ROOM, rows: 1 }), Error);
  assert.is(error.message, "no such disk");
  isBroken = false;
  assert.equal(await past.history({ room: ROOM, rows: 1 }), { entries: [], next: undefined });
});

test("shows the desk's own admins what was before, and takes nothing of it back", async ({ at }) => {
  await give(at, "urn:x:a");
  await at.desk.archiveRoom(ROOM, "recreated");
  assert.equal(tableIn(await at.once(OWNER, "hat-history", { room: TEAM })).rows, []);
  const rows = tableIn(await at.once(OPERATOR, "hat-history", { room: TEAM })).rows;
  assert.equal(new Set(rows.map((row) => row[7])), new Set(["2", "1"]));
  for (const asker of [OWNER, OPERATOR]) {
    const { error } = await at.once(asker, "undo", { room: TEAM, id: "1" });
    assert.is(error, "modify/bad-request bad-payload: id: no change of this room");
  }
});

test("can be taken back by a program that embeds the desk", async ({ at }) => {
  await give(at, "urn:x:a");
  assert.equal(await at.desk.undo(TEAM, 1), { changed: true });
  assert.equal(at.hats(BOB), {});
  const { entries } = await at.desk.history({ room: ROOM, rows: 1 });
  assert.equal(
    [entries[0]?.command, entries[0]?.undoes, entries[0]?.author],
    ["undo", 1, { kind: "program" }],
  );
  const error = await assertRejects(at.desk.undo(TEAM, 9), HatsError);
  assert.is(error.text, "id: no change of this room");
});

test("is read by one at a time, however many ask; other rooms are read meanwhile", async () => {
  const waiting: (() => void)[] = [];
  const past = new Past({
    readPast: ({ holding }) =>
      holding[0] === "archive"
        ? Promise.resolve(undefined)
        : new Promise((resolve) => waiting.push(() => resolve(undefined))),
  });
  const asked = [ROOM, ROOM, ROOM, "staff@rooms.example.org" as RoomJid].map((room) =>
    past.history({ room, rows: 1 }),
  );
  await nextTurn();
  assert.is(waiting.length, 2);
  for (let answered = 0; answered < asked.length; answered += 1) {
    waiting[answered]?.();
    await nextTurn();
  }
  await Promise.all(asked);
});

test.run();
