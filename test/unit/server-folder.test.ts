/** The folders of throw-away servers, and what killed processes left of them. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeServerFolder } from "../../src/testing/server-folder.ts";
import { asOrdinaryUser } from "../support/ordinary-user.ts";

/* Above every process that Linux gives out. */
const NO_PROCESS = 2 ** 22 + 1;

const test = suite("the folder of a server");

test("what a killed process left goes, and what is not ours to remove does not keep a server from starting", async () => {
  const parent = mkdtempSync(join(tmpdir(), "milliner-folders-"));
  chmodSync(parent, 0o777);
  const [ours, closed, running] = [
    `milliner-server-${NO_PROCESS}-ours`,
    `milliner-server-${NO_PROCESS}-closed`,
    `milliner-server-${process.pid}-running`,
  ].map((name) => join(parent, name)) as [string, string, string];
  for (const folder of [ours, closed, running]) mkdirSync(folder);
  writeFileSync(join(closed, "prosody.cfg.lua"), "");
  chmodSync(closed, 0);
  try {
    const made = await asOrdinaryUser(() => makeServerFolder(parent));
    assert.equal([made, ours, closed, running].map(existsSync), [true, false, true, true]);
  } finally {
    chmodSync(closed, 0o700);
    rmSync(parent, { recursive: true });
  }
});

test.run();
