/**
 * Writes a state as hats.json: one valid JSON document, one user a line.
 *
 * It may be written while the state changes. What comes out is then a mixture of earlier and later values, and right
 * again once the journal from `seq` on has been replayed over it.
 */
import { crc32 } from "node:zlib";
import type { Room, State } from "../core/model.ts";
import { buildBase, buildHat, buildText, buildUser } from "./build-json.ts";

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
  yield `{"version":${version},"seq":${seq},\n"rooms":{`;
  let separator = "\n";
  for (const [jid, room] of state.rooms) {
    yield `${separator}${buildText(jid)}:{\n`;
    yield* roomParts(room);
    yield "}";
    separator = ",\n";
  }
  yield "\n},\n";
}

function* roomParts(room: Room): Generator<string> {
  yield* section("hats", room.hats, buildHat);
  yield ",\n";
  yield* section("users", room.users, buildUser);
  if (room.base.size > 0) {
    yield ",\n";
    yield* section("base", room.base, buildBase);
  }
  yield "\n";
}

function* section<V>(
  name: string,
  entries: ReadonlyMap<string, V>,
  build: (value: V) => string,
): Generator<string> {
  yield `"${name}":{`;
  let separator = "\n";
  for (const [key, value] of entries) {
    yield `${separator}${buildText(key)}:${build(value)}`;
    separator = ",\n";
  }
  yield "\n}";
}
