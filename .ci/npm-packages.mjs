/**
 * The npm packages of the lock file.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { step } from "./step.mjs";

/** Tells whether what is installed is what the lock file says, by version; optional packages may be absent. */
export function hasNpmPackages(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const installed = readPackages(join(root, "node_modules/.package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    return installed[path] === undefined ? optional === true : installed[path].version === version;
  });
}

/**
 * Installs exactly what the lock file says, without running the packages' own scripts: the only one that matters
 * builds the benchmark's yardstick, which needs a compiler where no built one can be had.
 */
export async function installNpmPackages(root) {
  const options = ["--prefix", root, "--ignore-scripts", "--no-audit", "--no-fund"];
  await step("Getting the npm packages", "npm", ["ci", ...options]);
}

/** Tells whether the benchmark's yardstick is built. */
export function hasYardstick(root) {
  return existsSync(join(root, "node_modules/better-sqlite3/build/Release/better_sqlite3.node"));
}

/** Gets or builds the benchmark's yardstick. */
export async function buildYardstick(root) {
  await step("Building better-sqlite3", "npm", ["rebuild", "--prefix", root, "better-sqlite3"]);
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return {};
  }
}
