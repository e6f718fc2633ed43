/**
 * `milliner backup`: copies a store as it is at one moment, also while a desk is writing to it.
 *
 * A running desk moves its files: what the journal holds goes into hats.json and the history, and the journal begins
 * anew. So all files are opened first, and it is seen that their names still lead to them: at that moment they belonged
 * together, and an open file stays what it is. Only the journal grows on, which does no harm; it is copied as far as
 * it is written. Then the copy is read as a desk would read it, and at last it is marked as one (backup-mark.ts).
 */
import { type FileHandle, open, readdir, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { OperatorError } from "../core/errors.ts";
import { SNAPSHOT } from "../store/compaction.ts";
import { FORMAT } from "../store/format.ts";
import { HISTORY } from "../store/history/history.ts";
import { JOURNAL, OLD_JOURNAL } from "../store/journal/journal.ts";
import { unreadable } from "../store/files/damage.ts";
import { errorCode } from "../store/files/folder.ts";
import { makeFolder } from "../store/files/make-folder.ts";
import { readableFolder } from "../store/files/node-folder.ts";
import { recover, type Recovered } from "../store/recovery.ts";
import { readRoomMemory, ROOM_MEMORY } from "../xmpp/muc/room-memory-file.ts";
import { unreadableSource, unwritable } from "./backup-faults.ts";
import { markAsBackup } from "./backup-mark.ts";
import { EXIT_OK, UsageError } from "./exit.ts";
import type { Output } from "./output.ts";

const NAMES = [SNAPSHOT, OLD_JOURNAL, JOURNAL, HISTORY, ROOM_MEMORY] as const;
const PIECE = 1 << 16;
/* A compaction takes seconds at most, and one file after the other is renamed within it. */
const ATTEMPTS = 20;
const SAY_FROM = "name the folder of the store, such as /var/lib/milliner";

/** A file of the store, open. */
interface OpenFile {
  readonly name: string;
  readonly path: string;
  readonly handle: FileHandle;
  /** How long it was when it was opened. */
  readonly size: number;
}

/** Copies the store in `from` to `to`, a folder that is made or empty; resolves with 0. */
export async function backup(output: Output, from: string, to: string): Promise<number> {
  const made = await makeEmpty(to);
  try {
    const copied = await copySound(from, to);
    /* The original, which is always whole: the copy is gone by the time that somebody looks for it. */
    await markAsBackup(to, copied, readRoomMemory(join(from, ROOM_MEMORY)).keys());
    const half =
      copied.tornBytes === 0 ? "" : ", and one that was being written then, which counts for nothing";
    output.out(`copied ${from} to ${to}: all changes up to number ${copied.seq}${half}`);
    return EXIT_OK;
  } catch (error) {
    await takeBack(to, made);
    throw error;
  }
}

/* What does not fit together may have been moved meanwhile; whatever else is wrong stays wrong. */
async function copySound(from: string, to: string): Promise<Recovered> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await copyAll(from, to);
      return await recover(readableFolder(to), FORMAT);
    } catch (error) {
      const isDamaged = error instanceof OperatorError && error.code === "store-damaged";
      if (!isDamaged || attempt === ATTEMPTS) throw unreadable(to, error);
      await removeCopies(to);
    }
  }
}

async function copyAll(from: string, to: string): Promise<void> {
  const files = await openTogether(from);
  try {
    for (const file of files) await copy(file, join(to, file.name));
  } finally {
    await closeAll(files);
  }
}

/* The first of the folders that were made, if any. */
async function makeEmpty(folder: string): Promise<string | undefined> {
  try {
    const made = makeFolder(folder, "backup-unwritable");
    if ((await readdir(folder)).length === 0) return made;
  } catch (error) {
    throw unwritable(folder, error);
  }
  throw new UsageError(`${folder}: not empty; name a new folder for each backup`);
}

/* As well as it goes: why there is no copy is what has to be said. */
async function takeBack(to: string, made: string | undefined): Promise<void> {
  try {
    await removeCopies(to);
    if (made === undefined) return;
    const first = resolve(made);
    for (let folder = resolve(to); folder.length >= first.length; folder = dirname(folder))
      await rmdir(folder);
  } catch {
    // What is left is no store: hats.json goes first.
  }
}

async function removeCopies(folder: string): Promise<void> {
  for (const name of NAMES) await rm(join(folder, name), { force: true });
}

/* All that there are, at a moment at which they belong together. */
async function openTogether(folder: string): Promise<OpenFile[]> {
  await requireFolder(folder);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const files = await openAll(folder);
    const areTogether = await leadTo(folder, files);
    if (areTogether && files.some(({ name }) => name === SNAPSHOT)) return files;
    await closeAll(files);
    if (areTogether)
      throw new UsageError(`${folder}: no store is there, since ${SNAPSHOT} is missing; ${SAY_FROM}`);
  }
  throw new OperatorError(
    "store-unreadable",
    `${folder}: its files are replaced faster than they can be opened`,
  );
}

async function requireFolder(path: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) throw new UsageError(`${path}: there is no such folder; ${SAY_FROM}`);
    throw unreadableSource(path, error);
  }
  if (!isFolder) throw new UsageError(`${path}: is no folder; ${SAY_FROM}`);
}

async function closeAll(files: readonly OpenFile[]): Promise<void> {
  await Promise.all(files.map(({ handle }) => handle.close()));
}

async function openAll(folder: string): Promise<OpenFile[]> {
  const files: OpenFile[] = [];
  try {
    for (const name of NAMES) {
      const file = await openIfThere(folder, name);
      if (file !== undefined) files.push(file);
    }
    return files;
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function openIfThere(folder: string, name: string): Promise<OpenFile | undefined> {
  try {
    const path = join(folder, name);
    const handle = await open(path, "r");
    return { name, path, handle, size: (await handle.stat()).size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadableSource(join(folder, name), error);
  }
}

async function leadTo(folder: string, files: readonly OpenFile[]): Promise<boolean> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const answers = await Promise.all(NAMES.map((name) => leadsTo(folder, name, byName.get(name))));
  return !answers.includes(false);
}

/* Whether a name still leads to the file that was opened by it, or still to none. */
async function leadsTo(folder: string, name: string, file: OpenFile | undefined): Promise<boolean> {
  try {
    const now = await stat(join(folder, name));
    const opened = await file?.handle.stat();
    return now.ino === opened?.ino && now.dev === opened.dev;
  } catch (error) {
    if (isMissing(error)) return file === undefined;
    throw unreadableSource(join(folder, name), error);
  }
}

async function copy(file: OpenFile, path: string): Promise<void> {
  const isJournal = file.name === JOURNAL || file.name === OLD_JOURNAL;
  try {
    const copied = await open(path, "wx", 0o600);
    try {
      // Not piece by piece: what does not fit on the disk is written in part, without an error.
      await writeFile(copied, isJournal ? writtenPart(file) : wholeOf(file));
      await copied.sync();
    } finally {
      await copied.close();
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/* As long as it was when it was opened. */
async function* wholeOf(file: OpenFile): AsyncGenerator<Buffer> {
  for (let position = 0; position < file.size; ) {
    const piece = await readAt(file, position, Math.min(PIECE, file.size - position));
    if (piece.length === 0) return;
    position += piece.length;
    yield piece;
  }
}

/* Zeros are reserved for what comes next, and may have been written over since they were read. */
async function* writtenPart(file: OpenFile): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const piece = await readAt(file, position, PIECE);
    const zero = piece.indexOf(0);
    if (zero !== 0) {
      const written = zero < 0 ? piece : piece.subarray(0, zero);
      if (written.length === 0) return;
      position += written.length;
      yield written;
    } else if (await isZeroFrom(file, position)) {
      return;
    } else if ((await readAt(file, position, 1))[0] === 0) {
      const reason = `${file.name}, offset ${position}: nothing is written here, but something after it`;
      throw new OperatorError("store-damaged", reason);
    }
  }
}

async function isZeroFrom(file: OpenFile, from: number): Promise<boolean> {
  for (let position = from; ; ) {
    const piece = await readAt(file, position, PIECE);
    if (piece.some((byte) => byte !== 0)) return false;
    if (piece.length === 0) return true;
    position += piece.length;
  }
}

async function readAt({ handle, path }: OpenFile, position: number, length: number): Promise<Buffer> {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw unreadableSource(path, error);
  }
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === "ENOENT";
}
