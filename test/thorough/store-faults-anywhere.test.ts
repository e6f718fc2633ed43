/** A disk that fails once, at any access, before or after it did what it was asked: what was promised holds all the same. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Draft } from "../../src/core/entry.ts";
import { HatsError } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import type { Store } from "../../src/store/store.ts";
import { CrashDisk } from "../support/crash-disk.ts";
import { openOn } from "../support/crash-store.ts";
import { fixedPace } from "../support/fixed-pace.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const HAT = "urn:x:a" as HatId;
const CHANGES = 14;
const LAST = "last@x.org";

/* What became of each change, by the person it was for. */
type Outcomes = Map<string, string>;

interface Played {
  readonly disk: CrashDisk;
  readonly outcomes: Outcomes;
  /** What the disk was asked for when it failed; undefined where it was not asked so often. */
  readonly failedAt: string | undefined;
}

/* Makes some changes with compactions in between, on a disk whose access number `nth` fails. */
async function play(nth: number, code: string, mayBlock: boolean): Promise<Played> {
  let left = Number.POSITIVE_INFINITY;
  let failedAt: string | undefined;
  const disk = new CrashDisk({
    onAccess(access, name) {
      left -= 1;
      if (left !== 0) return;
      failedAt = `${access} ${name}`;
      throw Object.assign(new Error(`${code}: injected`), { code });
    },
  });
  const store = await openOn(disk, { pace: fixedPace(() => mayBlock), journalBytes: 500 });
  left = nth;
  const outcomes: Outcomes = new Map();
  for (let number = 0; number < CHANGES; number += 2) {
    await Promise.all([number, number + 1].map((each) => give(store, `user${each}@x.org`, outcomes)));
    for (let turn = 0; turn < 8; turn++) await nextTurn();
  }
  if (failedAt !== undefined) await give(store, LAST, outcomes);
  await store.close();
  return { disk, outcomes, failedAt };
}

async function give(store: Store, user: string, outcomes: Outcomes): Promise<void> {
  const draft: Draft = {
    at: "2026-01-01T00:00:00.000Z",
    room: TEAM,
    author: { kind: "program" },
    changes: [
      {
        kind: "user",
        room: TEAM,
        user: user as BareJid,
        before: undefined,
        after: { hats: new Map([[HAT, {}]]) },
      },
    ],
  };
  try {
    await store.append(draft);
    outcomes.set(user, "made");
  } catch (error) {
    if (!(error instanceof HatsError)) throw error;
    outcomes.set(user, error.code);
  }
}

/* Opens and closes the store once more, and holds it against what people were told. */
async function examine({ disk, outcomes }: Played): Promise<string[]> {
  const store = await openOn(new CrashDisk({}, disk.files()));
  const kept = new Set<string>(store.state.rooms.get(TEAM)?.users.keys());
  await store.close();
  const again = new CrashDisk({}, disk.files());
  await (await openOn(again)).close();
  const told = again.contentOf("history.jsonl")?.toString().split("\n").slice(0, -1) ?? [];
  const people = told.map((line) => (JSON.parse(line) as { changes: { user: string }[] }).changes[0]?.user);
  return [...outcomes].flatMap(([user, outcome]) => {
    const times = people.filter((each) => each === user).length;
    if (times !== (kept.has(user) ? 1 : 0)) return [`${user} is ${times} times in the history`];
    if (outcome === "made" && !kept.has(user)) return [`${user} is lost`];
    return outcome === "store-unwritable" && kept.has(user) ? [`${user} was refused, and is there`] : [];
  });
}

const faults = suite("a disk that fails once");

for (const code of ["ENOSPC", "EMFILE", "EROFS", "EIO"]) {
  faults(`with ${code}, at any access: nothing made is lost, nothing refused is there`, async () => {
    for (const mayBlock of [true, false]) {
      for (let nth = 1; ; nth++) {
        const played = await play(nth, code, mayBlock);
        if (played.failedAt === undefined) break;
        assert.equal(await examine(played), [], `${played.failedAt}, access ${nth}`);
      }
    }
  });
}

/* Where nobody knows any more what is on the disk, or under which name. */
const SECURING = ["sync hats.journal", "sync hats.journal.new"];
const SETTING_ASIDE = ["rename hats.journal", "rename hats.journal.new", "sync-folder "];

for (const code of ["ENOSPC", "EMFILE", "EROFS"]) {
  faults(
    `after one ${code} the store goes on, unless it came in securing or renaming the journal`,
    async () => {
      assert.equal(await stoppedBy(code), [...SETTING_ASIDE, ...SECURING].toSorted());
    },
  );
}

faults("no error before the journal is set aside stops the store", async () => {
  const stopping = await stoppedBy("EIO");
  const preparing = ["create hats.journal.new", "truncate hats.journal", "truncate hats.journal.new"];
  assert.equal(
    preparing.filter((access) => stopping.includes(access)),
    [],
  );
});

/* Where one error of this code has the store refuse whatever comes after it. */
async function stoppedBy(code: string): Promise<string[]> {
  const stopping = new Set<string>();
  for (let nth = 1; ; nth++) {
    const { failedAt, outcomes } = await play(nth, code, true);
    if (failedAt === undefined) return [...stopping].toSorted();
    if (outcomes.get(LAST) === "store-unwritable") stopping.add(failedAt);
  }
}

faults.run();
