/**
 * Writes a state as hats.json: one valid JSON document, one user a line.
 *
 * It may be written while the state changes. What comes out is then a mixture of earlier and later values, and right
 * again once the journal from `seq` on has been replayed over it.
 */
import { crc32 } from "node:zlib";
import type { Archive, Room, State } from "../../core/model.ts";
import {
  writeBase,
  writeExpiries,
  writeGrant,
  writeHat,
  writeManaged,
  writeUser,
} from "../json/write-json.ts";
import type { Write } from "../json/json-members.ts";
import { JsonWriter } from "../json/json-writer.ts";

const PIECE = 1 << 16;

/** The document in pieces of about 64 KB; `seq` is the last entry that it surely holds. */
export function* buildSnapshot(state: State, version: number, seq: number): Generator<Buffer> {
  const json = new JsonWriter();
  let crc = 0;
  const take = () => {
    const piece = Buffer.from(json.bytes);
    json.clear();
    crc = crc32(piece, crc);
    return piece;
  };
  for (const _ of writeDocument(json, state, version, seq)) yield take();
  yield take();
  yield Buffer.from(`"crc":"${crc.toString(16).padStart(8, "0")}"}\n`);
}

/* Writes something, and stops whenever there is enough for a piece. */
type Writing = Generator<void>;

function* writeDocument(json: JsonWriter, state: State, version: number, seq: number): Writing {
  json.raw(`{"version":${version},"seq":${seq},\n"rooms":`);
  yield* nested(json, state.rooms, sections);
  if (state.managed.size > 0) {
    json.raw(',\n"managed":');
    yield* lines(json, state.managed, writeManaged);
  }
  if (state.archives.size > 0) {
    json.raw(',\n"archives":');
    yield* nested(json, state.archives, (_json, archives) => nested(json, archives, sections));
  }
  json.raw(",\n");
}

/* What a room has, or had: empty sections are left out. */
function sections(json: JsonWriter, room: Archive & Partial<Room>): Writing {
  const { hats, users, expires, grants, base = NO_BASES } = room;
  const all: readonly [string, ReadonlyMap<string, unknown>, () => Writing][] = [
    ["hats", hats, () => lines(json, hats, writeHat)],
    ["users", users, () => lines(json, users, writeUser)],
    ["expires", expires, () => lines(json, expires, writeExpiries)],
    ["grants", grants, () => lines(json, grants, writeGrant)],
    ["base", base, () => lines(json, base, writeBase)],
  ];
  const filled = all.filter(([, entries]) => entries.size > 0);
  return nested(json, new Map(filled.map(([name, , write]) => [name, write])), (_json, write) => write());
}

const NO_BASES: Room["base"] = new Map();

/* An object of objects. */
function* nested<V>(
  json: JsonWriter,
  members: ReadonlyMap<string, V>,
  write: (json: JsonWriter, value: V) => Writing,
): Writing {
  json.raw("{");
  let separator = "\n";
  for (const [name, value] of members) {
    json.raw(separator);
    json.text(name);
    json.raw(":");
    yield* write(json, value);
    separator = ",\n";
  }
  json.raw("\n}");
}

/* An object with one entry a line. */
function* lines<V>(json: JsonWriter, entries: ReadonlyMap<string, V>, write: Write<V>): Writing {
  json.raw("{");
  let separator = "\n";
  for (const [key, value] of entries) {
    json.raw(separator);
    json.text(key);
    json.raw(":");
    write(json, value);
    separator = ",\n";
    if (json.length >= PIECE) yield;
  }
  json.raw("\n}");
}
