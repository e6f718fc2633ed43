/**
 * The layout of hats.json as the store writes it, read as a stream of lines.
 *
 * A head with version and sequence number, then rooms, in each its sections, in each one entry a line, and last the
 * checksum of all bytes before it. A line that does not fit ends the reading: the file may still be valid JSON.
 */
import { crc32 } from "node:zlib";
import type { Place } from "./damage.ts";
import type { JsonObject } from "./entry-schema.ts";
import type { Folder } from "./folder.ts";

const LINE_FEED = 10;
const HEAD = /^\{"version":(\d{1,9}),"seq":(\d{1,15}),$/;
const ROOMS = '"rooms":{';
const TAIL = /^"crc":"([0-9a-f]{8})"\}$/;

/** One entry of a section; a room that opens comes without a section. */
export interface SnapshotLine {
  readonly room: string;
  readonly section: string | undefined;
  readonly key: string;
  readonly value: unknown;
}

/** Where a file ceases to be of this layout. */
export class NotOfThisLayout extends Error {
  readonly place: Place;

  constructor(place: Place) {
    super("not laid out as the store does");
    this.place = place;
  }
}

/** Reads a file of this layout and version, hands on each line, and returns the sequence number. Throws NotOfThisLayout. */
export async function readLayout(
  folder: Folder,
  name: string,
  version: number,
  onLine: (line: SnapshotLine, place: Place) => void,
): Promise<number> {
  const reader = new LayoutReader(version, onLine);
  const at = { file: name, line: 1, offset: 0 };
  let crc = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of folder.read(name)) {
    const bytes = Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      reader.read(bytes.toString("utf8", from, end), crc, at);
      crc = crc32(bytes.subarray(from, end + 1), crc);
      at.line += 1;
      at.offset += end + 1 - from;
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0 || !reader.isComplete) throw new NotOfThisLayout(at);
  return reader.seq;
}

type Step = "head" | "rooms" | "room" | "section" | "entry" | "tail" | "end";

class LayoutReader {
  seq = 0;
  #step: Step = "head";
  #room = "";
  #section = "";
  readonly #version: number;
  readonly #onLine: (line: SnapshotLine, place: Place) => void;

  constructor(version: number, onLine: (line: SnapshotLine, place: Place) => void) {
    this.#version = version;
    this.#onLine = onLine;
  }

  get isComplete(): boolean {
    return this.#step === "end";
  }

  /* `crc` is that of all bytes before this line. */
  read(line: string, crc: number, place: Place): void {
    const next = this.#steps[this.#step](line, crc, place);
    if (next === undefined) throw new NotOfThisLayout({ ...place });
    this.#step = next;
  }

  /* What each line does at each step, and the step after it; undefined where it does not fit. */
  readonly #steps: Record<Step, (line: string, crc: number, place: Place) => Step | undefined> = {
    head: (line) => {
      const [, version, seq] = HEAD.exec(line) ?? [];
      this.seq = Number(seq);
      return Number(version) === this.#version ? "rooms" : undefined;
    },
    rooms: (line) => (line === ROOMS ? "room" : undefined),
    room: (line, _crc, place) => {
      if (line === "},") return "tail";
      const room = openedName(line);
      if (room === undefined) return undefined;
      this.#room = room;
      this.#onLine({ room, section: undefined, key: "", value: undefined }, place);
      return "section";
    },
    section: (line) => {
      if (line === "}" || line === "},") return "room";
      const section = openedName(line);
      if (section === undefined) return undefined;
      this.#section = section;
      return "entry";
    },
    entry: (line, _crc, place) => {
      if (line === "}" || line === "},") return "section";
      const entry = parseMember(line);
      if (entry === undefined) return undefined;
      this.#onLine({ room: this.#room, section: this.#section, ...entry }, place);
      return "entry";
    },
    tail: (line, crc) => (TAIL.exec(line)?.[1] === crc.toString(16).padStart(8, "0") ? "end" : undefined),
    end: () => undefined,
  };
}

/* The name in `"name":{`. */
function openedName(line: string): string | undefined {
  return line.endsWith(":{") ? parseMember(`${line}}`)?.key : undefined;
}

function parseMember(line: string): { key: string; value: unknown } | undefined {
  const member = line.endsWith(",") ? line.slice(0, -1) : line;
  const colon = member.indexOf('":') + 1;
  try {
    if (member.lastIndexOf("\\", colon) < 0) {
      return { key: String(JSON.parse(member.slice(0, colon))), value: JSON.parse(member.slice(colon + 1)) };
    }
    const [entry] = Object.entries(JSON.parse(`{${member}}`) as JsonObject);
    return entry && { key: entry[0], value: entry[1] };
  } catch {
    return undefined;
  }
}
