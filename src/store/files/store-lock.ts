/**
 * One desk a store: a lock on DATA/lock that the kernel gives back when its holder ends, however it ends.
 *
 * The file is never removed, since whoever waits for it could then hold a lock on a file that no longer has a name.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import { OperatorError } from "../../core/errors.ts";
import { errorCode } from "./folder.ts";

export const LOCK = "lock";

/** The lock of a store, held. */
export interface StoreLock {
  /**
   * Whether the folder is still the one that was locked. Who moves it away while the desk runs and puts a backup in its place
   * would otherwise find the backup written over.
   */
  isInPlace(): boolean;
  release(): void;
}

/** Takes the lock of a store, or refuses. Throws OperatorError store-locked. */
export function lockStore(folder: string): StoreLock {
  const path = join(folder, LOCK);
  const fd = openSync(path, "a+", 0o600);
  if (!tryLock(fd)) {
    const holder = readHolder(fd);
    closeSync(fd);
    const by = holder === undefined ? "" : ` by ${holder}`;
    throw new OperatorError("store-locked", `${path} is held${by}; one store serves one desk`);
  }
  try {
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return {
    isInPlace: () => isNamed(path, fd),
    release: () => closeSync(fd),
  };
}

/*
 * Both are asked now, as some file systems number files anew. An error proves nothing, unless it says that there is no such
 * file: what is open can be written all the same.
 */
function isNamed(path: string, fd: number): boolean {
  try {
    const [held, there] = [fstatSync(fd, { bigint: true }), statSync(path, { bigint: true })];
    return held.ino === there.ino && held.dev === there.dev;
  } catch (error) {
    return !["ENOENT", "ENOTDIR"].includes(errorCode(error));
  }
}

/** A lock as it is seen from outside. */
export interface LockSight {
  readonly isHeld: boolean;
  /** The process that holds it, or held it last; for people. */
  readonly holder: string | undefined;
  /** Another one after each desk that took the lock. */
  readonly stamp: string;
}

/**
 * Looks at the lock of a store, and makes and changes nothing.
 *
 * Asking takes a shared lock for an instant, since Node has no other way; a desk that starts in that very instant is
 * refused as by another desk.
 */
export function seeLock(folder: string): LockSight {
  const path = join(folder, LOCK);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    return { isHeld: false, holder: undefined, stamp: "none" };
  }
  const fd = openSync(path, "r");
  try {
    const { ino, mtimeNs } = fstatSync(fd, { bigint: true });
    return {
      isHeld: !tryLock(fd, { shared: true }),
      holder: readHolder(fd),
      stamp: `${ino} ${mtimeNs}`,
    };
  } finally {
    closeSync(fd);
  }
}

function readHolder(fd: number): string | undefined {
  const pid = readFileSync(fd, "latin1").trim();
  return /^\d+$/.test(pid) ? `process ${pid}` : undefined;
}
