/**
 * Reads the past backwards: the newest entries first, from the journal through the history, beginning anywhere.
 *
 * A reader looks for texts in the lines and parses only those that hold all of them. It reads a bounded number of bytes
 * and then says where to go on, so that a question that matches nothing costs no more than any other. Several readers
 * may be under way, and entries may be moved from journal to history meanwhile: each entry comes once. A damaged line is
 * left out and logged, for one line must not hide all others.
 */
import type { Log } from "../../core/log.ts";
import type { RecordedEntry } from "../../core/recorded.ts";
import type { Parsed } from "../json/parse-json.ts";
import { BLOCK, lineStartFrom, linesBackwards } from "./lines-backwards.ts";
import { parseRecorded } from "../journal/parse-recorded.ts";
import type { PastFile } from "./past-files.ts";

/** How much one call reads where nobody says otherwise, in bytes. */
export const MOST_READ = 1 << 25;

/* Where an entry's number begins: behind what frames it in the journal, or at the start of the line. */
const SEQ = /\{"seq":(\d+),/;
const LONGEST_FRAME = 64;
const LINE_FEED = 10;

/** What to look for. */
export interface PastQuestion {
  /** Only entries with a lower number; the newest are first where it is omitted. */
  readonly before?: number | undefined;
  /** Names and texts that an entry must hold, all of them; where in it, whoever takes it has to look. */
  readonly holding: readonly string[];
  /** About how many bytes to read at most; a line at least is always read. */
  readonly mostRead?: number;
}

/** Takes an entry, and says whether that was enough. */
export type Take = (entry: RecordedEntry) => boolean;

/**
 * Hands on entries, the newest first, until it is enough, enough is read, or there are no more.
 *
 * Returns where to go on: the `before` of the next question; undefined at the end of the past. Closes the files.
 */
export async function readPast(
  files: readonly PastFile[],
  { before = Number.POSITIVE_INFINITY, holding, mostRead = MOST_READ }: PastQuestion,
  take: Take,
  log: Log,
): Promise<number | undefined> {
  const texts = holding.map((text) => Buffer.from(JSON.stringify(text)));
  let left = mostRead;
  let bound = before;
  try {
    for (const file of files) {
      for await (const lines of linesBackwards(file, await endBefore(file, bound))) {
        for (const { bytes, start } of lines) {
          if (!texts.every((text) => bytes.includes(text))) continue;
          const seq = seqOf(bytes);
          if (seq !== undefined && seq >= bound) continue;
          const entry = readEntry(file, bytes, start, log);
          if (entry === undefined) continue;
          bound = entry.seq;
          if (take(entry)) return bound;
        }
        bound = Math.min(bound, lowestSeq(file, lines) ?? bound);
        left -= BLOCK;
        if (left <= 0 && bound < before) return bound;
      }
    }
    return undefined;
  } finally {
    for (const file of files) file.close();
  }
}

/* Where to begin for entries below a bound: at the start of a line that is not, but not much further. */
async function endBefore(file: PastFile, bound: number): Promise<number> {
  if (bound === Number.POSITIVE_INFINITY) return file.size;
  let low = 0;
  let high = file.size;
  while (high - low > BLOCK) {
    const middle = low + Math.floor((high - low) / 2);
    const seq = await firstSeqFrom(file, middle, high);
    if (seq === undefined || seq >= bound) high = middle;
    else low = middle;
  }
  return Math.min(await lineStartFrom(file, high), file.size);
}

/* The number of the first line that begins at or after `from` and before `to`; damaged ones do not count. */
async function firstSeqFrom(file: PastFile, from: number, to: number): Promise<number | undefined> {
  let start = await lineStartFrom(file, from);
  while (start < to) {
    const next = await lineStartFrom(file, start + 1);
    const seq = soundSeqOf(file, withoutFeed(await file.read(start, next - start)));
    if (seq !== undefined) return seq;
    start = next;
  }
  return undefined;
}

function withoutFeed(line: Buffer): Buffer {
  return line.at(-1) === LINE_FEED ? line.subarray(0, -1) : line;
}

function lowestSeq(file: PastFile, lines: readonly { readonly bytes: Buffer }[]): number | undefined {
  for (const { bytes } of lines.toReversed()) {
    const seq = soundSeqOf(file, bytes);
    if (seq !== undefined) return seq;
  }
  return undefined;
}

/* A damaged line has no number to go by: a wrong one would hide other entries. */
function soundSeqOf(file: PastFile, line: Buffer): number | undefined {
  return file.json(line) === undefined ? undefined : seqOf(line);
}

function seqOf(line: Buffer): number | undefined {
  const found = SEQ.exec(line.toString("latin1", 0, LONGEST_FRAME))?.[1];
  return found === undefined ? undefined : Number(found);
}

function readEntry(file: PastFile, line: Buffer, offset: number, log: Log): RecordedEntry | undefined {
  const parsed = parsePast(file.json(line));
  if ("value" in parsed) return parsed.value;
  log.warn({ file: file.name, offset, problem: parsed.problem }, "a line of the history cannot be read");
  return undefined;
}

/** Reads the entry of a line; `json` is undefined where the line does not fit its checksum. */
export function parsePast(json: Buffer | undefined): Parsed<RecordedEntry> {
  if (json === undefined) return { problem: "it does not fit its checksum" };
  try {
    return parseRecorded(JSON.parse(json.toString()));
  } catch (error) {
    return { problem: String(error) };
  }
}
