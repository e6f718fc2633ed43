import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const LOG_LINES = fileURLToPath(new URL("../../src/cli/log-lines.ts", import.meta.url));
const lines = suite("the lines of the log");

/* Runs a program that has `line`, which writes one; returns what it wrote, and how it ended. */
function run(program: string): { readonly written: string; readonly end: string } {
  const source = `
    import { logLines } from ${JSON.stringify(LOG_LINES)};
    const out = logLines();
    const line = (text) => out.write(text + "\\n");
    ${program}`;
  const { stdout, status, signal } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", source],
    { encoding: "utf8" },
  );
  return { written: stdout, end: String(signal ?? status) };
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

lines.run();
