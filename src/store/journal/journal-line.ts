/**
 * One line of the journal: `LENGTH CRC FLOOR PAYLOAD`.
 *
 * LENGTH (bytes) and CRC (CRC-32) are eight hexadecimal digits each and cover what follows them up to the line feed. FLOOR
 * is the last sequence number that was surely on the disk when the line was written: a line that is damaged although a
 * later one names it as surely written was not torn by a power cut. PAYLOAD is an entry as JSON.
 */
import { crc32 } from "node:zlib";
import type { Write } from "../json/json-members.ts";
import { JsonWriter } from "../json/json-writer.ts";

const DIGITS = 8;
const EMPTY_HEADER = "-------- -------- ";
const HEADER = EMPTY_HEADER.length;
const LINE_FEED = 10;
const SPACE = 32;
const ZERO = 48;

/* The value of each byte as a hexadecimal digit, 255 for what is none. */
const HEX_VALUE = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) HEX_VALUE[value.toString(16).charCodeAt(0)] = value;

/** A line as it was read; `next` is where the following one begins. */
export interface JournalLine {
  readonly floor: number;
  /** The entry's JSON, a part of what was read. */
  readonly payload: Buffer;
  readonly next: number;
}

/** Lines gathered for one write, all with the same floor. */
export class LineBatch {
  readonly #json = new JsonWriter();
  #floor = "";

  /** The lines so far; valid until the next `add` or `begin`. */
  get bytes(): Buffer {
    return this.#json.bytes;
  }

  /** Forgets the lines so far, and begins others. */
  begin(floor: number): void {
    this.#json.clear();
    this.#floor = `${floor} `;
  }

  /** Adds a line; `write` writes its payload. */
  add<T>(value: T, write: Write<T>): void {
    const json = this.#json;
    const start = json.length + HEADER;
    json.raw(EMPTY_HEADER);
    json.raw(this.#floor);
    write(json, value);
    json.patchHex(start - HEADER, json.length - start);
    json.patchHex(start - HEADER + DIGITS + 1, crc32(json.bytesFrom(start)));
    json.raw("\n");
  }
}

/** How long a line says that it is, with what frames it; undefined where too little of it is there to tell. */
export function lengthOfLine(bytes: Buffer): number | undefined {
  const length = readHex(bytes, 0);
  return length === undefined ? undefined : HEADER + length + 1;
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
  if (position + DIGITS >= bytes.length || bytes[position + DIGITS] !== SPACE) return undefined;
  let value = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const read = HEX_VALUE[bytes[position + digit] as number] as number;
    if (read > 15) return undefined;
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
