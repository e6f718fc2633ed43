/**
 * Runs the tests: `node test/run.mjs [--in FOLDER] unit|thorough|tools|servers|matrix|browser|service… [PATTERN…]`.
 *
 * `matrix` means those files of test/servers whose outcome depends on the kind of server; `browser` are people at a
 * real browser; `service` is the systemd unit under a systemd of its own. Files of test/unit and of
 * test/thorough (the same, but slower) share a few processes; each file of test/tools (about what checks the project), test/servers and test/clients has a process of its
 * own, since it starts others. uvu by itself passes when there is nothing to run, so this runner fails on: a folder without
 * test files, a file without tests, a suite that is never run, a skipped test, a crash, an unhandled rejection, a passed
 * deadline, a process that does not start, or that stays alive after its last test. A file may ask for more time by a
 * line `// runner: deadline 600 s`.
 *
 * The last line is `N passed, N failed`; the exit code is 0 only if something passed and nothing failed.
 */
import { fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("support/test-worker.mjs", import.meta.url));
const GROUPS = {
  unit: { folder: "test/unit", filesAProcess: Number.POSITIVE_INFINITY, deadline: 60 },
  thorough: { folder: "test/thorough", filesAProcess: Number.POSITIVE_INFINITY, deadline: 120 },
  tools: { folder: "test/tools", filesAProcess: 1, deadline: 180 },
  servers: { folder: "test/servers", filesAProcess: 1, deadline: 180, needsServers: true },
  clients: { folder: "test/clients", filesAProcess: 1, deadline: 180, needsServers: true },
  matrix: {
    folder: "test/servers",
    filesAProcess: 1,
    deadline: 180,
    needsServers: true,
    takes: dependsOnKind,
  },
  browser: { folder: "test/browser", filesAProcess: 1, deadline: 180, needsServers: true },
  service: { folder: "test/service", filesAProcess: 1, deadline: 180, needsServers: true },
};
const PROCESSES = Math.min(2, availableParallelism());
const SECONDS_TO_END = Number(process.env.MILLINER_TEST_SECONDS_TO_END ?? 10);

const { root, groups, patterns } = readArguments(process.argv.slice(2));
const total = { passed: 0, failed: 0 };

for (const group of groups) await runGroup(group);
if (total.passed + total.failed === 0) fail("no test was run");
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

function readArguments(args) {
  const root =
    args[0] === "--in" ? resolve(args.splice(0, 2)[1]) : fileURLToPath(new URL("..", import.meta.url));
  const groups = args.filter((name) => name in GROUPS);
  if (groups.length === 0) {
    console.error(`usage: node test/run.mjs ${Object.keys(GROUPS).join("|")}… [PATTERN…]`);
    process.exit(2);
  }
  return { root, groups, patterns: args.filter((name) => !(name in GROUPS)) };
}

async function runGroup(group) {
  const { folder, needsServers = false, takes = () => true, ...limits } = GROUPS[group];
  if (needsServers && process.env.MILLINER_TEST_SERVERS === "none") {
    console.log(`${folder} is left out, because MILLINER_TEST_SERVERS=none says so`);
    return;
  }
  const all = testFiles(folder).filter(takes);
  if (all.length === 0) fail(`${folder} holds no test files`);
  // What takes longest goes first, so that nothing long is left over at the end.
  const queue = all
    .filter(isWanted)
    .toSorted((one, other) => (ownDeadline(other) ?? 0) - (ownDeadline(one) ?? 0));
  const processes = Math.min(PROCESSES, queue.length);
  await Promise.all(Array.from({ length: processes }, () => drain(queue, limits)));
}

function isWanted(file) {
  return patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
}

function dependsOnKind(file) {
  return readFileSync(join(root, file), "utf8").includes("/support/servers.ts");
}

function testFiles(folder) {
  let names = [];
  try {
    names = readdirSync(join(root, folder), { recursive: true });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const files = names.filter((name) => name.endsWith(".test.ts")).map((name) => `${folder}/${name}`);
  return files.toSorted();
}

async function drain(queue, limits) {
  while (queue.length > 0) await runProcess(queue, limits);
}

/** Feeds files of the queue to one process until its share is done or it has ended. */
function runProcess(queue, { filesAProcess, deadline }) {
  return new Promise((done) => {
    const worker = fork(WORKER, { cwd: root, execArgv: ["--import", "tsx"], silent: true });
    let output = "";
    let current;
    let last;
    let isReady = false;
    let allPassed = true;
    let share = filesAProcess;
    let timer;
    for (const stream of [worker.stdout, worker.stderr]) stream.on("data", (chunk) => (output += chunk));

    const expectWithin = (seconds, problem) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (problem !== undefined) fail(problem, output);
        current = undefined;
        last = undefined;
        worker.kill("SIGKILL");
      }, seconds * 1000);
    };
    const feed = () => {
      last = current;
      current = share > 0 ? queue.shift() : undefined;
      share -= 1;
      output = "";
      if (current === undefined) {
        // A test that failed did not come to its tidying up, which is nothing to report beside the failure.
        if (allPassed) expectWithin(SECONDS_TO_END, `${last} left something open: its process did not end`);
        else expectWithin(1);
        worker.send({ end: true });
        return;
      }
      const seconds = ownDeadline(current) ?? deadline;
      expectWithin(seconds, `${current} took longer than ${seconds} s`);
      worker.send({ file: join(root, current) });
    };
    worker.on("message", (report) => {
      if (report.ready) {
        isReady = true;
        return feed();
      }
      tell(current, report, output);
      allPassed &&= report.failed === 0;
      feed();
    });
    worker.on("close", (code, signal) => {
      clearTimeout(timer);
      const how = signal ?? `exit code ${code}`;
      if (!isReady) {
        // The next one would not start either, and so on for ever.
        queue.length = 0;
        fail(`a test process did not start (${how})`, output);
      } else if (current !== undefined)
        fail(`${current} ended its process before its tests were done (${how})`, output);
      else if (last !== undefined && allPassed && code !== 0)
        fail(`after ${last} the process ended with ${how}`, output);
      done();
    });
  });
}

function ownDeadline(file) {
  const match = /^\/\/ runner: deadline (\d+) s$/m.exec(readFileSync(join(root, file), "utf8"));
  return match === null ? undefined : Number(match[1]);
}

/** Counts and prints what a worker reports of one file. */
function tell(file, { passed, failed, skipped, forOtherServers, errors, seconds }, output) {
  total.passed += passed;
  total.failed += failed;
  if (errors.length > 0) console.log(`FAIL ${file}\n${errors}`);
  if (skipped > 0) fail(`${file} skips ${skipped} of its tests`);
  if (passed + failed + skipped > 0) {
    if (failed > 0 && output.trim() !== "") console.log(indent(output));
    console.log(`${failed > 0 ? "FAIL" : "ok  "} ${file}: ${passed} of ${passed + failed} in ${seconds} s`);
  } else if (forOtherServers) console.log(`     ${file}: nothing for the chosen servers`);
  else fail(`${file} runs no test`, output);
}

function fail(problem, output = "") {
  total.failed += 1;
  console.log(`FAIL ${problem}`);
  if (output.trim() !== "") console.log(indent(output));
}

function indent(text) {
  return text.trimEnd().replace(/^/gm, "     | ");
}
