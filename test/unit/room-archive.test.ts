/** A room's hats put aside when another room takes its address, brought back, and let go. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { archiveRoom, closePast, dropArchive, restoreArchive } from "../../src/core/archive.ts";
import type { Change } from "../../src/core/change.ts";
import { HatsError } from "../../src/core/errors.ts";
import { addUserHat, removeUserHat } from "../../src/core/hats.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import type { HatId, Room } from "../../src/core/model.ts";
import { type Desk, openDesk } from "../../src/index.ts";
import { overlay } from "../../src/core/overlay.ts";
import { BOB, HELPER, TEACHER, TEAM, type World, world } from "../support/views.ts";

const test = suite("archives of rooms");
const AT = "2026-03-01T00:00:00.000Z";
const NEXT = "2026-03-01T00:00:00.001Z";
const LAPSE = "2027-01-01T00:00:00.000Z";
const CAROL = "carol@example.org" as BareJid;
const teacher = TEACHER as HatId;
const helper = HELPER as HatId;

/* Bob has both hats, one of them for a time; carol may give both. */
function fullRoom(): World {
  const at = world();
  at.apply(addUserHat(at.view, BOB, TEAM, TEACHER, { title: "Teacher", active: true }));
  at.apply(addUserHat(at.view, BOB, TEAM, HELPER, {}));
  const expires: Change = {
    kind: "expires",
    room: TEAM,
    user: BOB,
    before: undefined,
    after: new Map([[teacher, LAPSE]]),
  };
  const grants = [teacher, helper].map(
    (hat): Change => ({
      kind: "grant",
      room: TEAM,
      hat,
      before: undefined,
      after: { users: [CAROL], members: false },
    }),
  );
  at.apply([expires, ...grants]);
  return at;
}

function roomOf({ state }: World): Room {
  const room = state.rooms.get(TEAM);
  if (room === undefined) throw new Error("no room");
  return room;
}

/* The text of the refusal that must come. */
function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof HatsError) return error.text;
    throw error;
  }
  return "not refused";
}

test("all that a room has is put aside, and the room is bare", () => {
  const at = fullRoom();
  const before = structuredClone(roomOf(at));
  at.apply(archiveRoom(at.view, TEAM, AT));
  const { base: _, ...content } = before;
  assert.equal(at.state.archives.get(TEAM)?.get(AT), content);
  for (const part of Object.values(roomOf(at))) assert.is(part.size, 0);
});

test("hats that nobody wears are put aside, too", () => {
  const at = world();
  at.apply(addUserHat(at.view, BOB, TEAM, TEACHER, { title: "Teacher" }));
  at.apply(removeUserHat(at.view, BOB, TEAM, TEACHER));
  at.apply(archiveRoom(at.view, TEAM, AT));
  assert.equal([...(at.state.archives.get(TEAM)?.get(AT)?.hats ?? [])], [[teacher, { title: "Teacher" }]]);
  assert.is(roomOf(at).hats.size, 0);
});

test("a room that has nothing archives nothing", () => {
  const at = world();
  assert.equal(archiveRoom(at.view, TEAM, AT), []);
});

test("a past that is closed leaves no archive behind", () => {
  const at = world();
  const kinds = at.apply(closePast(at.view, TEAM, AT)).map(({ kind }) => kind);
  assert.equal(kinds, ["archive", "archive"]);
  assert.is(at.state.archives.size, 0);
});

test("two archives of one millisecond are two archives", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(addUserHat(at.view, CAROL, TEAM, TEACHER));
  at.apply(archiveRoom(at.view, TEAM, AT));
  assert.equal([...at.view.archives(TEAM).keys()], [AT, NEXT]);
});

test("what is restored into a bare room is what was put aside, and the archive is gone", () => {
  const at = fullRoom();
  const before = structuredClone(roomOf(at));
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(restoreArchive(at.view, TEAM, AT, DEFAULT_LIMITS));
  assert.equal(roomOf(at), before);
  assert.is(at.state.archives.size, 0);
});

test("what the room has by then stays as it is, and what is free is filled", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(addUserHat(at.view, BOB, TEAM, TEACHER, { title: "Master", required: true }));
  at.apply(addUserHat(at.view, CAROL, TEAM, TEACHER));
  at.apply(restoreArchive(at.view, TEAM, AT, DEFAULT_LIMITS));
  const room = roomOf(at);
  assert.equal(
    [...room.hats],
    [
      [teacher, { title: "Master" }],
      [helper, {}],
    ],
  );
  assert.equal(
    [...(room.users.get(BOB)?.hats ?? [])],
    [
      [teacher, { title: "Master", required: true }],
      [helper, {}],
    ],
  );
  assert.is(room.users.get(CAROL)?.hats.size, 1);
  assert.is(room.expires.size, 0);
  assert.equal([...room.grants], [[helper, { users: [CAROL], members: false }]], "nobody gains a hat of now");
});

test("a wardrobe to which something was restored is in order, as after a restart", () => {
  const at = world();
  for (const hat of ["urn:x:a", "urn:x:c"]) at.apply(addUserHat(at.view, BOB, TEAM, hat));
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(addUserHat(at.view, BOB, TEAM, "urn:x:b"));
  at.apply(restoreArchive(at.view, TEAM, AT, DEFAULT_LIMITS));
  assert.equal([...(roomOf(at).users.get(BOB)?.hats.keys() ?? [])], ["urn:x:a", "urn:x:b", "urn:x:c"]);
});

test("a restore that does not fit beside what is there changes nothing", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(addUserHat(at.view, BOB, TEAM, "urn:x:other"));
  const restore = (limits: object) => () =>
    restoreArchive(at.view, TEAM, AT, { ...DEFAULT_LIMITS, ...limits });
  assert.is(refusalOf(restore({ hatsPerRoom: 2 })), "archive: the room may not have more than 2 hats");
  assert.is(refusalOf(restore({ hatsPerUser: 2 })), `archive: ${BOB} would have more than 2 hats`);
  assert.is(refusalOf(restore({ hatsPerRoom: 3, hatsPerUser: 3 })), "not refused");
});

test("what is dropped is gone, and the room stays as it is", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(dropArchive(at.view, TEAM, AT));
  assert.is(at.state.archives.size, 0);
  assert.is(roomOf(at).users.size, 0);
});

for (const way of ["applied", "pending"] as const)
  test(`what is put back takes its place among the others, the oldest first: ${way}`, () => {
    const at = fullRoom();
    at.apply(archiveRoom(at.view, TEAM, AT));
    at.apply(addUserHat(at.view, CAROL, TEAM, TEACHER));
    at.apply(archiveRoom(at.view, TEAM, NEXT));
    const after = at.state.archives.get(TEAM)?.get(AT);
    at.apply(dropArchive(at.view, TEAM, AT));
    const back: Change = { kind: "archive", room: TEAM, at: AT, before: undefined, after };
    const view = way === "pending" ? overlay(at.view, [back]) : at.view;
    if (way === "applied") at.apply([back]);
    assert.equal([...view.archives(TEAM).keys()], [AT, NEXT]);
  });

test("there is nothing to restore or to drop where nothing was put aside", () => {
  const { view } = world();
  for (const act of [restoreArchive, dropArchive])
    assert.is(
      refusalOf(() => act(view, TEAM, AT, DEFAULT_LIMITS)),
      "archive: nothing of an earlier room is archived",
    );
});

test.run();

interface Context {
  data: string;
  desk: Desk;
}

const kept = suite<Context>("archives in the store");
const MEMBERS = {
  isKept: () => true,
  affiliation: () => Promise.resolve("member" as const),
};

kept.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-archive-"));
  context.desk = await openDesk({ data: context.data, affiliations: MEMBERS });
});
kept.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

/* How many entries the present people of the room are told of. */
async function pastOf({ desk }: Context): Promise<number> {
  return (await desk.history({ room: TEAM, rows: 100 })).entries.length;
}

kept("outlive a restart, and what was put into the earlier room is forgotten", async (context) => {
  const { desk, data } = context;
  await desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher" });
  await desk.recordBase(TEAM, BOB, new Map([[teacher, "Teacher"]]));
  await desk.archiveRoom(TEAM, "recreated");
  await desk.close();
  context.desk = await openDesk({ data, affiliations: MEMBERS });
  const { hats, users, base } = context.desk.durableRoom(TEAM);
  assert.equal([hats.size, users.size, base.size], [0, 0, 0]);
  const [[, archive] = []] = context.desk.view().archives(TEAM);
  assert.equal([...(archive?.users.keys() ?? [])], [BOB]);
});

kept("take along what was noted just before, and is not durable yet", async ({ desk }) => {
  await desk.addUserHat(BOB, TEAM, TEACHER);
  const archived = { seq: 0 };
  const archiving = desk.archiveRoom(TEAM, "recreated").then((receipt) => Object.assign(archived, receipt));
  const noting: Promise<void>[] = [];
  const wearer = (number: number) => `user${number}@example.org` as BareJid;
  while (archived.seq === 0) {
    noting.push(desk.recordBase(TEAM, wearer(noting.length), new Map([[teacher, "Teacher"]])));
    await nextTurn();
  }
  await Promise.all([archiving, ...noting]);
  /* Bob's hat is entry 1; what was noted since has the numbers from 2 on. */
  const later = noting.flatMap((_, number) => (number + 2 < archived.seq ? [] : [wearer(number)]));
  assert.equal([...desk.durableRoom(TEAM).base.keys()], later);
});

kept("end the past for the people of the next room, until they are restored", async (context) => {
  const { desk } = context;
  await desk.addUserHat(BOB, TEAM, TEACHER);
  assert.is(await pastOf(context), 1);
  await desk.archiveRoom(TEAM, "recreated");
  assert.is(await pastOf(context), 0);
  const [at = ""] = desk.view().archives(TEAM).keys();
  await desk.transact({ room: TEAM, users: [], author: { kind: "program" } }, (view) =>
    restoreArchive(view, TEAM, at, DEFAULT_LIMITS),
  );
  assert.is(await pastOf(context), 3);
});

kept(
  "end the past also where nobody had a hat any more, and write nothing where nothing ever was",
  async (context) => {
    const { desk } = context;
    assert.is((await desk.archiveRoom(TEAM, "recreated")).seq, undefined);
    await desk.addUserHat(BOB, TEAM, TEACHER);
    await desk.transact({ room: TEAM, users: [BOB], author: { kind: "program" } }, (view) => [
      ...removeUserHat(view, BOB, TEAM, TEACHER),
      { kind: "hat", room: TEAM, hat: teacher, before: {}, after: undefined },
    ]);
    assert.is(await pastOf(context), 2);
    await desk.archiveRoom(TEAM, "recreated");
    assert.is(await pastOf(context), 0);
    assert.is(desk.view().archives(TEAM).size, 0);
    assert.is((await desk.archiveRoom(TEAM, "recreated")).seq, undefined);
  },
);

kept("nothing is undone of an earlier room that is just being put aside", async (context) => {
  await context.desk.addUserHat(BOB, TEAM, TEACHER);
  await context.desk.retireHat(TEAM, TEACHER);
  await context.desk.close();
  let beginArchiving = () => {};
  const archivingBegins = new Promise<void>((resolve) => (beginArchiving = resolve));
  const desk = await openDesk({
    data: context.data,
    affiliations: { ...MEMBERS, affiliation: () => archivingBegins.then(() => "member" as const) },
    attend(_room, [change]) {
      if (change?.kind === "archive") beginArchiving();
      return [];
    },
  });
  context.desk = desk;
  const undone = desk.undo(TEAM, 2).then(
    () => "undone",
    (error: unknown) => (error instanceof HatsError ? error.text : String(error)),
  );
  await desk.archiveRoom(TEAM, "recreated");
  assert.is(await undone, "id: no change of this room");
  assert.is(desk.durableRoom(TEAM).hats.size, 0);
});

kept.run();
