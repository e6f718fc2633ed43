/**
 * Reads hats.json.
 *
 * In the layout that the store writes it is read line by line, so that its size has no limit, and the checksum at its end
 * must fit. In any other layout, as an editor or another program leaves it, it is parsed as a whole and must not carry a
 * checksum any more. Older versions are parsed as a whole, too.
 */
import * as v from "valibot";
import { OperatorError } from "../core/errors.ts";
import type { RoomJid } from "../core/jid.ts";
import { emptyRoom, emptyState, type Room, type State } from "../core/model.ts";
import { damaged, damagedAt, type Place } from "./damage.ts";
import { explain, isJsonObject, snapshotSchema } from "./entry-schema.ts";
import type { Folder } from "./folder.ts";
import { type Format, type Migration, migrationsFrom } from "./format.ts";
import { type Parsed, parseBase, parseHat, parseUser } from "./parse-json.ts";
import { SharedAttachments } from "./shared-attachments.ts";
import { NotOfThisLayout, type SnapshotLine, readLayout } from "./snapshot-layout.ts";

/** What hats.json held. */
export interface Snapshot {
  readonly state: State;
  /** The last entry that is surely in it. */
  readonly seq: number;
  /** What has to be done to entries of the journal before they can be read. */
  readonly migrations: readonly Migration[];
}

/** Reads the snapshot `name`. Throws OperatorError store-damaged, store-newer. */
export async function readSnapshot(folder: Folder, name: string, format: Format): Promise<Snapshot> {
  try {
    return await readByLine(folder, name, format);
  } catch (error) {
    if (!(error instanceof NotOfThisLayout)) throw error;
    return readWhole(folder, name, format, error.place);
  }
}

async function readByLine(folder: Folder, name: string, format: Format): Promise<Snapshot> {
  const state = emptyState();
  const shared = new SharedAttachments();
  const seq = await readLayout(folder, name, format.version, (line, place) =>
    enter(state, line, shared, place),
  );
  return { state, seq, migrations: [] };
}

/* A section of a room, by its name: reads one line's value into the room. */
const SECTIONS: Readonly<
  Record<string, (room: Room, key: string, raw: unknown, shared: SharedAttachments) => string | undefined>
> = {
  hats: (room, key, raw) => put(room.hats, key, parseHat(raw)),
  users: (room, key, raw, shared) => put(room.users, key, parseUser(raw, shared)),
  base: (room, key, raw) => put(room.base, key, parseBase(raw)),
};

function enter(
  state: State,
  { room, section, key, value }: SnapshotLine,
  shared: SharedAttachments,
  place: Place,
): void {
  let kept = state.rooms.get(room as RoomJid);
  if (kept === undefined) state.rooms.set(room as RoomJid, (kept = emptyRoom()));
  if (section === undefined) return;
  const read = SECTIONS[section];
  if (read === undefined) throw new NotOfThisLayout(place);
  const problem = read(kept, key, value, shared);
  if (problem !== undefined) throw damagedAt(place, `rooms.${room}.${section}.${key}: ${problem}`);
}

function put<K extends string, V>(map: Map<K, V>, key: string, parsed: Parsed<V>): string | undefined {
  if ("problem" in parsed) return parsed.problem;
  map.set(key as K, parsed.value);
  return undefined;
}

async function readWhole(folder: Folder, name: string, format: Format, place: Place): Promise<Snapshot> {
  const raw = await parseWhole(folder, name, place);
  if (!isJsonObject(raw) || typeof raw["version"] !== "number") {
    throw damaged(name, "this is no store of the desk: an object with a version was expected");
  }
  const { crc, ...document } = raw;
  const migrations = migrationsOf(name, format, raw["version"]);
  if (crc !== undefined && raw["version"] === format.version) {
    throw damagedAt(place, 'it does not fit its checksum; if you changed it by hand, take its "crc" out');
  }
  const current = migrations.reduce((older: unknown, step) => step.snapshot(older), document);
  const checked = v.safeParse(snapshotSchema, current);
  if (!checked.success) throw damaged(name, explain(checked.issues));
  const state = emptyState();
  for (const [jid, { hats, users, base }] of checked.output.rooms) {
    state.rooms.set(jid as RoomJid, { ...emptyRoom(), ...given({ hats, users, base }) });
  }
  return { state, seq: checked.output.seq, migrations };
}

function given(sections: Readonly<Record<string, unknown>>): Partial<Room> {
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => section !== undefined));
}

function migrationsOf(name: string, format: Format, version: number): readonly Migration[] {
  if (version > format.version) {
    throw new OperatorError(
      "store-newer",
      `${name} has version ${version}, this program knows ${format.version}; start the newer program`,
    );
  }
  const migrations = migrationsFrom(format, version);
  if (migrations === undefined) throw damaged(name, `there never was a version ${version}`);
  return migrations;
}

async function parseWhole(folder: Folder, name: string, place: Place): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for await (const piece of folder.read(name)) pieces.push(piece);
  try {
    return JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces)),
    );
  } catch (error) {
    throw damagedAt(place, `not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
