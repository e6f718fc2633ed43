/**
 * Reads the lines of a file from its end to its start, in blocks, without ever holding more than a line and a block.
 *
 * Each block is read aside, so that the event loop goes on between two of them.
 */
import type { ReadFile } from "../files/folder.ts";

/** How much is read at a time, in bytes. */
export const BLOCK = 1 << 16;

const LINE_FEED = 10;
/* Enough to find the next line most times. */
const PROBE = 1 << 11;

/** A line without its line feed; `start` is where it begins in the file. */
export interface Line {
  readonly bytes: Buffer;
  readonly start: number;
}

/**
 * The lines that end before `end`, the last first, those of one block together.
 *
 * `end` is the start of a line, or the end of the file. A last line without line feed is a line, too.
 */
export async function* linesBackwards(
  file: ReadFile,
  end: number,
  blockSize = BLOCK,
): AsyncGenerator<Line[]> {
  /* The end of a line whose start is in an earlier block, latest piece first. */
  let tail: Buffer[] = [];
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - blockSize);
    const block = await file.read(from, to - from);
    const lines: Line[] = [];
    let lineEnd = block.length;
    if (to === end && block[lineEnd - 1] === LINE_FEED) lineEnd -= 1;
    for (let at = feedBefore(block, lineEnd); at >= 0; at = feedBefore(block, lineEnd)) {
      lines.push({ bytes: joined(block.subarray(at + 1, lineEnd), tail), start: from + at + 1 });
      tail = [];
      lineEnd = at;
    }
    tail.push(block.subarray(0, lineEnd));
    if (from === 0) lines.push({ bytes: joined(Buffer.alloc(0), tail), start: 0 });
    yield lines;
    to = from;
  }
}

/** The start of the first line that begins at or after a position; the size of the file where there is none. */
export async function lineStartFrom(file: ReadFile, position: number): Promise<number> {
  if (position <= 0) return 0;
  /* A line may begin right at the position: then a line feed is just before it. */
  for (let from = position - 1, length = PROBE; from < file.size; from += length, length = BLOCK) {
    const block = await file.read(from, Math.min(length, file.size - from));
    const at = block.indexOf(LINE_FEED);
    if (at >= 0) return Math.min(from + at + 1, file.size);
    if (block.length === 0) break;
  }
  return file.size;
}

function feedBefore(block: Buffer, end: number): number {
  return end <= 0 ? -1 : block.lastIndexOf(LINE_FEED, end - 1);
}

function joined(head: Buffer, tail: readonly Buffer[]): Buffer {
  return tail.length === 0 ? head : Buffer.concat([head, ...tail.toReversed()]);
}
