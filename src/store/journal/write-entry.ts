/** Writes an entry of the journal as JSON: what changed in one room, and who did it. */
import type { Change, UserChange } from "../../core/change.ts";
import type { Author, Entry } from "../../core/entry.ts";
import { type Attachment, NO_HATS } from "../../core/model.ts";
import { close, key, member, writeList, writeScalar, writeText, type Write } from "../json/json-members.ts";
import type { JsonWriter } from "../json/json-writer.ts";
import {
  writeArchive,
  writeAttachment,
  writeBase,
  writeExpiries,
  writeGrant,
  writeHat,
  writeManaged,
} from "../json/write-json.ts";

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
