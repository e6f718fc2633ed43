/**
 * The file layer over node:fs.
 *
 * Reading yields to the event loop between pieces; appending and renaming block for microseconds. Files are readable
 * by their owner only.
 */
import {
  accessSync,
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  read,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import {
  type AppendFile,
  errorCode,
  type Folder,
  type OpenNames,
  type ReadableFolder,
  type ReadFile,
} from "./folder.ts";
import { makeFolder } from "./make-folder.ts";

const PIECE = 1 << 20;
const OWNER_ONLY = 0o600;
const syncWithoutBlocking = promisify(fdatasync);
const readWithoutBlocking = promisify(read);

/** Opens a folder, making it and its parents (mode 0700) where they are missing. */
export function openFolder(path: string): Folder {
  const root = resolve(path);
  makeLasting(root);
  const at = (name: string) => join(root, name);
  return {
    ...readableFolder(root),
    openToAppend: (name) => new NodeFile(at(name), 0),
    create: (name) => new NodeFile(at(name), constants.O_TRUNC),
    rename: (from, to) => renameSync(at(from), at(to)),
    remove: (name) => unlinkSync(at(name)),
    openNames: () => openNames(root),
    sync: () => syncFolder(root),
  };
}

/** A folder that is there, to be read only: nothing is made in it. */
export function readableFolder(path: string): ReadableFolder {
  const root = resolve(path);
  const at = (name: string) => join(root, name);
  return {
    path: root,
    sizeOf: (name) => sizeOf(at(name)),
    read: (name) => readPieces(at(name)),
    openToRead: (name) => (sizeOf(at(name)) === undefined ? undefined : openToRead(at(name))),
  };
}

/** Whether a folder is there; throws, as node:fs does, where something else has its name. */
export function isFolder(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  readdirSync(path);
  return true;
}

/**
 * Throws, as node:fs does, where this user could not write these files of a folder, those of them that are there.
 *
 * A missing folder is judged by the one that it would be made in. Writes nothing.
 */
export function requireWritable(path: string, names: readonly string[]): void {
  const root = resolve(path);
  if (!isFolder(root)) {
    requireWritable(dirname(root), []);
    return;
  }
  accessSync(root, constants.W_OK | constants.X_OK);
  for (const name of names) {
    // Opening writes nothing, and goes by the rights that a desk has.
    if (sizeOf(join(root, name)) !== undefined) closeSync(openSync(join(root, name), "r+"));
  }
}

/* A name that leads nowhere is no missing file: to write there would make a store nobody meant. */
function sizeOf(path: string): number | undefined {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return statSync(path).size;
}

function makeLasting(path: string): void {
  const first = makeFolder(path, "store-unreadable");
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

function syncFolder(path: string): void {
  const names = openNames(path);
  try {
    names.sync();
  } finally {
    names.close();
  }
}

function openNames(path: string): OpenNames {
  const fd = openSync(path, "r");
  return {
    sync() {
      try {
        fsyncSync(fd);
      } catch (error) {
        // COMPAT: Windows has no fsync of a folder, and keeps names without it.
        if (errorCode(error) !== "EPERM" || process.platform !== "win32") throw error;
      }
    },
    close: () => closeSync(fd),
  };
}

class NodeFile implements AppendFile {
  readonly #fd: number;
  #end: number;
  /* How much of the file exists; beyond `end` it is zeros. */
  #size: number;

  constructor(path: string, flags: number) {
    this.#fd = openSync(path, flags | constants.O_WRONLY | constants.O_CREAT, OWNER_ONLY);
    this.#size = fstatSync(this.#fd).size;
    this.#end = this.#size;
  }

  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#fd, bytes, done, bytes.length - done, this.#end);
      this.#end += written;
      done += written;
    }
    this.#size = Math.max(this.#size, this.#end);
  }

  reserve(length: number): void {
    const missing = this.#end + length - this.#size;
    if (missing > 0) this.#size += writeSync(this.#fd, Buffer.alloc(missing), 0, missing, this.#size);
  }

  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
    this.#end = size;
    this.#size = size;
  }

  sync(): void {
    fdatasyncSync(this.#fd);
  }

  syncAside(): Promise<void> {
    return syncWithoutBlocking(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
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

function openToRead(path: string): ReadFile {
  const fd = openSync(path, "r");
  return {
    size: fstatSync(fd).size,
    async read(position, length) {
      const piece = Buffer.allocUnsafe(length);
      const { bytesRead } = await readWithoutBlocking(fd, piece, 0, length, position);
      return piece.subarray(0, bytesRead);
    },
    close: () => closeSync(fd),
  };
}
