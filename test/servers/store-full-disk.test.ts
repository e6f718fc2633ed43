/**
 * The store on a small file system of its own that runs full and becomes read-only.
 *
 * Mounting takes root. Anybody else gets the same faults injected, in test/unit/store-faults.test.ts, and is told so.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { backup } from "../../src/cli/backup.ts";
import { HatsError, OperatorError } from "../../src/core/errors.ts";
import type { Desk } from "../../src/desk/desk.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { checkStore } from "../../src/store/check-store.ts";
import { assertRejects } from "../support/assert-rejects.ts";

const ROOM = "team@rooms.example.org";
const isRoot = process.getuid?.() === 0;

const disk = suite("a disk that is full or read-only");
let mounted = "";
disk.before.each(() => {
  mounted = mkdtempSync(join(tmpdir(), "milliner-disk-"));
  if (isRoot) execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted]);
});
disk.after.each(() => {
  if (isRoot) execFileSync("umount", [mounted]);
  rmSync(mounted, { recursive: true, force: true });
});

disk("full: changes are refused, nothing is lost, and they succeed again when there is room", async () => {
  if (!isRoot) return tellInjected();
  const data = join(mounted, "data");
  const ballast = join(mounted, "ballast");
  let desk = await open(data);
  writeFileSync(ballast, Buffer.alloc(700 * 1024));
  const refused = await fill(desk);
  assert.is(refused.code, "store-unwritable");
  const before = desk.roomHats(ROOM);
  assert.is((await fill(desk)).code, "store-unwritable");
  rmSync(ballast);
  assert.equal(await desk.addUserHat("late@example.org", ROOM, "urn:x:a"), { changed: true });
  const after = desk.roomHats(ROOM);
  assert.is(Object.keys(after.users).length, Object.keys(before.users).length + 1);
  await desk.close();
  desk = await open(data);
  assert.equal(desk.roomHats(ROOM), after);
  await desk.close();
});

disk("full at a clean stop: the journal stays, and holds everything", async () => {
  if (!isRoot) return tellInjected();
  const data = join(mounted, "data");
  let desk = await open(data);
  await fill(desk);
  const before = desk.roomHats(ROOM);
  await desk.close();
  execFileSync("mount", ["-o", "remount,size=8m", mounted]);
  desk = await open(data);
  assert.equal(desk.roomHats(ROOM), before);
  await desk.close();
});

disk(
  "full: a backup to it is refused, with nothing left of it, also where the last piece fits in part",
  async () => {
    if (!isRoot) return tellInjected();
    const data = mkdtempSync(join(tmpdir(), "milliner-source-"));
    try {
      await (await open(data)).close();
      writeFileSync(join(data, "history.jsonl"), Buffer.alloc(60_000, "x"));
      const { bavail, bsize } = statfsSync(mounted);
      writeFileSync(join(mounted, "ballast"), Buffer.alloc(bavail * bsize - 40_960));
      const refusal = backup(
        { out: assert.unreachable, err: assert.unreachable },
        data,
        join(mounted, "a/b"),
      );
      const { code, exit, message } = await assertRejects(refusal, OperatorError);
      assert.equal([code, exit], ["backup-unwritable", 2]);
      assert.match(
        message,
        /a\/b\/history\.jsonl: there is no room for it; make some, or name a folder on another disk$/,
      );
      assert.equal(readdirSync(mounted), ["ballast"]);
    } finally {
      rmSync(data, { recursive: true });
    }
  },
);

disk("read-only: the store is not opened, check says so before, and the reason is named", async () => {
  if (!isRoot) return tellInjected();
  const data = join(mounted, "data");
  await (await open(data)).close();
  const empty = join(mounted, "empty");
  mkdirSync(empty);
  execFileSync("mount", ["-o", "remount,ro", mounted]);
  for (const refused of [open(data), checkStore(data), checkStore(empty), checkStore(join(empty, "new"))]) {
    const error = await assertRejects(refused, OperatorError);
    assert.is(error.code, "store-unreadable");
    assert.match(error.message, "the file system is read-only");
  }
});

disk.run();

function open(data: string): Promise<Desk> {
  return openDesk({ data, affiliations: { isKept: () => true, affiliation: async () => "member" } });
}

let people = 0;

/* Makes changes, some at once, until one is refused; returns why. */
async function fill(desk: Desk): Promise<HatsError> {
  for (;;) {
    const changes = Array.from({ length: 16 }, () => {
      people += 1;
      return desk.addUserHat(`user${people}@example.org`, ROOM, "urn:x:a", { title: `Hat ${people}` });
    });
    const outcomes = await Promise.allSettled(changes);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected" && outcome.reason instanceof HatsError) return outcome.reason;
    }
  }
}

function tellInjected(): void {
  console.log("not root, nothing mounted: store-faults.test.ts injects these faults");
}
