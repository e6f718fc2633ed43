/**
 * Writes entries and what they hold as JSON.
 *
 * By hand, since this is the cost of every change: JSON.stringify knows no maps, and would copy each into an object.
 */
import type { Change } from "../core/change.ts";
import type { Author, Entry } from "../core/entry.ts";
import type { Archive, Attachment, Base, Expiries, Grant, Hat, ManagedRoom, User } from "../core/model.ts";

/* What cannot stand between quotes as it is, or may not; most names and titles have none of it. */
const NOT_PLAIN = /[^ !#-[\]-~]/;

/** A string in quotes. */
export function buildText(text: string): string {
  return NOT_PLAIN.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** The seed's user object. */
export function buildUser(user: User): string {
  return `{"hats":${buildMap(user.hats, buildAttachment)}}`;
}

/** A hat of a room's catalogue. */
export function buildHat({ title, hue, defaultExpires }: Hat): string {
  const parts: string[] = [];
  if (title !== undefined) parts.push(`"title":${buildText(title)}`);
  if (hue !== undefined) parts.push(`"hue":${hue}`);
  if (defaultExpires !== undefined) parts.push(`"defaultExpires":${defaultExpires}`);
  return `{${parts.join(",")}}`;
}

/** What was last put into a room for one wearer. */
export function buildBase(base: Base): string {
  return buildMap(base, buildText);
}

/** When hats of one person lapse. */
export function buildExpiries(expiries: Expiries): string {
  return buildMap(expiries, buildText);
}

/** Who else may give and take a hat. */
export function buildGrant({ users, members }: Grant): string {
  return `{"users":[${users.map(buildText).join(",")}],"members":${members}}`;
}

/** A room that was added by command. */
export function buildManaged({ nick, announce }: ManagedRoom): string {
  const parts: string[] = [];
  if (nick !== undefined) parts.push(`"nick":${buildText(nick)}`);
  if (announce !== undefined) parts.push(`"announce":${announce}`);
  return `{${parts.join(",")}}`;
}

/* On one line, as an entry needs it; empty sections are left out. */
function buildArchive({ hats, users, expires, grants }: Archive): string {
  const parts: string[] = [];
  if (hats.size > 0) parts.push(`"hats":${buildMap(hats, buildHat)}`);
  if (users.size > 0) parts.push(`"users":${buildMap(users, buildUser)}`);
  if (expires.size > 0) parts.push(`"expires":${buildMap(expires, buildExpiries)}`);
  if (grants.size > 0) parts.push(`"grants":${buildMap(grants, buildGrant)}`);
  return `{${parts.join(",")}}`;
}

/** An entry, beginning with its sequence number. */
export function buildEntry(entry: Entry): string {
  const { seq, at, room, author, command, reason, undoes, changes } = entry;
  let json = `{"seq":${seq},"at":"${at}","room":${buildText(room)},"author":${buildAuthor(author)}`;
  if (command !== undefined) json += `,"command":${buildText(command)}`;
  if (reason !== undefined) json += `,"reason":${buildText(reason)}`;
  if (undoes !== undefined) json += `,"undoes":${undoes}`;
  json += ',"changes":[';
  let separator = "";
  for (const change of changes) {
    json += separator + buildChange(change);
    separator = ",";
  }
  return `${json}]}`;
}

function buildAuthor(author: Author): string {
  let json = `{"kind":"${author.kind}"`;
  if (author.kind === "occupant") json += `,"nick":${buildText(author.nick)}`;
  if ("jid" in author && author.jid !== undefined) json += `,"jid":${buildText(author.jid)}`;
  if ("address" in author && author.address !== undefined) json += `,"address":${buildText(author.address)}`;
  return `${json}}`;
}

/* Quotes within texts are escaped, so this is in no text. */
const NOTED = Buffer.from('"changes":[{"base":');

/** Whether an entry, as JSON, belongs into the history; what the desk only notes for itself does not. */
export function isHistory(json: Buffer): boolean {
  return !json.includes(NOTED);
}

function buildChange(change: Change): string {
  switch (change.kind) {
    case "user":
      return `{"user":${buildText(change.user)}${beforeAndAfter(change, buildUser)}}`;
    case "base":
      return `{"base":${buildText(change.user)}${part("after", change.after, buildBase)}}`;
    case "hat":
      return `{"hat":${buildText(change.hat)}${beforeAndAfter(change, buildHat)}}`;
    case "expires":
      return `{"expires":${buildText(change.user)}${beforeAndAfter(change, buildExpiries)}}`;
    case "grant":
      return `{"grant":${buildText(change.hat)}${beforeAndAfter(change, buildGrant)}}`;
    case "managed":
      return `{"managed":true${beforeAndAfter(change, buildManaged)}}`;
    case "archive":
      return `{"archive":${buildText(change.at)}${beforeAndAfter(change, buildArchive)}}`;
  }
}

function beforeAndAfter<T>(
  { before, after }: { readonly before: T | undefined; readonly after: T | undefined },
  build: (value: T) => string,
): string {
  return part("before", before, build) + part("after", after, build);
}

function part<T>(name: "before" | "after", value: T | undefined, build: (value: T) => string): string {
  return value === undefined ? "" : `,"${name}":${build(value)}`;
}

function buildAttachment({ active, required, title }: Attachment): string {
  let json = "";
  if (active !== undefined) json += `,"active":${active}`;
  if (required !== undefined) json += `,"required":${required}`;
  if (title !== undefined) json += `,"title":${buildText(title)}`;
  return `{${json.slice(1)}}`;
}

function buildMap<V>(map: ReadonlyMap<string, V>, build: (value: V) => string): string {
  let json = "";
  let separator = "{";
  for (const [name, value] of map) {
    json += `${separator}${buildText(name)}:${build(value)}`;
    separator = ",";
  }
  return json === "" ? "{}" : `${json}}`;
}
