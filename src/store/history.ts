/**
 * DATA/history.jsonl: every change that was ever made, an entry a line, as far back as its retention says.
 *
 * Entries come from journals that were set aside, exactly once: such a journal is removed only after its entries are
 * secured here, and where a crash came in between, what had come of it so far is cut off and brought again.
 */
import { isHistory } from "./write-json.ts";
import type { AppendFile, Folder } from "./folder.ts";

export const HISTORY = "history.jsonl";
const NEW_HISTORY = "history.jsonl.new";
const PIECE = 1 << 18;
const LINE_FEED = 10;
const LINE_END = Buffer.from("\n");
const DAY = 86_400_000;
const SEQ = /^\{"seq":(\d+),/;
const AT = /^\{"seq":\d+,"at":"([^"]+)"/;

/** How much of the history is kept: what is older, or beyond the size, goes, oldest first. */
export interface Retention {
  readonly days: number;
  readonly bytes: number;
}

/** Two years, in at most 128 MiB. */
export const RETENTION: Retention = { days: 730, bytes: 1 << 27 };

/** Cuts the history after the last entry before `seq`; what follows came of a move that a crash interrupted. */
export async function cutHistory(folder: Folder, seq: number): Promise<void> {
  if (folder.sizeOf(HISTORY) === undefined) return;
  let end = 0;
  for await (const { text, next } of readLines(folder)) {
    if (Number(SEQ.exec(text)?.[1]) < seq) end = next;
  }
  const file = folder.openToAppend(HISTORY);
  try {
    if (file.end > end) file.truncate(end);
    file.sync();
  } finally {
    file.close();
  }
}

/** Hands on entries as JSON, in order. */
export type Entries = (onEntry: (json: Buffer) => void) => Promise<unknown>;

/** Appends entries and secures them; where that fails the history is as it was. */
export async function appendHistory(folder: Folder, entries: Entries): Promise<void> {
  const file = folder.openToAppend(HISTORY);
  const before = file.end;
  try {
    folder.sync();
    await appendLines(file, entries);
  } catch (error) {
    file.truncate(before);
    throw error;
  } finally {
    file.close();
  }
}

async function appendLines(file: AppendFile, entries: Entries): Promise<void> {
  let pieces: Buffer[] = [];
  let size = 0;
  const flush = () => {
    file.append(Buffer.concat(pieces));
    pieces = [];
    size = 0;
  };
  await entries((json) => {
    if (!isHistory(json)) return;
    pieces.push(json, LINE_END);
    size += json.length + 1;
    if (size > PIECE) flush();
  });
  flush();
  await file.syncAside();
}

/** Drops what the retention no longer covers; half of all by size, so that it is not soon due again. */
export async function trimHistory(folder: Folder, { days, bytes }: Retention, now: Date): Promise<void> {
  const size = folder.sizeOf(HISTORY) ?? 0;
  const oldest = new Date(now.getTime() - days * DAY).toISOString();
  const least = size > bytes ? size - Math.floor(bytes / 2) : 0;
  if (least === 0 && !(await beginsBefore(folder, oldest))) return;
  const from = await firstToKeep(folder, oldest, least);
  const file = folder.create(NEW_HISTORY);
  try {
    let position = 0;
    for await (const piece of folder.read(HISTORY)) {
      file.append(piece.subarray(Math.max(0, from - position)));
      position += piece.length;
    }
    await file.syncAside();
  } finally {
    file.close();
  }
  folder.rename(NEW_HISTORY, HISTORY);
  folder.sync();
}

/* Entries are in the order of their making, so what is to go is at the beginning. */
async function firstToKeep(folder: Folder, oldest: string, least: number): Promise<number> {
  let start = 0;
  for await (const { text, next } of readLines(folder)) {
    if (start >= least && !isBefore(text, oldest)) return start;
    start = next;
  }
  return start;
}

async function beginsBefore(folder: Folder, time: string): Promise<boolean> {
  for await (const { text } of readLines(folder)) return isBefore(text, time);
  return false;
}

/* Both are ISO 8601 in UTC, so they compare as text. */
function isBefore(line: string, time: string): boolean {
  const at = AT.exec(line)?.[1];
  return at !== undefined && at < time;
}

/* Whole lines only; `next` is where the following one begins. */
async function* readLines(folder: Folder): AsyncGenerator<{ text: string; next: number }> {
  if (folder.sizeOf(HISTORY) === undefined) return;
  let rest: Buffer = Buffer.alloc(0);
  let next = 0;
  for await (const piece of folder.read(HISTORY)) {
    const bytes = Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      next += end + 1 - from;
      yield { text: bytes.toString("utf8", from, end), next };
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}
