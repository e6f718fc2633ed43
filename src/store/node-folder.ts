/**
 * The file layer over node:fs.
 *
 * Reading yields to the event loop between pieces; appending and renaming block for microseconds. Files are readable
 * by their owner only.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { type AppendFile, errorCode, type Folder } from "./folder.ts";

const PIECE = 1 << 20;
const OWNER_ONLY = 0o600;
const syncWithoutBlocking = promisify(fdatasync);

/** Opens a folder, making it and its parents (mode 0700) where they are missing. */
export function openFolder(path: string): Folder {
  const root = resolve(path);
  makeFolder(root);
  const at = (name: string) => join(root, name);
  return {
    path: root,
    sizeOf: (name) => sizeOf(at(name)),
    openToAppend: (name) => appendFile(openSync(at(name), "a", OWNER_ONLY)),
    create: (name) => appendFile(openSync(at(name), "w", OWNER_ONLY)),
    read: (name) => readPieces(at(name)),
    rename: (from, to) => renameSync(at(from), at(to)),
    remove: (name) => unlinkSync(at(name)),
    sync: () => syncFolder(root),
  };
}

/* A name that leads nowhere is no missing file: to write there would make a store nobody meant. */
function sizeOf(path: string): number | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return statSync(path).size;
}

function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

function syncFolder(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } catch (error) {
    // COMPAT: Windows has no fsync of a folder, and keeps names without it.
    if (errorCode(error) !== "EPERM" || process.platform !== "win32") throw error;
  } finally {
    closeSync(fd);
  }
}

function appendFile(fd: number): AppendFile {
  return {
    get size() {
      return fstatSync(fd).size;
    },
    append(bytes) {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    },
    truncate: (size) => ftruncateSync(fd, size),
    sync: () => fdatasyncSync(fd),
    syncAside: () => syncWithoutBlocking(fd),
    close: () => closeSync(fd),
  };
}

async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE);
      const length = readSync(fd, piece, 0, PIECE, null);
      if (length === 0) return;
      yield piece.subarray(0, length);
      await nextTurn();
    }
  } finally {
    closeSync(fd);
  }
}
