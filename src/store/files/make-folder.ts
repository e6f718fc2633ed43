/** Makes the folder of a store or of a copy, with whatever of its path is missing. */
import { lstatSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { OperatorError, type FaultCode } from "../../core/errors.ts";
import { errorCode } from "./folder.ts";

/**
 * Makes a folder and those above it that are missing, mode 0700.
 *
 * Returns the topmost that was made, undefined where the folder was there.
 *
 * @throws OperatorError of `code` where the folder above takes none; else what node:fs throws
 */
export function makeFolder(path: string, code: FaultCode): string | undefined {
  const folder = resolve(path);
  if (isFolder(folder)) return undefined;
  const above = dirname(folder) === folder ? undefined : makeFolder(dirname(folder), code);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === "EEXIST" && isFolder(folder)) return above;
    // COMPAT: /proc and an automounter's folders are there and yet say this of what is to be made in them, and the
    // recursion of Node 20's own mkdir never ends there.
    if (errorCode(error) !== "ENOENT") throw error;
    throw new OperatorError(code, `${folder}: no folder can be made there; name another one`, error);
  }
  return above ?? folder;
}

/* A link that leads nowhere throws: to make another folder would make a store that nobody meant. */
function isFolder(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  return statSync(path).isDirectory();
}
