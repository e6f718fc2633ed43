/**
 * The npm packages of the lock file.
 */
import { readFileSync } from "node:fs";
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

/** Installs exactly what the lock file says. */
export async function installNpmPackages(root) {
  await step("Getting the npm packages", "npm", ["ci", "--prefix", root, "--no-audit", "--no-fund"]);
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return {};
  }
}
