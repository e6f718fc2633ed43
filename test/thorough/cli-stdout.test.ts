/** What the program does where nobody can take what it prints. */
import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

const printing = suite("an answer");

printing(
  "that a full disk does not take is said in one line, with 2 and not with what means a refusal",
  () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", CLI, "--version"], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    assert.is(
      stderr,
      "stdout cannot be written (ENOSPC), so the answer is lost; what was asked may be done\n",
    );
    assert.is(status, 2);
  },
);

printing.run();
