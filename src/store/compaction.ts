/**
 * Turns a journal that was set aside into a snapshot and history.
 *
 * Each step is secured before the next, and each can be done again: a crash anywhere leaves a snapshot, the journals that
 * belong to it, and a history that is completed when the store is opened next.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { State } from "../core/model.ts";
import type { AppendFile, Folder, ReadableFolder } from "./files/folder.ts";
import { appendHistory, cutHistory } from "./history/history.ts";
import { OLD_JOURNAL } from "./journal/journal.ts";
import { scanJournal } from "./journal/scan-journal.ts";
import { buildSnapshot } from "./snapshot/write-snapshot.ts";

export const SNAPSHOT = "hats.json";
const NEW_SNAPSHOT = "hats.json.new";
/* Securing the snapshot in steps keeps the journal's own syncs from waiting for all of it. */
const SECURE_EVERY = 1 << 23;

/** Where a snapshot stands among versions and entries. */
export interface SnapshotHead {
  readonly version: number;
  /** The last entry that it surely holds. */
  readonly seq: number;
}

/** Writes hats.json anew while the state may change, and returns its size in bytes. */
export async function writeSnapshot(folder: Folder, state: State, head: SnapshotHead): Promise<number> {
  const file = folder.create(NEW_SNAPSHOT);
  let size: number;
  try {
    size = await writePieces(file, buildSnapshot(state, head.version, head.seq));
  } catch (error) {
    folder.remove(NEW_SNAPSHOT);
    throw error;
  } finally {
    file.close();
  }
  folder.rename(NEW_SNAPSHOT, SNAPSHOT);
  folder.sync();
  return size;
}

async function writePieces(file: AppendFile, pieces: Iterable<Buffer>): Promise<number> {
  let size = 0;
  let secured = 0;
  for (const piece of pieces) {
    file.append(piece);
    size += piece.length;
    if (size - secured > SECURE_EVERY) {
      await file.syncAside();
      secured = size;
    }
    await nextTurn();
  }
  await file.syncAside();
  return size;
}

/**
 * Moves the journal that was set aside into the history, and removes it; all of it must be in hats.json already.
 *
 * `wasInterrupted` says that an earlier try may have moved a part of it.
 */
export async function retireJournal(folder: Folder, wasInterrupted: boolean): Promise<void> {
  // Also where an earlier try got as far as removing it, and could not secure that.
  if (folder.sizeOf(OLD_JOURNAL) === undefined) {
    folder.sync();
    return;
  }
  if (wasInterrupted) await cutHistory(folder, await firstSeq(folder));
  await appendHistory(folder, (onEntry) => scanOld(folder, (_seq, json) => onEntry(json)));
  folder.remove(OLD_JOURNAL);
  folder.sync();
}

/** The first entry of the journal that was set aside: from there on the history is brought again. */
export async function firstSeq(folder: ReadableFolder): Promise<number> {
  let first: number | undefined;
  await scanOld(folder, (seq) => {
    first ??= seq;
  });
  return first ?? Number.POSITIVE_INFINITY;
}

function scanOld(folder: ReadableFolder, onLine: (seq: number, json: Buffer) => void): Promise<unknown> {
  return scanJournal(folder, OLD_JOURNAL, { nextSeq: undefined, isLast: false }, onLine);
}
