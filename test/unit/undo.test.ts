/** What undo restores, and what it refuses: rules of src/core/undo.ts, tried on one room. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Change } from "../../src/core/change.ts";
import { HatsError } from "../../src/core/errors.ts";
import { addUserHat, removeUserHat, setUserHats } from "../../src/core/hats.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/core/limits.ts";
import type { Affiliation, Hat, HatId } from "../../src/core/model.ts";
import type { RecordedChange, RecordedEntry } from "../../src/core/recorded.ts";
import { thingsOf } from "../../src/core/touched.ts";
import { isUndoable, revertEntry, touchedUsers, undoEntry } from "../../src/core/undo.ts";
import { printRoom } from "../support/past-oracle.ts";
import { BOB, TEAM, TEACHER, type World, world } from "../support/views.ts";

const undo = suite("undo");

const CAROL = "carol@example.org" as BareJid;
const HAT = TEACHER as HatId;
const HOST = "urn:x:host" as HatId;
const NOW = "2026-06-01T00:00:00.000Z";
const LATER = "2026-06-02T00:00:00.000Z";
const EARLIER = "2026-05-31T00:00:00.000Z";

/** An entry of these changes, as it is recorded. */
function entryOf(...changes: readonly Change[]): RecordedEntry {
  return { seq: 1, at: NOW, room: TEAM, author: { kind: "program" }, changes: changes.map(recorded) };
}

function recorded(change: Change): RecordedChange {
  if (change.kind !== "user") return change;
  const [before, after] = [change.before?.hats, change.after?.hats];
  const ids = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  const hats = [...ids]
    .filter((id) => JSON.stringify(before?.get(id)) !== JSON.stringify(after?.get(id)))
    .map((id) => [id, { before: before?.get(id), after: after?.get(id) }] as const);
  return { kind: "worn", room: TEAM, user: change.user, hats: new Map(hats) };
}

/** Does it, and says what was done. */
function did(on: World, changes: readonly Change[]): RecordedEntry {
  return entryOf(...on.apply(changes));
}

const state = (on: World) => printRoom(on.state.rooms.get(TEAM) ?? empty());
const empty = () => ({ hats: new Map(), users: new Map(), expires: new Map(), grants: new Map() });
const give = (on: World, user: BareJid, hat: string, how = {}) =>
  did(on, addUserHat(on.view, user, TEAM, hat, how));
const define = (on: World, hat: HatId, after: Hat | undefined) =>
  did(on, [{ kind: "hat", room: TEAM, hat, before: on.view.room(TEAM)?.hat(hat), after }]);
const until = (on: World, user: BareJid, hat: HatId, when: string | undefined) =>
  did(on, [
    {
      kind: "expires",
      room: TEAM,
      user,
      before: on.view.room(TEAM)?.expiries(user),
      after: when === undefined ? undefined : new Map([[hat, when]]),
    },
  ]);
const takeBack = (on: World, entry: RecordedEntry, limits: Limits = DEFAULT_LIMITS) =>
  on.apply(undoEntry(on.view, entry, NOW, limits));
const refusal = (on: World, entry: RecordedEntry, limits: Limits = DEFAULT_LIMITS): string => {
  try {
    undoEntry(on.view, entry, NOW, limits);
    return "done";
  } catch (error) {
    if (error instanceof HatsError) return error.field === undefined ? error.code : error.text;
    throw error;
  }
};

undo("of a hat that was given takes it away, and its entry in the catalogue with it", () => {
  const on = world();
  const before = state(on);
  const entry = give(on, BOB, TEACHER, { active: true });
  assert.equal(touchedUsers(entry), [BOB]);
  takeBack(on, entry);
  assert.is(state(on), before);
});

undo("restores a hat exactly as it was written, not only what it said", () => {
  const on = world();
  give(on, BOB, TEACHER, { active: false });
  const before = state(on);
  takeBack(on, give(on, BOB, TEACHER, { active: true, title: "Sir" }));
  assert.is(state(on), before);
});

undo("of what the desk only noted about the room is refused: to people it is no change", () => {
  const on = world();
  give(on, BOB, TEACHER, { active: true });
  const noted = entryOf({ kind: "base", room: TEAM, user: BOB, after: new Map([[HAT, "Teacher"]]) });
  assert.is(refusal(on, noted), "id: no change of this room");
});

undo("can be undone: that does the change again", () => {
  const on = world();
  const given = give(on, BOB, TEACHER, { active: true });
  const after = state(on);
  const undone = entryOf(...takeBack(on, given));
  takeBack(on, undone);
  assert.is(state(on), after);
  assert.match(refusal(on, undone), "something newer stands on it");
});

undo("leaves alone what others did to other hats of the same person", () => {
  const on = world();
  const entry = give(on, BOB, TEACHER);
  give(on, BOB, HOST, { active: true });
  takeBack(on, entry);
  assert.equal([...(on.view.room(TEAM)?.user(BOB)?.hats.keys() ?? [])], [HOST]);
});

undo("is refused where the hat was changed, taken or given again in another way since", () => {
  const on = world();
  const entry = give(on, BOB, TEACHER, { title: "Teacher" });
  give(on, BOB, TEACHER, { active: true, title: "Teacher" });
  const text = `id: something newer stands on it: “Teacher” of ${BOB} was changed since`;
  assert.is(refusal(on, entry), text);
  did(on, removeUserHat(on.view, BOB, TEAM, TEACHER));
  assert.is(refusal(on, entry), text);
  give(on, BOB, TEACHER, { title: "Teacher" });
  assert.is(refusal(on, entry), "done");
});

undo("of a bulk takes all of it back, or nothing", () => {
  const on = world();
  define(on, HAT, { title: "Teacher" });
  const before = state(on);
  const entry = did(on, [
    ...addUserHat(on.view, BOB, TEAM, TEACHER),
    ...addUserHat(on.view, CAROL, TEAM, TEACHER),
  ]);
  const after = state(on);
  const newer = give(on, CAROL, TEACHER, { active: true });
  assert.match(refusal(on, entry), CAROL);
  takeBack(on, newer);
  assert.is(state(on), after);
  takeBack(on, entry);
  assert.is(state(on), before);
});

undo("is refused where a hat that would leave the catalogue is somebody's by now, or may be given", () => {
  const on = world();
  const entry = give(on, BOB, TEACHER, { title: "Teacher" });
  const second = give(on, CAROL, TEACHER);
  assert.is(refusal(on, entry), `id: something newer stands on it: ${CAROL} has “Teacher” by now`);
  takeBack(on, second);
  const grant = { users: [CAROL], members: false };
  did(on, [{ kind: "grant", room: TEAM, hat: HAT, before: undefined, after: grant }]);
  assert.is(refusal(on, entry), "id: something newer stands on it: people may give “Teacher” by now");
});

undo("is refused where the room does not know a hat any more that somebody would have", () => {
  const on = world();
  give(on, BOB, TEACHER, { title: "Teacher" });
  const entry = did(on, setUserHats(on.view, BOB, TEAM, new Map()));
  define(on, HAT, undefined);
  assert.is(refusal(on, entry), `id: something newer stands on it: the room does not know “${HAT}” any more`);
});

undo("of a retired hat brings back the hat, its wearers, their times and who may give it", () => {
  const on = world();
  give(on, BOB, TEACHER, { active: true });
  until(on, BOB, HAT, LATER);
  const room = on.view.room(TEAM);
  const grant = { users: [CAROL], members: true };
  did(on, [{ kind: "grant", room: TEAM, hat: HAT, before: undefined, after: grant }]);
  const before = state(on);
  const entry = did(on, [
    ...removeUserHat(on.view, BOB, TEAM, TEACHER),
    { kind: "grant", room: TEAM, hat: HAT, before: grant, after: undefined },
    { kind: "hat", room: TEAM, hat: HAT, before: room?.hat(HAT), after: undefined },
  ]);
  assert.equal(touchedUsers(entry), [BOB, CAROL]);
  takeBack(on, entry);
  assert.is(state(on), before);
});

undo("of a renaming restores the old name, and is refused after another renaming", () => {
  const on = world();
  define(on, HAT, { title: "Teacher", hue: 12 });
  const before = state(on);
  const entry = define(on, HAT, { title: "Coach", hue: 12 });
  const newer = define(on, HAT, { title: "Trainer", hue: 12 });
  assert.is(refusal(on, entry), "id: something newer stands on it: “Coach” was changed since");
  takeBack(on, newer);
  takeBack(on, entry);
  assert.is(state(on), before);
});

undo("of who may give a hat is refused where that was changed since", () => {
  const on = world();
  define(on, HAT, { title: "Teacher" });
  const grant = { users: [BOB], members: false };
  const entry = did(on, [{ kind: "grant", room: TEAM, hat: HAT, before: undefined, after: grant }]);
  const members = { users: [BOB], members: true };
  did(on, [{ kind: "grant", room: TEAM, hat: HAT, before: grant, after: members }]);
  assert.is(refusal(on, entry), "id: something newer stands on it: who may give “Teacher” was changed since");
});

undo("gives a hat back until when it was had", () => {
  const on = world();
  give(on, BOB, TEACHER);
  until(on, BOB, HAT, LATER);
  const before = state(on);
  takeBack(on, did(on, removeUserHat(on.view, BOB, TEAM, TEACHER)));
  assert.is(state(on), before);
});

undo("is refused where the hat's time has passed: it would lapse at once", () => {
  const on = world();
  give(on, BOB, TEACHER, { title: "Teacher" });
  until(on, BOB, HAT, EARLIER);
  const entry = did(on, removeUserHat(on.view, BOB, TEAM, TEACHER));
  assert.is(refusal(on, entry), `id: “Teacher” of ${BOB} was to lapse at ${EARLIER}; give it anew`);
});

undo("is refused where a hat got another time since", () => {
  const on = world();
  const entry = give(on, BOB, TEACHER, { title: "Teacher" });
  until(on, BOB, HAT, LATER);
  assert.match(refusal(on, entry), "“Teacher” of bob@example.org was changed since");
  const term = { now: new Date(NOW), said: new Map([[HAT, "never"]]) } as const;
  const changed = did(on, addUserHat(on.view, BOB, TEAM, TEACHER, { title: "Sir" }, DEFAULT_LIMITS, term));
  until(on, BOB, HAT, LATER);
  assert.match(refusal(on, changed), "“Teacher” of bob@example.org was changed since");
});

undo("of a time restores it, and is refused once the hat is gone", () => {
  const on = world();
  give(on, BOB, TEACHER, { title: "Teacher" });
  until(on, BOB, HAT, LATER);
  const before = state(on);
  const entry = until(on, BOB, HAT, undefined);
  takeBack(on, entry);
  assert.is(state(on), before);
  const again = until(on, BOB, HAT, undefined);
  did(on, removeUserHat(on.view, BOB, TEAM, TEACHER));
  assert.match(refusal(on, again), "was changed since");
});

for (const affiliation of ["none", "outcast"] as const satisfies readonly Affiliation[]) {
  undo(`is refused for somebody whose affiliation is ${affiliation}`, () => {
    const member = world();
    const entry = give(member, BOB, TEACHER);
    const on = world(affiliation);
    on.apply([
      { kind: "hat", room: TEAM, hat: HAT, before: undefined, after: {} },
      { kind: "user", room: TEAM, user: BOB, before: undefined, after: { hats: new Map([[HAT, {}]]) } },
    ]);
    assert.is(refusal(on, entry), "not-affiliated");
    assert.is(revertEntry(on.view, entry, NOW, DEFAULT_LIMITS).length, 2);
  });
}

undo("is refused where somebody, or the room, would have more hats than they may", () => {
  const on = world();
  give(on, BOB, TEACHER);
  const entry = did(on, removeUserHat(on.view, BOB, TEAM, TEACHER));
  give(on, BOB, HOST);
  const limits = { ...DEFAULT_LIMITS, hatsPerUser: 1 };
  assert.is(refusal(on, entry, limits), `id: ${BOB} would have more than 1 hats`);
  assert.is(undoEntry(on.view, entry, NOW, { ...limits, hatsPerUser: 2 }).length, 1);
  const retired = define(on, "urn:x:gone" as HatId, { title: "Gone" });
  const back = entryOf(...takeBack(on, retired));
  assert.is(
    refusal(on, back, { ...DEFAULT_LIMITS, hatsPerRoom: 2 }),
    "id: the room may not have more than 2 hats",
  );
  assert.is(refusal(on, back, { ...DEFAULT_LIMITS, hatsPerRoom: 3 }), "done");
});

undo("of a hat that changed is for whoever has more hats than they may, too", () => {
  const on = world();
  give(on, BOB, TEACHER);
  give(on, BOB, HOST);
  const entry = give(on, BOB, TEACHER, { active: true });
  assert.is(refusal(on, entry, { ...DEFAULT_LIMITS, hatsPerUser: 1 }), "done");
});

undo("of a hat that came with a right to give it takes both", () => {
  const on = world();
  const before = state(on);
  const entry = did(on, [
    { kind: "hat", room: TEAM, hat: HAT, before: undefined, after: {} },
    { kind: "grant", room: TEAM, hat: HAT, before: undefined, after: { users: [BOB], members: false } },
  ]);
  takeBack(on, entry);
  assert.is(state(on), before);
});

undo("is not for archives and for which rooms are kept", () => {
  const on = world();
  const archive: Change = { kind: "archive", room: TEAM, at: NOW, before: undefined, after: empty() };
  const managed: Change = { kind: "managed", room: TEAM, before: undefined, after: {} };
  for (const change of [archive, managed]) {
    assert.is(isUndoable(entryOf(change)), false);
    assert.is(refusal(on, entryOf(change)), "id: this is no change that can be undone; see manage-room");
  }
});

undo("is refused in a room that the desk does not keep", () => {
  const on = world();
  const entry = { ...give(on, BOB, TEACHER), room: "other@rooms.example.org" as typeof TEAM };
  assert.is(refusal(on, entry), "no-such-room");
});

undo("takes a thing that one transaction changed twice back to what it was before both", () => {
  const on = world();
  const first = on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "A" }));
  const second = on.apply(addUserHat(on.view, BOB, TEAM, TEACHER, { title: "B" }));
  const entry = entryOf(...first, ...second);
  assert.is(thingsOf(entry).length, 2);
  takeBack(on, entry);
  assert.is(state(on), printRoom(empty()));
});

undo.run();
