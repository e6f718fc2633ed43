/**
 * Writes entries and what they hold as JSON, by hand: JSON.stringify knows no maps, and would copy each into an object.
 *
 * Every value has a function that writes it, and objects are put together of members: `opening` is what stands before the
 * next one, the brace or a comma.
 */
import type { Change, UserChange } from "../core/change.ts";
import type { Author, Entry } from "../core/entry.ts";
import {
  type Archive,
  type Attachment,
  type Base,
  type Expiries,
  type Grant,
  type Hat,
  type ManagedRoom,
  NO_HATS,
  type User,
} from "../core/model.ts";
import type { JsonWriter } from "./json-writer.ts";

/** Writes one value. */
export type Write<T> = (to: JsonWriter, value: T) => void;

/** The seed's user object. */
export function writeUser(to: JsonWriter, { hats }: User): void {
  to.raw('{"hats":');
  writeMap(to, hats, writeAttachment);
  to.raw("}");
}

/** A hat of a room's catalogue. */
export function writeHat(to: JsonWriter, { title, hue, defaultExpires }: Hat): void {
  let opening = "{";
  opening = member(to, opening, '"title":', title, writeText);
  opening = member(to, opening, '"hue":', hue, writeScalar);
  opening = member(to, opening, '"defaultExpires":', defaultExpires, writeScalar);
  close(to, opening);
}

/** When hats of one person lapse. */
export function writeExpiries(to: JsonWriter, expiries: Expiries): void {
  writeMap(to, expiries, writeText);
}

/** Who else may give and take a hat. */
export function writeGrant(to: JsonWriter, { users, members }: Grant): void {
  to.raw('{"users":[');
  writeList(to, users, writeText);
  to.raw(`],"members":${members}}`);
}

/** A room that was added by command. */
export function writeManaged(to: JsonWriter, { nick, announce }: ManagedRoom): void {
  let opening = "{";
  opening = member(to, opening, '"nick":', nick, writeText);
  opening = member(to, opening, '"announce":', announce, writeScalar);
  close(to, opening);
}

/** What was last put into a room for one wearer. */
export function writeBase(to: JsonWriter, base: Base): void {
  writeMap(to, base, writeText);
}

/**
 * An entry, beginning with its sequence number.
 *
 * What the desk only noted for itself comes last, so that the first change tells whether there is anything else.
 */
export function writeEntry(to: JsonWriter, entry: Entry): void {
  to.raw('{"seq":');
  to.raw(String(entry.seq));
  to.raw(',"at":"');
  to.raw(entry.at);
  to.raw('","room":');
  to.text(entry.room);
  let opening = ",";
  opening = member(to, opening, '"author":', entry.author, writeAuthor);
  opening = member(to, opening, '"command":', entry.command, writeText);
  opening = member(to, opening, '"reason":', entry.reason, writeText);
  member(to, opening, '"undoes":', entry.undoes, writeScalar);
  to.raw(',"changes":[');
  writeList(to, orderChanges(entry.changes), writeChange);
  to.raw("]}");
}

function orderChanges(changes: readonly Change[]): readonly Change[] {
  if (changes.length === 1) return changes;
  return [...changes.filter(({ kind }) => kind !== "base"), ...changes.filter(({ kind }) => kind === "base")];
}

/* Quotes within texts are escaped, so this is in no text. */
const NOTED = Buffer.from('"changes":[{"base":');

/** Whether an entry, as JSON, belongs into the history; what the desk only notes for itself does not. */
export function isHistory(json: Buffer): boolean {
  return !json.includes(NOTED);
}

function writeAuthor(to: JsonWriter, author: Author): void {
  member(to, "{", '"kind":', author.kind, writeText);
  if (author.kind === "occupant") member(to, ",", '"nick":', author.nick, writeText);
  if ("jid" in author) member(to, ",", '"jid":', author.jid, writeText);
  if ("address" in author) member(to, ",", '"address":', author.address, writeText);
  to.raw("}");
}

function writeChange(to: JsonWriter, change: Change): void {
  WRITE_CHANGE[change.kind](to, change as never);
}

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { kind: Kind }>;

const WRITE_CHANGE: { readonly [Kind in Change["kind"]]: Write<ChangeOf<Kind>> } = {
  user: writeUserChange,
  hat(to, { hat, before, after }) {
    member(to, "{", '"hat":', hat, writeText);
    writeSides(to, ",", before, after, writeHat);
  },
  expires(to, { user, before, after }) {
    member(to, "{", '"expires":', user, writeText);
    writeSides(to, ",", before, after, writeExpiries);
  },
  grant(to, { hat, before, after }) {
    member(to, "{", '"grant":', hat, writeText);
    writeSides(to, ",", before, after, writeGrant);
  },
  managed(to, { before, after }) {
    member(to, "{", '"managed":', true, writeScalar);
    writeSides(to, ",", before, after, writeManaged);
  },
  archive(to, { at, before, after }) {
    member(to, "{", '"archive":', at, writeText);
    writeSides(to, ",", before, after, writeArchive);
  },
  base(to, { user, after }) {
    member(to, "{", '"base":', user, writeText);
    writeSides(to, ",", undefined, after, writeBase);
  },
};

/* Only the hats that differ: those that are had afterwards, then those that are not had any more. */
function writeUserChange(to: JsonWriter, change: UserChange): void {
  const before = change.before?.hats ?? NO_HATS;
  const after = change.after?.hats ?? NO_HATS;
  member(to, "{", '"user":', change.user, writeText);
  to.raw(',"hats":');
  let opening = "{";
  for (const [hat, attachment] of after) {
    const worn = before.get(hat);
    if (worn !== undefined && isWrittenAlike(worn, attachment)) continue;
    opening = key(to, opening, hat);
    writeSides(to, "{", worn, attachment, writeAttachment);
  }
  for (const [hat, worn] of before) {
    if (after.has(hat)) continue;
    opening = key(to, opening, hat);
    writeSides(to, "{", worn, undefined, writeAttachment);
  }
  close(to, opening);
  to.raw("}");
}

/* Stricter than saying the same: what is replayed is to be written as it was. */
function isWrittenAlike(a: Attachment, b: Attachment): boolean {
  return a === b || (a.active === b.active && a.required === b.required && a.title === b.title);
}

/* The rest of an object whose `opening` is still to be written, or its separator. */
function writeSides<T>(
  to: JsonWriter,
  opening: string,
  before: T | undefined,
  after: T | undefined,
  write: Write<T>,
): void {
  const separator = member(to, opening, '"before":', before, write);
  close(to, member(to, separator, '"after":', after, write));
}

function writeAttachment(to: JsonWriter, { active, required, title }: Attachment): void {
  let opening = "{";
  opening = member(to, opening, '"active":', active, writeScalar);
  opening = member(to, opening, '"required":', required, writeScalar);
  opening = member(to, opening, '"title":', title, writeText);
  close(to, opening);
}

/* On one line, as an entry needs it; empty sections are left out. */
function writeArchive(to: JsonWriter, { hats, users, expires, grants }: Archive): void {
  let opening = "{";
  opening = section(to, opening, '"hats":', hats, writeHat);
  opening = section(to, opening, '"users":', users, writeUser);
  opening = section(to, opening, '"expires":', expires, writeExpiries);
  opening = section(to, opening, '"grants":', grants, writeGrant);
  close(to, opening);
}

function section<V>(
  to: JsonWriter,
  opening: string,
  name: string,
  entries: ReadonlyMap<string, V>,
  write: Write<V>,
): string {
  return member(to, opening, name, entries.size === 0 ? undefined : entries, (_to, map) =>
    writeMap(to, map, write),
  );
}

/* Writes a member that is there, after what opens the object or stands between; returns what stands before the next. */
function member<T>(
  to: JsonWriter,
  opening: string,
  name: string,
  value: T | undefined,
  write: Write<T>,
): string {
  if (value === undefined) return opening;
  to.raw(opening);
  to.raw(name);
  write(to, value);
  return ",";
}

/* The same for a name that may be anything; its value is to follow. */
function key(to: JsonWriter, opening: string, name: string): string {
  to.raw(opening);
  to.text(name);
  to.raw(":");
  return ",";
}

function close(to: JsonWriter, opening: string): void {
  to.raw(opening === "{" ? "{}" : "}");
}

function writeMap<V>(to: JsonWriter, map: ReadonlyMap<string, V>, write: Write<V>): void {
  let opening = "{";
  for (const [name, value] of map) {
    opening = key(to, opening, name);
    write(to, value);
  }
  close(to, opening);
}

function writeList<T>(to: JsonWriter, values: readonly T[], write: Write<T>): void {
  let separator = "";
  for (const value of values) {
    to.raw(separator);
    write(to, value);
    separator = ",";
  }
}

/** A string, in quotes. */
export function writeText(to: JsonWriter, text: string): void {
  to.text(text);
}

function writeScalar(to: JsonWriter, value: number | boolean): void {
  to.raw(String(value));
}
