/**
 * The layout of hats.json as the store writes it, read as a stream of lines.
 *
 * A head with version and sequence number; then objects within objects, each opening and closing on a line of its own, the
 * innermost with one entry a line; last the checksum of all bytes before it. A line that does not fit ends the reading:
 * the file may still be valid JSON.
 */
import { crc32 } from "node:zlib";
import { damagedAt, type Place } from "../files/damage.ts";
import type { ReadableFolder } from "../files/folder.ts";

const LINE_FEED = 10;
const HEAD = /^\{"version":(\d{1,9}),"seq":(\d{1,15}),$/;
const TAIL = /^"crc":"([0-9a-f]{8})"\}$/;

/* A name in quotes, and the colon behind it. */
const NAME = /^"[^"\\]*(?:\\.[^"\\]*)*":/;

/**
 * Takes one entry of an object, its value as it is written; what it returns is what is wrong with it.
 *
 * Throws SyntaxError where that is no JSON.
 */
export type TakeEntry = (key: string, json: string) => string | undefined;

/**
 * Called as an object opens, with the names that lead to it; returns what takes its entries, "objects" where it holds only
 * further objects, undefined where no such object belongs there.
 */
export type OpenObject = (path: readonly string[]) => TakeEntry | "objects" | undefined;

/** Where a file ceases to be of this layout. */
export class NotOfThisLayout extends Error {
  readonly place: Place;

  constructor(place: Place) {
    super("not laid out as the store does");
    this.place = place;
  }
}

/**
 * Reads a file of this layout and version, and returns the sequence number.
 *
 * @throws NotOfThisLayout; OperatorError store-damaged for an entry that is wrong
 */
export async function readLayout(
  folder: ReadableFolder,
  name: string,
  version: number,
  onOpen: OpenObject,
): Promise<number> {
  const reader = new LayoutReader(version, onOpen);
  const at = { file: name, line: 1, offset: 0 };
  let crc = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of folder.read(name)) {
    const bytes = Buffer.concat([rest, piece]);
    let from = 0;
    const crcBefore = () => crc32(bytes.subarray(0, from), crc);
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      reader.read(bytes.toString("utf8", from, end), crcBefore, at);
      at.line += 1;
      at.offset += end + 1 - from;
      from = end + 1;
    }
    crc = crcBefore();
    rest = bytes.subarray(from);
  }
  if (rest.length > 0 || !reader.isComplete || reader.seq === undefined) throw new NotOfThisLayout(at);
  return reader.seq;
}

class LayoutReader {
  seq: number | undefined;
  isComplete = false;
  readonly #path: string[] = [];
  #within: TakeEntry | "objects" = "objects";
  readonly #version: number;
  readonly #onOpen: OpenObject;

  constructor(version: number, onOpen: OpenObject) {
    this.#version = version;
    this.#onOpen = onOpen;
  }

  /* `crcBefore` says that of all bytes before this line. */
  read(line: string, crcBefore: () => number, place: Place): void {
    try {
      if (this.#fits(line, crcBefore, place)) return;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw new NotOfThisLayout({ ...place });
  }

  #fits(line: string, crcBefore: () => number, place: Place): boolean {
    if (this.isComplete) return false;
    if (this.seq === undefined) return this.#readHead(line);
    if (line === "}" || line === "},") return this.#close();
    if (this.#within !== "objects") return this.#take(this.#within, line, place);
    return this.#path.length === 0 && TAIL.test(line) ? this.#end(line, crcBefore()) : this.#open(line);
  }

  #readHead(line: string): boolean {
    const [, version, seq] = HEAD.exec(line) ?? [];
    this.seq = Number(seq);
    return Number(version) === this.#version;
  }

  #open(line: string): boolean {
    const name = openedName(line);
    if (name === undefined) return false;
    this.#path.push(name);
    const within = this.#onOpen(this.#path);
    this.#within = within ?? "objects";
    return within !== undefined;
  }

  #close(): boolean {
    this.#within = "objects";
    return this.#path.pop() !== undefined;
  }

  #take(take: TakeEntry, line: string, place: Place): boolean {
    const member = splitMember(line);
    if (member === undefined) return false;
    const problem = take(member.key, member.json);
    if (problem !== undefined) throw damagedAt(place, `${[...this.#path, member.key].join(".")}: ${problem}`);
    return true;
  }

  #end(line: string, crc: number): boolean {
    this.isComplete = TAIL.exec(line)?.[1] === crc.toString(16).padStart(8, "0");
    return this.isComplete;
  }
}

/* The name in `"name":{`. */
function openedName(line: string): string | undefined {
  const member = splitMember(line);
  return member?.json === "{" ? member.key : undefined;
}

function splitMember(line: string): { key: string; json: string } | undefined {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) return undefined;
  return {
    key: JSON.parse(name.slice(0, -1)) as string,
    json: line.slice(name.length, line.endsWith(",") ? -1 : undefined),
  };
}
