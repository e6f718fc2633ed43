/**
 * The process that test/run.mjs feeds with test files, one at a time, and that reports the outcome of each.
 *
 * It stands in for uvu's own runner, which cannot tell a file without tests from one that passes.
 */
import { register } from "node:module";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

/** Set by test/support/servers.ts when a file has nothing for the chosen kinds of server. */
const FOR_OTHER_SERVERS = Symbol.for("milliner.test.forOtherServers");
const HOOK_ERRORS = Symbol.for("milliner.test.hookErrors");
const WAITING_SUITES = Symbol.for("milliner.test.waitingSuites");

globalThis.UVU_DEFER = 1;
globalThis.UVU_QUEUE = [];
register("./uvu-hooks.mjs", import.meta.url);
await import("uvu");

// The parent's own disconnect would keep it from hearing that this process has closed.
process.on("message", ({ file, end }) => (end ? process.disconnect() : void runFile(file)));
process.on("unhandledRejection", crash);
process.on("uncaughtException", crash);
// A runner that is gone wants no results; ending here also ends the servers that the tests started.
process.on("disconnect", () => {
  if (running) process.exit(1);
});
let running = false;
process.send({ ready: true });

async function runFile(file) {
  running = true;
  const started = performance.now();
  globalThis[FOR_OTHER_SERVERS] = false;
  globalThis.UVU_INDEX = globalThis.UVU_QUEUE.push([]) - 1;
  await import(pathToFileURL(file).href);
  const report = { passed: 0, failed: 0, skipped: 0, errors: "" };
  for (const run of globalThis.UVU_QUEUE[globalThis.UVU_INDEX]) {
    const [errors, passed, skipped, total] = await run();
    report.passed += passed;
    report.failed += total - passed;
    report.skipped += skipped;
    if (errors !== true) report.errors += errors;
  }
  for (const error of globalThis[HOOK_ERRORS].splice(0)) {
    report.failed += 1;
    report.errors += `   a before or after failed: ${inspect(error)}\n`;
  }
  for (const { name } of globalThis[WAITING_SUITES]) {
    report.failed += 1;
    report.errors += `   ${name}: holds tests that are never run\n`;
  }
  globalThis[WAITING_SUITES].clear();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  running = false;
  process.send({ ...report, seconds, forOtherServers: globalThis[FOR_OTHER_SERVERS] });
}

function crash(error) {
  console.error(error);
  process.exit(1);
}
