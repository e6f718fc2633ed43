/**
 * Reads hats.json.
 *
 * In the layout that the store writes it is read line by line, so that its size has no limit, and the checksum at its end
 * must fit. In any other layout, as an editor or another program leaves it, it is parsed as a whole and must not carry a
 * checksum any more. Older versions are parsed as a whole, too.
 */
import * as v from "valibot";
import { OperatorError } from "../../core/errors.ts";
import type { RoomJid } from "../../core/jid.ts";
import {
  type Archive,
  type Base,
  emptyRoom,
  emptyState,
  type Expiries,
  oldestFirst,
  type Room,
  type State,
  type User,
} from "../../core/model.ts";
import { damaged, damagedAt, type Place } from "../files/damage.ts";
import { isJsonObject } from "../json/json-object.ts";
import { explain, isInstant, snapshotSchema } from "../json/entry-schema.ts";
import type { ReadableFolder } from "../files/folder.ts";
import { type Format, type Migration, migrationsFrom } from "../format.ts";
import {
  type Parsed,
  parseBase,
  parseExpiries,
  parseGrant,
  parseHat,
  parseManaged,
  parseUser,
} from "../json/parse-json.ts";
import { SharedAttachments } from "./shared-attachments.ts";
import { SharedEntries } from "./shared-entries.ts";
import { NotOfThisLayout, type OpenObject, readLayout, type TakeEntry } from "./snapshot-layout.ts";

/** What hats.json held. */
export interface Snapshot {
  readonly state: State;
  /** The last entry that is surely in it. */
  readonly seq: number;
  /** What has to be done to entries of the journal before they can be read. */
  readonly migrations: readonly Migration[];
}

/** Reads the snapshot `name`. Throws OperatorError store-damaged, store-newer. */
export async function readSnapshot(folder: ReadableFolder, name: string, format: Format): Promise<Snapshot> {
  try {
    return await readByLine(folder, name, format);
  } catch (error) {
    if (!(error instanceof NotOfThisLayout)) throw error;
    return readWhole(folder, name, format, error.place);
  }
}

async function readByLine(folder: ReadableFolder, name: string, format: Format): Promise<Snapshot> {
  const state = emptyState();
  const seq = await readLayout(folder, name, format.version, into(state));
  return { state, seq, migrations: [] };
}

/* Knows where each object of the document goes in the state. */
function into(state: State): OpenObject {
  const attachments = new SharedAttachments();
  const shared: Shared = {
    users: new SharedEntries((raw) => parseUser(raw, attachments)),
    expires: new SharedEntries(parseExpiries),
    base: new SharedEntries(parseBase),
  };
  let room = emptyRoom();
  let archives = new Map<string, Archive>();
  const openSection = (name = ""): TakeEntry | undefined => SECTIONS.get(name)?.(room, shared);

  const openRoom = (jid: string, section: string | undefined) => {
    if (section !== undefined) return openSection(section);
    state.rooms.set(jid as RoomJid, (room = emptyRoom()));
    return "objects";
  };
  const openArchive = (jid: string, time: string | undefined, section: string | undefined) => {
    if (section !== undefined) return section === "base" ? undefined : openSection(section);
    if (time === undefined) state.archives.set(jid as RoomJid, (archives = new Map()));
    else if (isInstant(time)) archives.set(time, (room = emptyRoom()));
    else return undefined;
    return "objects";
  };

  return ([top, jid, ...below]) => {
    if (top === "managed") return (key, json) => put(state.managed, key, parseManaged(JSON.parse(json)));
    if (top !== "rooms" && top !== "archives") return undefined;
    if (jid === undefined) return "objects";
    return top === "rooms" ? openRoom(jid, below[0]) : openArchive(jid, below[0], below[1]);
  };
}

/* What many people have alike. */
interface Shared {
  readonly users: SharedEntries<User>;
  readonly expires: SharedEntries<Expiries>;
  readonly base: SharedEntries<Base>;
}

/* What takes the entries of a section into a room, by the section's name. */
const SECTIONS: ReadonlyMap<string, (room: Room, shared: Shared) => TakeEntry> = new Map([
  [
    "hats",
    ({ hats }) =>
      (key, json) =>
        put(hats, key, parseHat(JSON.parse(json))),
  ],
  [
    "users",
    ({ users }, shared) =>
      (key, json) =>
        put(users, key, shared.users.read(json)),
  ],
  [
    "expires",
    ({ expires }, shared) =>
      (key, json) =>
        put(expires, key, shared.expires.read(json)),
  ],
  [
    "grants",
    ({ grants }) =>
      (key, json) =>
        put(grants, key, parseGrant(JSON.parse(json))),
  ],
  [
    "base",
    ({ base }, shared) =>
      (key, json) =>
        put(base, key, shared.base.read(json)),
  ],
]);

function put<K extends string, V>(map: Map<K, V>, key: string, parsed: Parsed<V>): string | undefined {
  if ("problem" in parsed) return parsed.problem;
  map.set(key as K, parsed.value);
  return undefined;
}

async function readWhole(
  folder: ReadableFolder,
  name: string,
  format: Format,
  place: Place,
): Promise<Snapshot> {
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
  const { rooms, managed = new Map(), archives = new Map(), seq } = checked.output;
  for (const [jid, byTime] of archives) archives.set(jid, oldestFirst(byTime));
  return { state: { rooms, managed, archives }, seq, migrations };
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

async function parseWhole(folder: ReadableFolder, name: string, place: Place): Promise<unknown> {
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
