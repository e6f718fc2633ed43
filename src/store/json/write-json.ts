/** Writes what the store keeps of a room as JSON: people, hats, times, grants, archives. */
import {
  type Archive,
  type Attachment,
  type Base,
  type Expiries,
  type Grant,
  type Hat,
  type ManagedRoom,
  type User,
} from "../../core/model.ts";
import { close, member, writeList, writeMap, writeScalar, writeText, type Write } from "./json-members.ts";
import type { JsonWriter } from "./json-writer.ts";

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

/** How one person has one hat. */
export function writeAttachment(to: JsonWriter, { active, required, title }: Attachment): void {
  let opening = "{";
  opening = member(to, opening, '"active":', active, writeScalar);
  opening = member(to, opening, '"required":', required, writeScalar);
  opening = member(to, opening, '"title":', title, writeText);
  close(to, opening);
}

/** On one line, as an entry needs it; empty sections are left out. */
export function writeArchive(to: JsonWriter, { hats, users, expires, grants }: Archive): void {
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
