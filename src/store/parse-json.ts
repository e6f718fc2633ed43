/**
 * Reads what build-json.ts writes.
 *
 * The schemas decide what is valid, and say what is not. They take 15 microseconds a user, which is 15 seconds for a
 * million, so users of the ordinary shape are read by hand first; whatever is not of that shape goes to the schema.
 */
import * as v from "valibot";
import type { Change } from "../core/change.ts";
import type { Entry } from "../core/entry.ts";
import { isHatId } from "../core/hat-id.ts";
import type { RoomJid } from "../core/jid.ts";
import type { Attachment, Base, Expiries, Grant, Hat, HatId, ManagedRoom, User } from "../core/model.ts";
import { isXmlText } from "../core/text.ts";
import {
  baseSchema,
  entrySchema,
  expiriesSchema,
  explain,
  grantSchema,
  hatSchema,
  isInstant,
  isJsonObject,
  type JsonObject,
  managedSchema,
  userSchema,
} from "./entry-schema.ts";
import type { SharedAttachments } from "./shared-attachments.ts";

/** A value, or what is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** Reads a person's hats; equal attachments become one where `shared` is given. */
export function parseUser(raw: unknown, shared?: SharedAttachments): Parsed<User> {
  const user = readPlainUser(raw, shared);
  return user === undefined ? parseBy<User>(userSchema, raw) : { value: user };
}

/** Reads a hat of a catalogue. */
export function parseHat(raw: unknown): Parsed<Hat> {
  return parseBy<Hat>(hatSchema, raw);
}

/** Reads what was last put into a room for one wearer. */
export function parseBase(raw: unknown): Parsed<Base> {
  const base = readPlainBase(raw);
  return base === undefined ? parseBy<Base>(baseSchema, raw) : { value: base };
}

/** Reads when hats of one person lapse. */
export function parseExpiries(raw: unknown): Parsed<Expiries> {
  const expiries = readPlainTexts(raw, isInstant);
  return expiries === undefined ? parseBy<Expiries>(expiriesSchema, raw) : { value: expiries };
}

/** Reads who else may give and take a hat. */
export function parseGrant(raw: unknown): Parsed<Grant> {
  return parseBy<Grant>(grantSchema, raw);
}

/** Reads a room that was added by command. */
export function parseManaged(raw: unknown): Parsed<ManagedRoom> {
  return parseBy<ManagedRoom>(managedSchema, raw);
}

/** Reads an entry from its parsed JSON, whole. */
export function parseEntry(raw: unknown): Parsed<Entry> {
  const checked = v.safeParse(entrySchema, raw);
  if (!checked.success) return { problem: explain(checked.issues) };
  const { changes, ...rest } = checked.output;
  return { value: { ...rest, changes: changes.map((change) => readChange(rest.room, change)) } };
}

/** Reads what an entry changes, from the entry's parsed JSON. */
export function parseChanges(raw: unknown): Parsed<readonly Change[]> {
  const changes = readPlainChanges(raw);
  if (changes !== undefined) return { value: changes };
  const entry = parseEntry(raw);
  return "problem" in entry ? entry : { value: entry.value.changes };
}

type RawChange = v.InferOutput<typeof entrySchema>["changes"][number];

function readChange(room: RoomJid, raw: RawChange): Change {
  if ("hat" in raw) return { kind: "hat", room, hat: raw.hat, ...absolute(raw) };
  if ("user" in raw) return { kind: "user", room, user: raw.user, ...absolute(raw) };
  if ("base" in raw) return { kind: "base", room, user: raw.base, after: raw.after };
  if ("expires" in raw) return { kind: "expires", room, user: raw.expires, ...absolute(raw) };
  if ("grant" in raw) return { kind: "grant", room, hat: raw.grant, ...absolute(raw) };
  if ("managed" in raw) return { kind: "managed", room, ...absolute(raw) };
  return { kind: "archive", room, at: raw.archive, ...absolute(raw) };
}

/* What is left out of the JSON is undefined in a change. */
function absolute<T>({ before, after }: { readonly before?: T; readonly after?: T }) {
  return { before, after };
}

function parseBy<T>(schema: v.GenericSchema<unknown, unknown>, raw: unknown): Parsed<T> {
  const checked = v.safeParse(schema, raw);
  return checked.success ? { value: checked.output as T } : { problem: explain(checked.issues) };
}

/* Changes of users and bases of the ordinary shape; undefined says that the schema has to look. */
function readPlainChanges(raw: unknown): readonly Change[] | undefined {
  if (!isJsonObject(raw) || typeof raw["room"] !== "string" || !Array.isArray(raw["changes"]))
    return undefined;
  const changes: Change[] = [];
  for (const change of raw["changes"] as unknown[]) {
    const plain = readPlainChange(raw["room"] as RoomJid, change);
    if (plain === undefined) return undefined;
    changes.push(plain);
  }
  return changes;
}

function readPlainChange(room: RoomJid, raw: unknown): Change | undefined {
  if (!isJsonObject(raw)) return undefined;
  const { user, base } = raw;
  const [isUser, isBase] = [typeof user === "string", typeof base === "string"];
  if (isUser === isBase) return undefined;
  const read = isUser ? readPlainUser : readPlainBase;
  const before = read(raw["before"]);
  const after = read(raw["after"]);
  if (before === undefined && raw["before"] !== undefined) return undefined;
  if (after === undefined && raw["after"] !== undefined) return undefined;
  return isUser
    ? ({ kind: "user", room, user, before, after } as Change)
    : ({ kind: "base", room, user: base, after } as Change);
}

/** Reads a base of the ordinary shape; undefined says that the schema has to look. */
export function readPlainBase(raw: unknown): Base | undefined {
  return readPlainTexts(raw, isXmlText);
}

/* A text for each of some hats. */
function readPlainTexts(
  raw: unknown,
  isText: (text: string) => boolean,
): ReadonlyMap<HatId, string> | undefined {
  if (!isJsonObject(raw)) return undefined;
  const texts = new Map<HatId, string>();
  for (const [id, text] of Object.entries(raw)) {
    if (!isHatId(id) || typeof text !== "string" || !isText(text)) return undefined;
    texts.set(id, text);
  }
  return texts;
}

/** Reads a user of the ordinary shape; undefined says that the schema has to look. */
export function readPlainUser(raw: unknown, shared?: SharedAttachments): User | undefined {
  if (!isJsonObject(raw) || !isJsonObject(raw["hats"])) return undefined;
  for (const name in raw) if (name !== "hats") return undefined;
  const hats = new Map<HatId, Attachment>();
  for (const [id, attachment] of Object.entries(raw["hats"])) {
    if (!isHatId(id) || !isJsonObject(attachment) || !isAttachment(attachment)) return undefined;
    hats.set(id, shared === undefined ? attachment : shared.share(attachment));
  }
  return { hats };
}

function isAttachment(raw: JsonObject): raw is JsonObject & Attachment {
  for (const name in raw) {
    const value = raw[name];
    if (name === "title" ? !(typeof value === "string" && isXmlText(value)) : !isFlag(name, value))
      return false;
  }
  return true;
}

function isFlag(name: string, value: unknown): boolean {
  return (name === "active" || name === "required") && typeof value === "boolean";
}
