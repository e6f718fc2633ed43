/**
 * `milliner backup`: copies a store as it is at one moment, also while a desk is writing to it.
 *
 * A running desk moves its files: what the journal holds goes into hats.json and the history, and the journal begins
 * anew. So all files are opened first, and it is seen that their names still lead to them: at that moment they belonged
 * together, and an open file stays what it is. Only the journal grows on, which does no harm; it is copied as far as
 * it is written. At last the copy is read as a desk would read it.
 */
import { mkdir, open, readdir, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { OperatorError } from "../core/errors.ts";
import { SNAPSHOT } from "../store/compaction.ts";
import { FORMAT } from "../store/format.ts";
import { HISTORY } from "../store/history/history.ts";
import { JOURNAL, OLD_JOURNAL } from "../store/journal/journal.ts";
import { openFolder } from "../store/files/node-folder.ts";
import { recover } from "../store/recovery.ts";
import { ROOM_MEMORY } from "../xmpp/muc/room-memory-file.ts";
import { EXIT_OK, UsageError } from "./exit.ts";
import type { Output } from "./output.ts";

const NAMES = [SNAPSHOT, OLD_JOURNAL, JOURNAL, HISTORY, ROOM_MEMORY] as const;
const PIECE = 1 << 16;
/* A compaction takes seconds at most, and one file after the other is renamed within it. */
const ATTEMPTS = 20;

/** A file of the store, open. */
interface OpenFile {
  readonly name: string;
  readonly handle: FileHandle;
  /** How long it was when it was opened. */
  readonly size: number;
}

/** Copies the store in `from` to `to`, a folder that is made or empty; resolves with 0. */
export async function backup(output: Output, from: string, to: string): Promise<number> {
  await makeEmpty(to);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await copyAll(from, to);
      const { seq, tornBytes } = await recover(openFolder(to), FORMAT);
      const half = tornBytes === 0 ? "" : ", and one that was being written then, which counts for nothing";
      output.out(`copied ${from} to ${to}: all changes up to number ${seq}${half}`);
      return EXIT_OK;
    } catch (error) {
      await Promise.all(NAMES.map((name) => rm(join(to, name), { force: true })));
      if (attempt === ATTEMPTS || !(error instanceof OperatorError)) throw error;
    }
  }
}

async function copyAll(from: string, to: string): Promise<void> {
  const files = await openTogether(from);
  try {
    for (const file of files) await copy(file, join(to, file.name));
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}

async function makeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new UsageError(`${folder}: not empty; name a new folder for each backup`);
}

/* All that there are, at a moment at which they belong together. */
async function openTogether(folder: string): Promise<OpenFile[]> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const files = new Map<string, OpenFile>();
    for (const name of NAMES) {
      const file = await openIfThere(folder, name);
      if (file !== undefined) files.set(name, file);
    }
    const isTogether = await Promise.all(NAMES.map((name) => leadsTo(folder, name, files.get(name))));
    if (!isTogether.includes(false)) {
      if (files.has(SNAPSHOT)) return [...files.values()];
      throw new UsageError(`${folder}: no store is there, since ${SNAPSHOT} is missing`);
    }
    await Promise.all([...files.values()].map(({ handle }) => handle.close()));
  }
  throw new OperatorError(
    "store-unreadable",
    `${folder}: its files are replaced faster than they can be opened`,
  );
}

async function openIfThere(folder: string, name: string): Promise<OpenFile | undefined> {
  try {
    const handle = await open(join(folder, name), "r");
    return { name, handle, size: (await handle.stat()).size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new OperatorError("store-unreadable", `${join(folder, name)} cannot be read`, error);
  }
}

/* Whether a name still leads to the file that was opened by it, or still to none. */
async function leadsTo(folder: string, name: string, file: OpenFile | undefined): Promise<boolean> {
  try {
    const now = await stat(join(folder, name));
    const opened = await file?.handle.stat();
    return now.ino === opened?.ino && now.dev === opened.dev;
  } catch (error) {
    if (isMissing(error)) return file === undefined;
    throw error;
  }
}

async function copy(file: OpenFile, path: string): Promise<void> {
  const isJournal = file.name === JOURNAL || file.name === OLD_JOURNAL;
  const copied = await open(path, "wx", 0o600);
  try {
    for await (const piece of isJournal ? writtenPart(file) : wholeOf(file)) await copied.write(piece);
    await copied.sync();
  } finally {
    await copied.close();
  }
}

/* As long as it was when it was opened. */
async function* wholeOf({ handle, size }: OpenFile): AsyncGenerator<Buffer> {
  for (let position = 0; position < size; ) {
    const piece = await readAt(handle, position, Math.min(PIECE, size - position));
    if (piece.length === 0) return;
    position += piece.length;
    yield piece;
  }
}

/* Zeros are reserved for what comes next, and may have been written over since they were read. */
async function* writtenPart({ name, handle }: OpenFile): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const piece = await readAt(handle, position, PIECE);
    const zero = piece.indexOf(0);
    if (zero !== 0) {
      const written = zero < 0 ? piece : piece.subarray(0, zero);
      if (written.length === 0) return;
      position += written.length;
      yield written;
    } else if (await isZeroFrom(handle, position)) {
      return;
    } else if ((await readAt(handle, position, 1))[0] === 0) {
      const reason = `${name}, offset ${position}: nothing is written here, but something after it`;
      throw new OperatorError("store-damaged", reason);
    }
  }
}

async function isZeroFrom(handle: FileHandle, from: number): Promise<boolean> {
  for (let position = from; ; ) {
    const piece = await readAt(handle, position, PIECE);
    if (piece.some((byte) => byte !== 0)) return false;
    if (piece.length === 0) return true;
    position += piece.length;
  }
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
