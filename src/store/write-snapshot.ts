/**
 * Writes a state as hats.json: one valid JSON document, one user a line.
 *
 * It may be written while the state changes. What comes out is then a mixture of earlier and later values, and right
 * again once the journal from `seq` on has been replayed over it.
 */
import { crc32 } from "node:zlib";
import type { Archive, Room, State } from "../core/model.ts";
import {
  buildBase,
  buildExpiries,
  buildGrant,
  buildHat,
  buildManaged,
  buildText,
  buildUser,
} from "./build-json.ts";

const PIECE = 1 << 16;

/** The document in pieces of about 64 KB; `seq` is the last entry that it surely holds. */
export function* buildSnapshot(state: State, version: number, seq: number): Generator<Buffer> {
  let crc = 0;
  let text = "";
  for (const part of documentParts(state, version, seq)) {
    text += part;
    if (text.length < PIECE) continue;
    const piece = Buffer.from(text);
    crc = crc32(piece, crc);
    yield piece;
    text = "";
  }
  const last = Buffer.from(text);
  yield last;
  yield Buffer.from(`"crc":"${crc32(last, crc).toString(16).padStart(8, "0")}"}\n`);
}

function* documentParts(state: State, version: number, seq: number): Generator<string> {
  yield `{"version":${version},"seq":${seq},\n"rooms":`;
  yield* nested(state.rooms, sections);
  if (state.managed.size > 0) {
    yield ',\n"managed":';
    yield* lines(state.managed, buildManaged);
  }
  if (state.archives.size > 0) {
    yield ',\n"archives":';
    yield* nested(state.archives, (archives) => nested(archives, sections));
  }
  yield ",\n";
}

/* What a room has, or had: empty sections are left out. */
function sections(room: Archive & Partial<Room>): Generator<string> {
  const { hats, users, expires, grants, base } = room;
  const all: [string, number | undefined, () => Generator<string>][] = [
    ["hats", hats.size, () => lines(hats, buildHat)],
    ["users", users.size, () => lines(users, buildUser)],
    ["expires", expires.size, () => lines(expires, buildExpiries)],
    ["grants", grants.size, () => lines(grants, buildGrant)],
  ];
  if (base !== undefined) all.push(["base", base.size, () => lines(base, buildBase)]);
  const filled = all.filter(([, size]) => size !== 0);
  return nested(
    filled.map(([name, , write]): [string, () => Generator<string>] => [name, write]),
    (write) => write(),
  );
}

/* An object of objects. */
function* nested<V>(
  members: Iterable<readonly [string, V]>,
  write: (value: V) => Iterable<string>,
): Generator<string> {
  let separator = "{\n";
  for (const [name, value] of members) {
    yield `${separator}${buildText(name)}:`;
    yield* write(value);
    separator = ",\n";
  }
  yield separator === ",\n" ? "\n}" : "{\n}";
}

/* An object with one entry a line. */
function* lines<V>(entries: ReadonlyMap<string, V>, build: (value: V) => string): Generator<string> {
  yield "{";
  let separator = "\n";
  for (const [key, value] of entries) {
    yield `${separator}${buildText(key)}:${build(value)}`;
    separator = ",\n";
  }
  yield "\n}";
}
