/**
 * One line of the journal: `LENGTH CRC FLOOR PAYLOAD`.
 *
 * LENGTH (bytes) and CRC (CRC-32) are eight hexadecimal digits each and cover what follows them up to the line feed. FLOOR
 * is the last sequence number that was surely on the disk when the line was written: a line that is damaged although a
 * later one names it as surely written was not torn by a power cut. PAYLOAD is an entry as JSON.
 */
import { crc32 } from "node:zlib";

const HEADER = 18;
const LINE_FEED = 10;
const SPACE = 32;

/** A line as it was read; `next` is where the following one begins. */
export interface JournalLine {
  readonly floor: number;
  readonly payload: string;
  readonly next: number;
}

/** Lines gathered for one write. */
export class LineBatch {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  /** The lines so far; valid until the next `add` or `clear`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add(floor: number, payload: string): void {
    const body = `${floor} ${payload}`;
    this.#reserve(HEADER + body.length * 3 + 1);
    const start = this.#length + HEADER;
    const length = this.#bytes.write(body, start);
    const crc = crc32(this.#bytes.subarray(start, start + length));
    this.#bytes.write(`${hex(length)} ${hex(crc)} `, this.#length, "latin1");
    this.#bytes[start + length] = LINE_FEED;
    this.#length = start + length + 1;
  }

  clear(): void {
    this.#length = 0;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Reads the line at `offset`; undefined where it is not whole and sound. */
export function readLine(bytes: Buffer, offset: number): JournalLine | undefined {
  const length = lineLength(bytes, offset);
  if (length === undefined) return undefined;
  const start = offset + HEADER;
  const end = start + length;
  if (end >= bytes.length || bytes[end] !== LINE_FEED) return undefined;
  const body = bytes.subarray(start, end);
  if (bytes.toString("latin1", offset + 9, offset + 17) !== hex(crc32(body))) return undefined;
  const gap = body.indexOf(SPACE);
  return {
    floor: Number(body.toString("latin1", 0, gap)),
    payload: body.toString("utf8", gap + 1),
    next: end + 1,
  };
}

/* The length a line's header claims, without its header and line feed. */
function lineLength(bytes: Buffer, offset: number): number | undefined {
  if (offset + HEADER > bytes.length) return undefined;
  const header = bytes.toString("latin1", offset, offset + HEADER);
  return /^[0-9a-f]{8} [0-9a-f]{8} $/.test(header) ? Number.parseInt(header.slice(0, 8), 16) : undefined;
}

const START_OF_LINE = /[0-9a-f]{8} [0-9a-f]{8} \d+ \{"seq":/g;

/** Every sound line within `bytes`, wherever it begins; this is how damage is told from a torn end. */
export function* findLines(bytes: Buffer): Generator<JournalLine> {
  for (const { index } of bytes.toString("latin1").matchAll(START_OF_LINE)) {
    const line = readLine(bytes, index);
    if (line !== undefined) yield line;
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
