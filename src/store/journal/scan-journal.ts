/**
 * Reads a journal from start to end and judges how it ends.
 *
 * The last write before a power cut may be torn anywhere, in one place or several. Such an end is cut: nobody was told
 * that it is durable. Damage to anything that had been secured is refused, for to cut there would lose it.
 */
import { damagedAt, type Place } from "../files/damage.ts";
import type { ReadableFolder } from "../files/folder.ts";
import { LONGEST_WRITE } from "./journal.ts";
import { findLines, type JournalLine, lengthOfLine, readLine } from "./journal-line.ts";

const BEFORE_SEQ = '{"seq":'.length;
const [ZERO, NINE] = [48, 57];

/** What a journal held. */
export interface Scanned {
  /** How many bytes of it are sound; what follows was reserved, or is a torn end. */
  readonly size: number;
  readonly tornBytes: number;
  /** The sequence number that the next entry has. */
  readonly nextSeq: number;
}

/** One sound line, in order. */
export type OnLine = (seq: number, json: Buffer, at: Place) => void;

/** What is known of a journal before it is read. */
export interface Expected {
  /** The number after the last one known so far, if anything is known; what comes before it may be there again. */
  readonly nextSeq: number | undefined;
  /** Whether it is the one that was written to last: that one can have a torn end. */
  readonly isLast: boolean;
}

/**
 * Reads a journal, handing each line on.
 *
 * @throws OperatorError store-damaged
 */
export async function scanJournal(
  folder: ReadableFolder,
  name: string,
  { nextSeq, isLast }: Expected,
  onLine: OnLine,
): Promise<Scanned> {
  let expected: number | undefined;
  const at = { file: name, line: 1, offset: 0 };
  let rest: Buffer = Buffer.alloc(0);
  /* What was read after `rest`, and how much of both the next line takes. */
  let more: Uint8Array[] = [];
  let available = 0;
  let needed = 0;

  const take = (line: JournalLine, size: number) => {
    const seq = readSeq(line.payload);
    const isNext = expected === undefined ? seq <= (nextSeq ?? seq) : seq === expected;
    if (!isNext) throw damagedAt(at, `entry ${expected ?? nextSeq} was expected, ${seq} found`);
    onLine(seq, line.payload, at);
    expected = seq + 1;
    at.line += 1;
    at.offset += size;
  };

  for await (const piece of folder.read(name)) {
    more.push(piece);
    available += piece.length;
    if (available < Math.min(needed, LONGEST_WRITE)) continue;
    rest = Buffer.concat([rest, ...more]);
    more = [];
    let from = 0;
    for (let line = readLine(rest, from); line !== undefined; line = readLine(rest, from)) {
      take(line, line.next - from);
      from = line.next;
    }
    rest = rest.subarray(from);
    if (rest.length > LONGEST_WRITE) throw damagedAt(at, "no entry can be read here");
    available = rest.length;
    needed = lengthOfLine(rest) ?? 0;
  }
  rest = Buffer.concat([rest, ...more]);
  const next = expected ?? nextSeq ?? 1;
  const torn = withoutZeros(rest);
  if (torn.length > 0) judgeEnd(torn, next, isLast, at);
  const known = nextSeq ?? next;
  if (isLast && next < known) throw damagedAt(at, `entry ${known - 1} is not in it`);
  return { size: at.offset, tornBytes: torn.length, nextSeq: Math.max(next, known) };
}

/* The number with which each entry begins. */
function readSeq(json: Buffer): number {
  let seq = 0;
  for (let at = BEFORE_SEQ; at < json.length; at++) {
    const digit = json[at] as number;
    if (digit < ZERO || digit > NINE) break;
    seq = seq * 10 + digit - ZERO;
  }
  return seq;
}

/* Throws unless the end is what a power cut can leave of a write that nobody was told of. */
function judgeEnd(end: Buffer, expected: number, isLast: boolean, at: Place): void {
  if (!isLast) throw damagedAt(at, "the entry here is damaged");
  for (const { floor } of findLines(end)) {
    if (floor >= expected) throw damagedAt(at, "the entry here is damaged, and whole ones follow it");
  }
}

/* What was reserved and never written is zeros. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return bytes.subarray(0, end);
}
