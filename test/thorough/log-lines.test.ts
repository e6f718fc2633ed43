import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const LOG_LINES = fileURLToPath(new URL("../../src/cli/log-lines.ts", import.meta.url));
const lines = suite("the lines of the log");

/* Runs a program that has `line`, which writes one; returns what it wrote, and how it ended. */
function run(
  program: string,
  stdout: number | "pipe" = "pipe",
): { readonly written: string; readonly end: string } {
  const source = `
    import { logLines } from ${JSON.stringify(LOG_LINES)};
    const out = logLines();
    const line = (text) => out.write(text + "\\n");
    ${program}`;
  const {
    stdout: written,
    status,
    signal,
  } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", source], {
    encoding: "utf8",
    stdio: ["ignore", stdout, "inherit"],
  });
  return { written: written ?? "", end: String(signal ?? status) };
}

lines("are out before anything follows from them, so that not even SIGKILL loses one", () => {
  const kill = `process.kill(process.pid, "SIGKILL")`;
  const { written, end } = run(`
    setImmediate(() => {
      line("one");
      line("two");
      Promise.resolve().then(() => ${kill});
    });`);
  assert.is(end, "SIGKILL");
  assert.is(written, "one\ntwo\n");
});

lines("are out where the program ends in the turn in which they are written", () => {
  assert.equal(run(`line("last"); process.exit(3);`), { written: "last\n", end: "3" });
  assert.equal(run(`setImmediate(() => { line("last"); throw new Error("bug"); });`), {
    written: "last\n",
    end: "1",
  });
});

lines("that a full disk does not take end nothing", () => {
  const full = openSync("/dev/full", "w");
  const { end } = run(
    `line("one"); setImmediate(() => { line("two"); setImmediate(() => process.exit(4)); });`,
    full,
  );
  closeSync(full);
  assert.is(end, "4");
});

lines.run();
