/**
 * Gets what is missing: `node .ci/setup.mjs demo|test|matrix|browser|service|bench`.
 *
 * demo: the npm packages and a local Prosody. test: also what the tests of MILLINER_TEST_SERVERS need. matrix: also
 * the newer servers. browser: what demo needs, and chromium. service: what demo needs, and systemd. bench:
 * what demo needs, and the yardstick of the benchmark. It needs nothing but Node itself, says what it does, and is silent when all is there.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages, isDebian, missingPackages } from "./debian.mjs";
import { buildYardstick, hasNpmPackages, hasYardstick, installNpmPackages } from "./npm-packages.mjs";
import { SetupError } from "./step.mjs";
import { buildTree, hasTree } from "./tree.mjs";

const SELF = fileURLToPath(import.meta.url);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
// As in src/testing/installation.ts.
const CACHE =
  process.env.MILLINER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "milliner");
const FOR_DEMO = ["prosody"];
const FOR_BROWSER = [...FOR_DEMO, "chromium"];
const FOR_SERVICE = [...FOR_DEMO, "systemd", "procps"];
const CLIENTS = ["python3-slixmpp", "python3-nbxmpp", "profanity", "poezio", "tmux"];
const FOR_TESTS = ["prosody", "ejabberd", "lua5.4", "openssl", ...CLIENTS];
const NEWER_SERVERS = /prosody-13|ejabberd-26|^all$/;
const IS_LOCKED = "MILLINER_SETUP_IS_LOCKED";

const goal = process.argv[2];
if (!["demo", "test", "matrix", "browser", "service", "bench"].includes(goal)) {
  console.error("usage: node .ci/setup.mjs demo|test|matrix|browser|service|bench");
  process.exit(2);
}

try {
  const work = missingWork();
  if (work.length > 0) await doOneAtATime(work);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exit(1);
}

/** What is to be done for the goal, in order. */
function missingWork() {
  const work = [];
  if (!hasNpmPackages(ROOT)) work.push(() => installNpmPackages(ROOT));
  if (goal === "bench" && !hasYardstick(ROOT)) work.push(() => buildYardstick(ROOT));
  const packages = missingPackages(packagesFor(goal)).filter((name) => isDebian || !isInPath(name));
  if (packages.length > 0) work.push(() => installPackages(packages));
  if (needsTree() && !hasTree(CACHE)) work.push(() => buildTree(CACHE));
  return work;
}

function packagesFor(goal) {
  if (goal === "demo" || goal === "bench") return FOR_DEMO;
  if (goal === "browser") return FOR_BROWSER;
  if (goal === "service") return FOR_SERVICE;
  return goal === "test" && process.env.MILLINER_TEST_SERVERS === "none" ? [] : FOR_TESTS;
}

function needsTree() {
  return (
    goal === "matrix" || (goal === "test" && NEWER_SERVERS.test(process.env.MILLINER_TEST_SERVERS ?? ""))
  );
}

function isInPath(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)));
}

function makeCacheFolder() {
  try {
    mkdirSync(CACHE, { recursive: true });
  } catch (error) {
    throw new SetupError(`${error.message}\nMILLINER_CACHE names another folder for what is kept.`);
  }
}

/** Does the work under a lock, where the machine has flock, by starting over once the lock is held. */
async function doOneAtATime(work) {
  makeCacheFolder();
  if (process.env[IS_LOCKED] !== undefined || !isInPath("flock")) {
    for (const next of work) await next();
    return;
  }
  const again = [join(CACHE, "setup.lock"), process.execPath, SELF, goal];
  const { status } = spawnSync("flock", again, {
    stdio: "inherit",
    env: { ...process.env, [IS_LOCKED]: "1" },
  });
  if (status !== 0) process.exit(status ?? 1);
}
