/** Setting up a fresh clone, as far as it goes without installing anything. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertRejects } from "../support/assert-rejects.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

const setup = suite("setting up");

setup("says which folder it cannot make, and how to name another one", async () => {
  const clone = mkdtempSync(join(tmpdir(), "milliner setup "));
  try {
    for (const name of [".ci", "package.json", "package-lock.json"]) {
      cpSync(join(ROOT, name), join(clone, name), { recursive: true });
    }
    const file = join(clone, "no-folder");
    writeFileSync(file, "");
    const env = { ...process.env, MILLINER_CACHE: join(file, "cache") };
    const started = run(process.execPath, [join(clone, ".ci/setup.mjs"), "demo"], { env });
    const { code, stderr } = (await assertRejects(started, Error)) as Error & Ended;
    assert.is(code, 1);
    assert.match(
      stderr,
      /^ENOTDIR: .*no-folder.*\nMILLINER_CACHE names another folder for what is kept\.\n$/,
    );
  } finally {
    rmSync(clone, { recursive: true });
  }
});

setup.run();
