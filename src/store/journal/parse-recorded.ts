/**
 * Reads entries as they are recorded: of a person's wardrobe only the hats that differ.
 *
 * The schema decides what is valid. A journal may hold a million entries, so changes of the ordinary shape are read by
 * hand first, as users in a snapshot are.
 */
import * as v from "valibot";
import { isHatId } from "../../core/hat-id.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Attachment, HatId } from "../../core/model.ts";
import type { Difference, RecordedChange, RecordedEntry } from "../../core/recorded.ts";
import { changeSchema, entrySchema, explain } from "../json/entry-schema.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import { isAttachment, type Parsed, readPlainBase } from "../json/parse-json.ts";

/* All of an entry but what it changes. */
const headSchema = v.omit(entrySchema, ["changes"]);

/** Reads an entry from its parsed JSON. */
export function parseRecorded(raw: unknown): Parsed<RecordedEntry> {
  return readPlainEntry(raw) ?? readEntry(raw);
}

function readPlainEntry(raw: unknown): Parsed<RecordedEntry> | undefined {
  const changes = readPlainChanges(raw);
  if (changes === undefined || changes.length === 0) return undefined;
  const { changes: _read, ...head } = raw as JsonObject;
  const checked = v.safeParse(headSchema, head);
  return checked.success ? { value: { ...checked.output, changes } } : undefined;
}

function readEntry(raw: unknown): Parsed<RecordedEntry> {
  const checked = v.safeParse(entrySchema, raw);
  if (!checked.success) return { problem: explain(checked.issues) };
  const { changes, ...rest } = checked.output;
  return { value: { ...rest, changes: changes.map((change) => readChange(rest.room, change)) } };
}

/** Reads only what an entry changes. */
export function parseChanges(raw: unknown): Parsed<readonly RecordedChange[]> {
  const changes = readPlainChanges(raw);
  if (changes !== undefined) return { value: changes };
  const entry = parseRecorded(raw);
  return "problem" in entry ? entry : { value: entry.value.changes };
}

type RawChange = v.InferOutput<typeof entrySchema>["changes"][number];

function readChange(room: RoomJid, raw: RawChange): RecordedChange {
  if ("hats" in raw) return { kind: "worn", room, user: raw.user, hats: mapSides(raw.hats) };
  if ("base" in raw) return { kind: "base", room, user: raw.base, after: raw.after };
  if ("hat" in raw) return { kind: "hat", room, hat: raw.hat, ...sides(raw) };
  if ("expires" in raw) return { kind: "expires", room, user: raw.expires, ...sides(raw) };
  if ("grant" in raw) return { kind: "grant", room, hat: raw.grant, ...sides(raw) };
  if ("managed" in raw) return { kind: "managed", room, ...sides(raw) };
  return { kind: "archive", room, at: raw.archive, ...sides(raw) };
}

/* What is left out of the JSON is undefined in a change. */
function sides<T>({ before, after }: { readonly before?: T; readonly after?: T }) {
  return { before, after };
}

function mapSides<K, T>(map: ReadonlyMap<K, { readonly before?: T; readonly after?: T }>) {
  return new Map([...map].map(([key, value]) => [key, sides(value)]));
}

/* The changes, by hand where they are of the ordinary shape; undefined says that the schema has to look at all of it. */
function readPlainChanges(raw: unknown): readonly RecordedChange[] | undefined {
  if (!isJsonObject(raw) || typeof raw["room"] !== "string" || !Array.isArray(raw["changes"]))
    return undefined;
  const changes: RecordedChange[] = [];
  for (const change of raw["changes"] as unknown[]) {
    const room = raw["room"] as RoomJid;
    const read = readPlainChange(room, change) ?? readCheckedChange(room, change);
    if (read === undefined) return undefined;
    changes.push(read);
  }
  return changes;
}

function readCheckedChange(room: RoomJid, raw: unknown): RecordedChange | undefined {
  const checked = v.safeParse(changeSchema, raw);
  return checked.success ? readChange(room, checked.output) : undefined;
}

function readPlainChange(room: RoomJid, raw: unknown): RecordedChange | undefined {
  if (!isJsonObject(raw)) return undefined;
  if (typeof raw["base"] === "string") return readPlainBaseChange(room, raw["base"] as BareJid, raw["after"]);
  if (typeof raw["user"] !== "string") return undefined;
  const hats = readPlainHats(raw["hats"]);
  return hats && { kind: "worn", room, user: raw["user"] as BareJid, hats };
}

function readPlainBaseChange(room: RoomJid, user: BareJid, raw: unknown): RecordedChange | undefined {
  const after = readPlainBase(raw);
  return after === undefined && raw !== undefined ? undefined : { kind: "base", room, user, after };
}

function readPlainHats(raw: unknown): ReadonlyMap<HatId, Difference<Attachment>> | undefined {
  if (!isJsonObject(raw)) return undefined;
  const hats = new Map<HatId, Difference<Attachment>>();
  for (const [id, difference] of Object.entries(raw)) {
    if (!isHatId(id) || !isJsonObject(difference) || !isDifference(difference)) return undefined;
    hats.set(id, { before: difference["before"], after: difference["after"] });
  }
  return hats;
}

type PlainDifference = { readonly before?: Attachment; readonly after?: Attachment };

function isDifference(raw: JsonObject): raw is JsonObject & PlainDifference {
  for (const name in raw) {
    const value = raw[name];
    if ((name !== "before" && name !== "after") || !isJsonObject(value) || !isAttachment(value)) return false;
  }
  return true;
}
