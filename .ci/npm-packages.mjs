/**
 * The npm packages of the lock files: the project's own, and the benchmark's yardstick, which is not among them since it
 * is compiled where no built one can be had, for minutes and with a compiler.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { step } from "./step.mjs";

const YARDSTICK = "test/bench";
const BUILT = "node_modules/better-sqlite3/build/Release/better_sqlite3.node";

/** Tells whether what is installed is what the lock file says, by version; optional packages may be absent. */
export function hasNpmPackages(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules/.package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    return installed[path] === undefined ? optional === true : installed[path].version === version;
  });
}

/** Installs exactly what the lock file says, without the packages' own scripts: none of them matters. */
export async function installNpmPackages(root) {
  const options = ["--prefix", root, "--ignore-scripts", "--no-audit", "--no-fund"];
  await step("Getting the npm packages", "npm", ["ci", ...options]);
}

/** Tells whether the benchmark's yardstick is there, and built. */
export function hasYardstick(root) {
  const folder = join(root, YARDSTICK);
  return hasNpmPackages(folder) && existsSync(join(folder, BUILT));
}

/** Gets the benchmark's yardstick, or builds it. */
export async function buildYardstick(root) {
  const options = ["--prefix", join(root, YARDSTICK), "--no-audit", "--no-fund"];
  await step("Getting or building better-sqlite3", "npm", ["ci", ...options]);
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return {};
  }
}
