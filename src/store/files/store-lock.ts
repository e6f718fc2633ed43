/**
 * One desk a store: a lock on DATA/lock that the kernel gives back when its holder ends, however it ends.
 *
 * The file is never removed, since whoever waits for it could then hold a lock on a file that no longer has a name.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import { OperatorError } from "../../core/errors.ts";

/** Takes the lock of a store, or refuses; returns how to give it back. Throws OperatorError store-locked. */
export function lockStore(folder: string): () => void {
  const path = join(folder, "lock");
  const fd = openSync(path, "a+", 0o600);
  if (!tryLock(fd)) {
    const holder = readHolder(fd);
    closeSync(fd);
    throw new OperatorError("store-locked", `${path} is held${holder}; one store serves one desk`);
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  return () => closeSync(fd);
}

function readHolder(fd: number): string {
  const pid = readFileSync(fd, "latin1").trim();
  return /^\d+$/.test(pid) ? ` by process ${pid}` : "";
}
