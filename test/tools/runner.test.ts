/**
 * The test runner passes only what has run and passed: each way of not running is planted and has to be found.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const RUNNER = join(PROJECT, "test/run.mjs");

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly lastLine: string;
}

/** Runs the runner over planted files, by path below the project. */
async function runOver(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = ["unit"],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "milliner-runner-"));
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "test/unit"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  try {
    return await runIn(folder, args, env);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runIn(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = {
      env: { ...process.env, MILLINER_TEST_SERVERS: "", MILLINER_TEST_SECONDS_TO_END: "1", ...env },
    };
    const child = execFile(
      process.execPath,
      [RUNNER, "--in", folder, ...args],
      options,
      (_error, stdout, stderr) => {
        const output = stdout + stderr;
        resolve({ code: child.exitCode ?? -1, output, lastLine: stdout.trimEnd().split("\n").at(-1) ?? "" });
      },
    );
  });
}

const planted = (...lines: readonly string[]): string =>
  [`import { test } from "uvu";`, `import * as assert from "uvu/assert";`, ...lines].join("\n");
const GOOD = planted(`test("a rule that holds", () => {});`, `test.run();`);
const unit = (text: string): Readonly<Record<string, string>> => ({ "test/unit/a.test.ts": text });

const runner = suite("the test runner");

const BROKEN = planted(`test("hats fit", () => assert.is(1, 2));`, `test.run();`);
const FOR_OTHERS = `Reflect.set(globalThis, Symbol.for("milliner.test.forOtherServers"), true);`;

runner(
  "sums over all files, names the file and the rule that broke, and lets files for other servers be",
  async () => {
    const files = {
      ...unit(GOOD),
      "test/unit/deep/b.test.ts": GOOD,
      "test/unit/c.test.ts": BROKEN,
      "test/unit/d.test.ts": FOR_OTHERS,
    };
    const { code, output, lastLine } = await runOver(files);
    assert.match(output, "FAIL test/unit/c.test.ts");
    assert.match(output, "hats fit");
    assert.match(output, "d.test.ts: nothing for the chosen servers");
    assert.is(lastLine, "2 passed, 1 failed");
    assert.is(code, 1);
  },
);

runner("passes on the files that a pattern names, without servers where it is told so", async () => {
  const files = { ...unit(BROKEN), "test/unit/b.test.ts": GOOD };
  const words = ["unit", "servers", "b.test"];
  const { code, output, lastLine } = await runOver(files, words, { MILLINER_TEST_SERVERS: "none" });
  assert.match(output, "test/servers is left out");
  assert.is(lastLine, "1 passed, 0 failed");
  assert.is(code, 0);
});

const failing: Readonly<Record<string, { readonly file: string; readonly problem: string }>> = {
  "a file without tests": { file: planted(), problem: "runs no test" },
  "a file that forgot to run its tests": { file: planted(`test("x", () => {});`), problem: "never run" },
  "a suite that is not run beside one that is": {
    file: planted(
      `import { suite } from "uvu";`,
      `const hats = suite("hats");`,
      `hats("fit", () => assert.is(1, 2));`,
      `test("x", () => {});`,
      `test.run();`,
    ),
    problem: "hats: holds tests that are never run",
  },
  "a test that comes after its suite is run": {
    file: planted(`test("x", () => {});`, `test.run();`, `test("late", () => {});`),
    problem: "never run",
  },
  "a skipped test": {
    file: planted(`test("x", () => {});`, `test.skip("y", () => {});`, `test.run();`),
    problem: "skips 1",
  },
  "a test that runs only itself": {
    file: planted(`test.only("x", () => {});`, `test("y", () => {});`, `test.run();`),
    problem: "skips",
  },
  "a file that cannot be loaded": { file: `import "./missing.ts";`, problem: "ended its process" },
  "a crash": {
    file: planted(`test("x", () => process.exit(0));`, `test.run();`),
    problem: "ended its process",
  },
  "a rejection that nobody handles": {
    file: planted(
      `test("x", () => { void Promise.reject(new Error("lost")); });`,
      `test("y", () => new Promise(setImmediate));`,
      `test.run();`,
    ),
    problem: "Error: lost",
  },
  "a setup that fails": {
    file: planted(
      `test.before(() => { throw new Error("not set up"); });`,
      `test("x", () => {});`,
      `test.run();`,
    ),
    problem: "not set up",
  },
  "a tidying up that fails": {
    file: planted(
      `test.after(() => { throw new Error("not tidied up"); });`,
      `test("x", () => {});`,
      `test.run();`,
    ),
    problem: "not tidied up",
  },
  "a test that takes too long": {
    file: planted(`// runner: deadline 1 s`, `test("x", () => new Promise(() => {}));`, `test.run();`),
    problem: "longer than 1 s",
  },
};

const fileOf = (what: string): string => `test/unit/${what.replaceAll(" ", "-")}.test.ts`;
let allFailing: Promise<Outcome> | undefined;

for (const [what, { problem }] of Object.entries(failing))
  runner(`fails on ${what}`, async () => {
    const files = Object.entries(failing).map(([name, { file }]) => [fileOf(name), file] as const);
    allFailing ??= runOver(Object.fromEntries(files));
    const { code, output } = await allFailing;
    const start = output.indexOf(`FAIL ${fileOf(what)}`);
    assert.not.equal(start, -1, output);
    assert.match(output.slice(start), problem);
    assert.is(code, 1);
  });

runner("fails on a process that stays alive after its last test", async () => {
  const left = planted(`test("x", () => void setInterval(() => {}, 1000));`, `test.run();`);
  const { code, output } = await runOver(unit(left));
  assert.match(output, "left something open");
  assert.is(code, 1);
});

runner("fails at once where no test process starts, as without the npm packages", async () => {
  const NODE_OPTIONS = "--import data:text/javascript,if(process.send)process.exit(7)";
  const { code, output, lastLine } = await runOver(unit(GOOD), ["unit"], { NODE_OPTIONS });
  assert.match(output, "a test process did not start (exit code 7)");
  assert.match(lastLine, /^0 passed, [1-9]\d* failed$/);
  assert.is(code, 1);
});

runner("runs in the matrix only what depends on the kind of server", async () => {
  const files = {
    "test/servers/a.test.ts": GOOD,
    "test/servers/b.test.ts": `${GOOD}\n// as if from "../support/servers.ts"`,
  };
  const { output, lastLine } = await runOver(files, ["matrix"]);
  assert.match(output, "ok   test/servers/b.test.ts");
  assert.is(lastLine, "1 passed, 0 failed");
});

runner("fails on folders without test files, servers included unless it is told otherwise", async () => {
  const { code, output } = await runOver({}, ["unit", "servers"]);
  assert.match(output, "test/unit holds no test files");
  assert.match(output, "test/servers holds no test files");
  assert.is(code, 1);
});

runner("fails when a pattern names nothing", async () => {
  const { code, lastLine } = await runOver(unit(GOOD), ["unit", "no-such"]);
  assert.is(lastLine, "0 passed, 1 failed");
  assert.is(code, 1);
});

runner.run();
