/**
 * A desk in a process of its own, killed with SIGKILL under load; and processes that race for one store.
 *
 * Leaves out lost power, which SIGKILL does not test: see store-power-cuts.test.ts.
 */
// runner: deadline 600 s
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OperatorError } from "../../src/core/errors.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { below, seededRandom } from "../support/crash-disk.ts";

const KILLS = 50;
const LEAST_ACKNOWLEDGED = 100;
const ROOM = "team@rooms.example.org";

let folder = "";
const kill = suite("SIGKILL under load");
kill.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "milliner-kill-"));
});
kill.after.each(() => rmSync(folder, { recursive: true, force: true }));

kill(
  `${KILLS} times, after at least ${LEAST_ACKNOWLEDGED} acknowledged changes each: none is lost`,
  async () => {
    const random = seededRandom(1);
    for (let round = 0; round < KILLS; round++) {
      const acknowledged = await workUntilKilled(LEAST_ACKNOWLEDGED + below(random, 2_000));
      const kept = await readKept();
      for (const [worker, number] of acknowledged) {
        const found = kept.get(worker) ?? 0;
        // One change a worker may have become durable without its line.
        assert.ok(
          found === number || found === number + 1,
          `${worker}: ${number} acknowledged, ${found} kept`,
        );
      }
    }
    const seqs = readFileSync(join(folder, "history.jsonl"), "utf8").trim().split("\n").map(readSeq);
    assert.ok(seqs.length > KILLS * LEAST_ACKNOWLEDGED);
    assert.ok(
      seqs.every((seq, index) => seq === index + 1),
      "the history has each change once, in order",
    );
  },
);

/* Runs the writer, kills it after so many lines, and resolves with each worker's last acknowledged number. */
async function workUntilKilled(changes: number): Promise<ReadonlyMap<string, number>> {
  const writer = start("crash-writer.ts");
  const ended = once(writer, "exit");
  const acknowledged = new Map<string, number>();
  let count = 0;
  for await (const line of createInterface({ input: writer.stdout! })) {
    const [worker, number] = line.split(" ");
    acknowledged.set(`worker${worker}@example.org`, Number(number));
    count += 1;
    if (count === changes) writer.kill("SIGKILL");
  }
  await ended;
  assert.ok(count >= changes, "the writer ended by itself");
  return acknowledged;
}

async function readKept(): Promise<ReadonlyMap<string, number>> {
  const desk = await openDesk({
    data: folder,
    affiliations: { isKept: () => true, affiliation: async () => "member" },
  });
  const { users } = desk.roomHats(ROOM);
  await desk.close();
  return new Map(Object.entries(users).map(([user, { hats }]) => [user, Number(hats["urn:x:a"]?.title)]));
}

function readSeq(line: string): number {
  return (JSON.parse(line) as { seq: number }).seq;
}

kill("of three processes that race for a store one holds it, and its end gives it free", async () => {
  const holders = [1, 2, 3].map(() => start("crash-holder.ts"));
  const ends = holders.map((holder) => once(holder, "exit"));
  const said = await Promise.all(
    holders.map(async (holder) => {
      const [line] = await once(createInterface({ input: holder.stdout! }), "line");
      return String(line);
    }),
  );
  assert.equal(said.toSorted(), ["held", "store-locked", "store-locked"]);
  try {
    await readKept();
    assert.unreachable();
  } catch (error) {
    assert.instance(error, OperatorError);
    assert.is((error as OperatorError).code, "store-locked");
  }
  holders[said.indexOf("held")]?.kill("SIGKILL");
  await Promise.all(ends);
  assert.is((await readKept()).size, 0);
});

kill.run();

function start(program: string): ChildProcess {
  const path = fileURLToPath(new URL(`../support/${program}`, import.meta.url));
  return spawn(process.execPath, ["--import", "tsx", path, folder], { stdio: ["pipe", "pipe", "inherit"] });
}
