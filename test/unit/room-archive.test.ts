/** A room's hats put aside when another room takes its address, brought back, and let go. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { archivedAt, archiveRoom, dropArchive, restoreArchive, restoredAt } from "../../src/core/archive.ts";
import type { Change } from "../../src/core/change.ts";
import { HatsError } from "../../src/core/errors.ts";
import { addUserHat } from "../../src/core/hats.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import type { HatId, Room } from "../../src/core/model.ts";
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
  const changes = at.apply(archiveRoom(at.view, TEAM, AT));
  const { base: _, ...content } = before;
  assert.equal(at.state.archives.get(TEAM)?.get(AT), content);
  for (const part of Object.values(roomOf(at))) assert.is(part.size, 0);
  assert.is(archivedAt({ changes }), AT);
  assert.is(restoredAt({ changes }), undefined);
});

test("a room that has nothing archives nothing", () => {
  const at = world();
  assert.equal(archiveRoom(at.view, TEAM, AT), []);
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
  const changes = at.apply(restoreArchive(at.view, TEAM, AT));
  assert.equal(roomOf(at), before);
  assert.is(at.state.archives.size, 0);
  assert.is(restoredAt({ changes }), AT);
  assert.is(archivedAt({ changes }), undefined);
});

test("what the room has by then stays as it is, and what is free is filled", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(addUserHat(at.view, BOB, TEAM, TEACHER, { title: "Master", required: true }));
  at.apply(addUserHat(at.view, CAROL, TEAM, TEACHER));
  at.apply(restoreArchive(at.view, TEAM, AT));
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

test("a restore that does not fit beside what is there changes nothing", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  at.apply(addUserHat(at.view, BOB, TEAM, "urn:x:other"));
  const restore = (limits: object) => () =>
    restoreArchive(at.view, TEAM, AT, { ...DEFAULT_LIMITS, ...limits });
  assert.is(refusalOf(restore({ hatsPerRoom: 2 })), "archive: the room may not have more than 2 hats");
  assert.is(refusalOf(restore({ hatsPerUser: 2 })), `archive: ${BOB} would have more than 2 hats`);
});

test("what is dropped is gone, and the room stays as it is", () => {
  const at = fullRoom();
  at.apply(archiveRoom(at.view, TEAM, AT));
  const changes = at.apply(dropArchive(at.view, TEAM, AT));
  assert.is(at.state.archives.size, 0);
  assert.is(roomOf(at).users.size, 0);
  assert.is(restoredAt({ changes }), undefined);
});

test("there is nothing to restore or to drop where nothing was put aside", () => {
  const { view } = world();
  for (const act of [restoreArchive, dropArchive])
    assert.is(
      refusalOf(() => act(view, TEAM, AT)),
      "archive: nothing of an earlier room is archived",
    );
});

test.run();
