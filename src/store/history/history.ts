/**
 * DATA/history.jsonl: every change that was ever made, an entry a line, as far back as its retention says.
 *
 * Entries come from journals that were set aside, exactly once: such a journal is removed only after its entries are
 * secured here, and where a crash came in between, what had come of it so far is cut off and brought again.
 */
import type { AppendFile, Folder, ReadFile } from "../files/folder.ts";
import { addHistoryLine } from "./history-line.ts";
import { JsonWriter } from "../json/json-writer.ts";
import { lineStartFrom } from "./lines-backwards.ts";
import { isHistory } from "../journal/write-entry.ts";

export const HISTORY = "history.jsonl";
const NEW_HISTORY = "history.jsonl.new";
const PIECE = 1 << 18;
const LINE_FEED = 10;
const END_OF_LINE = Buffer.of(LINE_FEED);
const DAY = 86_400_000;
/* No desk that is used rests so long: where it seems so, the clock may be wrong, and what it calls old is not. */
const DOUBTFUL_REST = 365 * DAY;
const SEQ = /^\{"seq":(\d+),/;
const AT = /^\{"seq":\d+,"at":"([^"]+)"/;
/* Number and time of an entry are within so many bytes. */
const LONGEST_HEAD = 64;

/** How much of the history is kept: what is older, or beyond the size, goes, oldest first. */
export interface Retention {
  readonly days: number;
  readonly bytes: number;
}

/** Two years, in at most 128 MiB. */
export const RETENTION: Retention = { days: 730, bytes: 1 << 27 };

/** Cuts the history after the last entry before `seq`; what follows came of a move that a crash interrupted. */
export async function cutHistory(folder: Folder, seq: number): Promise<void> {
  const found = folder.openToRead(HISTORY);
  if (found === undefined) return;
  let end: number;
  try {
    end = await endBefore(found, seq);
  } finally {
    found.close();
  }
  const file = folder.openToAppend(HISTORY);
  try {
    if (file.end > end) file.truncate(end);
    file.sync();
  } finally {
    file.close();
  }
}

/** Where the last entry before `seq` ends, in bytes. */
export async function endBefore(file: ReadFile, seq: number): Promise<number> {
  let end = 0;
  for await (const { bytes, next } of readLines(file, 0)) {
    if ((numberOf(bytes) ?? Number.NaN) < seq) end = next;
  }
  return end;
}

/** Hands on entries as JSON, in order. */
export type Entries = (onEntry: (json: Buffer) => void) => Promise<unknown>;

/** Appends entries and secures them; where that fails the history is as it was. */
export async function appendHistory(folder: Folder, entries: Entries): Promise<void> {
  const file = folder.openToAppend(HISTORY);
  const before = file.end;
  try {
    folder.sync();
    if (!(await isEnded(folder))) file.append(END_OF_LINE);
    await appendLines(file, entries);
  } catch (error) {
    file.truncate(before);
    throw error;
  } finally {
    file.close();
  }
}

/* Some editors leave the last line without its end: what followed would be lost with it. */
async function isEnded(folder: Folder): Promise<boolean> {
  const file = folder.openToRead(HISTORY);
  if (file === undefined) return true;
  try {
    return file.size === 0 || (await file.read(file.size - 1, 1))[0] === LINE_FEED;
  } finally {
    file.close();
  }
}

async function appendLines(file: AppendFile, entries: Entries): Promise<void> {
  const lines = new JsonWriter();
  const flush = () => {
    file.append(lines.bytes);
    lines.clear();
  };
  await entries((json) => {
    if (!isHistory(json)) return;
    addHistoryLine(lines, json);
    if (lines.length > PIECE) flush();
  });
  flush();
  await file.syncAside();
}

/**
 * Drops what the retention no longer covers; half of all by size, so that it is not soon due again.
 *
 * By age nothing goes after which more than a year seems to have passed without any entry, up to what would stay or to
 * `now`: a clock that is years ahead would else take everything with it. It goes with what came after that year.
 */
export async function trimHistory(folder: Folder, { days, bytes }: Retention, now: Date): Promise<void> {
  const old = folder.openToRead(HISTORY);
  if (old === undefined) return;
  try {
    // Nothing is older than 1970, however many days there are: for ever is a number, too, and no date is so far back.
    const oldest = new Date(Math.max(0, now.getTime() - days * DAY)).toISOString();
    const least = old.size > bytes ? old.size - Math.floor(bytes / 2) : 0;
    const from = await firstSince(old, await lineStartFrom(old, least), oldest, now);
    if (from > 0) await keepFrom(folder, old, from);
  } finally {
    old.close();
  }
}

/* Entries are in the order of their making, so what is older is before it. Both are ISO 8601 in UTC: they compare as text. */
async function firstSince(file: ReadFile, from: number, oldest: string, now: Date): Promise<number> {
  let last: string | undefined;
  let first: number | undefined;
  for await (const { bytes, start } of readLines(file, from)) {
    const at = AT.exec(headOf(bytes))?.[1];
    if (at === undefined || at >= oldest) first ??= start;
    if (at === undefined) continue;
    if (first !== undefined) return isDoubtful(last, new Date(at)) ? from : first;
    last = at;
  }
  return isDoubtful(last, now) ? from : (first ?? file.size);
}

function isDoubtful(last: string | undefined, next: Date): boolean {
  return last !== undefined && next.getTime() - Date.parse(last) > DOUBTFUL_REST;
}

async function keepFrom(folder: Folder, old: ReadFile, from: number): Promise<void> {
  const file = folder.create(NEW_HISTORY);
  try {
    for (let position = from; position < old.size; position += PIECE) {
      file.append(await old.read(position, PIECE));
    }
    await file.syncAside();
  } catch (error) {
    // A full disk needs the room.
    folder.remove(NEW_HISTORY);
    throw error;
  } finally {
    file.close();
  }
  folder.rename(NEW_HISTORY, HISTORY);
  folder.sync();
}

/** The number of the entry of a line, as the line says it, damaged or not; undefined where it says none. */
export function numberOf(line: Buffer): number | undefined {
  const found = SEQ.exec(headOf(line))?.[1];
  return found === undefined ? undefined : Number(found);
}

function headOf(line: Buffer): string {
  return line.toString("latin1", 0, LONGEST_HEAD);
}

/** Whole lines only, from where one begins; `start` and `next` are where it and the following one begin. */
export async function* readLines(
  file: ReadFile,
  from: number,
): AsyncGenerator<{ bytes: Buffer; start: number; next: number }> {
  let rest: Buffer = Buffer.alloc(0);
  let start = from;
  for (let position = from; position < file.size; position += PIECE) {
    const bytes = Buffer.concat([rest, await file.read(position, PIECE)]);
    let at = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
      const next = start + end + 1 - at;
      yield { bytes: bytes.subarray(at, end), start, next };
      start = next;
      at = end + 1;
    }
    rest = bytes.subarray(at);
  }
}
