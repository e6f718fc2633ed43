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
const ZERO = 48;
const DIGITS = Buffer.from("0123456789abcdef");

/** A line as it was read; `next` is where the following one begins. */
export interface JournalLine {
  readonly floor: number;
  /** The entry's JSON, a part of what was read. */
  readonly payload: Buffer;
  readonly next: number;
}

/** Lines gathered for one write, all with the same floor. */
export class LineBatch {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;
  #floor: Buffer = Buffer.alloc(0);

  /** The lines so far; valid until the next `add` or `begin`. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets the lines so far, and begins others. */
  begin(floor: number): void {
    this.#length = 0;
    this.#floor = Buffer.from(`${floor} `, "latin1");
  }

  add(payload: string): void {
    this.#reserve(HEADER + this.#floor.length + payload.length * 3 + 1);
    const bytes = this.#bytes;
    const start = this.#length + HEADER;
    bytes.set(this.#floor, start);
    const afterFloor = start + this.#floor.length;
    const end = afterFloor + bytes.write(payload, afterFloor);
    this.#writeHex(this.#length, end - start);
    this.#writeHex(this.#length + 9, crc32(bytes.subarray(start, end)));
    bytes[end] = LINE_FEED;
    this.#length = end + 1;
  }

  /* Eight digits and a space. */
  #writeHex(position: number, value: number): void {
    for (let digit = 7, rest = value; digit >= 0; digit--, rest >>>= 4) {
      this.#bytes[position + digit] = DIGITS[rest & 15] as number;
    }
    this.#bytes[position + 8] = SPACE;
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
  const length = readHex(bytes, offset);
  const crc = readHex(bytes, offset + 9);
  if (length === undefined || crc === undefined) return undefined;
  const start = offset + HEADER;
  const end = start + length;
  if (end >= bytes.length || bytes[end] !== LINE_FEED) return undefined;
  if (crc !== crc32(bytes.subarray(start, end))) return undefined;
  let floor = 0;
  let at = start;
  for (; at < end && bytes[at] !== SPACE; at++) floor = floor * 10 + (bytes[at] as number) - ZERO;
  return { floor, payload: bytes.subarray(at + 1, end), next: end + 1 };
}

/* Eight digits and a space. */
function readHex(bytes: Buffer, position: number): number | undefined {
  if (position + 9 > bytes.length || bytes[position + 8] !== SPACE) return undefined;
  let value = 0;
  for (let digit = 0; digit < 8; digit++) {
    const read = DIGITS.indexOf(bytes[position + digit] as number);
    if (read < 0) return undefined;
    value = value * 16 + read;
  }
  return value;
}

const START_OF_LINE = /[0-9a-f]{8} [0-9a-f]{8} \d+ \{"seq":/g;

/** Every sound line within `bytes`, wherever it begins; this is how damage is told from a torn end. */
export function* findLines(bytes: Buffer): Generator<JournalLine> {
  for (const { index } of bytes.toString("latin1").matchAll(START_OF_LINE)) {
    const line = readLine(bytes, index);
    if (line !== undefined) yield line;
  }
}
