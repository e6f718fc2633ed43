/** A store is opened with one value for all who are written alike, and nobody's change becomes another's. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { MOST, SharedEntries } from "../../src/store/snapshot/shared-entries.ts";
import { printState } from "../support/crash-changes.ts";
import { CrashDisk } from "../support/crash-disk.ts";
import { openOn } from "../support/crash-store.ts";

const shared = suite("entries that are written alike");

const TEAM = "team@x.org" as RoomJid;
const [ANN, BOB, CAROL] = ["ann@x.org", "bob@x.org", "carol@x.org"] as BareJid[] as [
  BareJid,
  BareJid,
  BareJid,
];
const TEACHER = "urn:x:teacher" as HatId;
const HATS = { hats: new Map([[TEACHER, { active: true }]]) };

shared("are read once, as long as there are not too many kinds of them", () => {
  let parsed = 0;
  const entries = new SharedEntries((raw) => {
    parsed += 1;
    return { value: raw };
  });
  assert.is(entries.read('{"a":1}'), entries.read('{"a":1}'));
  assert.is.not(entries.read('{"a":1}'), entries.read('{"a":2}'));
  assert.is(parsed, 2);
  for (let number = 0; number < MOST; number++) entries.read(String(number));
  parsed = 0;
  entries.read('"late"');
  entries.read('"late"');
  entries.read('{"a":1}');
  assert.is(parsed, 2);
});

shared("are one value in memory, which no change of one of them alters", async () => {
  const disk = new CrashDisk();
  const before = await openOn(disk);
  const users = [ANN, BOB, CAROL];
  const changes = users.flatMap((user) => [
    { kind: "user", room: TEAM, user, before: undefined, after: HATS } as const,
    { kind: "base", room: TEAM, user, after: new Map([[TEACHER, "Teacher"]]) } as const,
  ]);
  const about = { at: "2026-01-01T00:00:00.000Z", room: TEAM, author: { kind: "desk" } } as const;
  await before.append({ ...about, changes });
  await before.close();
  const store = await openOn(disk);
  assert.is(printState(store.state), printState(before.state));
  const room = store.state.rooms.get(TEAM);
  assert.is(room?.users.get(ANN), room?.users.get(BOB));
  assert.is(room?.base.get(ANN), room?.base.get(BOB));
  const after = { hats: new Map([[TEACHER, { required: true }]]) };
  await store.append({ ...about, changes: [{ kind: "user", room: TEAM, user: ANN, before: HATS, after }] });
  assert.equal(room?.users.get(ANN), after);
  assert.equal(room?.users.get(BOB), HATS);
  assert.is(room?.users.get(BOB), room?.users.get(CAROL));
  await store.close();
});

shared.run();
