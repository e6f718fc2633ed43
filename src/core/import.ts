/**
 * Takes in a whole document of hats and people: one decision, made of the transitions that single changes are made of.
 *
 * Merged, each row gives its person this one hat in this way; in place of what there is, the rows of a person are all
 * their hats, and whoever has no row has none. What the room already calls a hat stays: renaming is not for a document.
 * A row whose time is over is none: the desk would take that hat off at once, and the import could not be undone.
 * Pure: it reads a view and returns changes.
 */
import type { Change } from "./change.ts";
import { badField, HatsError } from "./errors.ts";
import { type Expiry, NEVER, type Term } from "./expiry.ts";
import { delegateHat } from "./grants.ts";
import { setUserHats, stripUser, wardrobeOf } from "./hats.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import type { Limits } from "./limits.ts";
import {
  type Attachment,
  type Grant,
  type Hat,
  type HatId,
  isSameAttachment,
  NO_HATS,
  type RoomView,
  type View,
} from "./model.ts";
import { PendingChanges } from "./overlay.ts";
import { foldTitle } from "./titles.ts";

/** One hat on one person. */
export interface ImportRow {
  readonly user: BareJid;
  /** Without it the title alone names a hat of the room, or a new one; there then is a title. */
  readonly hat: HatId | undefined;
  readonly attachment: Attachment;
  /** Until when; undefined where the document does not say. */
  readonly expires: Expiry | undefined;
}

/** What a document holds of one room. */
export interface ImportDocument {
  readonly hats: ReadonlyMap<HatId, Hat>;
  readonly grants: ReadonlyMap<HatId, Grant>;
  /** At most one for each hat of a person. */
  readonly rows: readonly ImportRow[];
  /** Whether it says all of its hats: one that is new and has no time is worn until it is taken, not as long as usual. */
  readonly isRecord: boolean;
}

/** What becomes of what is there already. */
export type ImportMode = "merge" | "replace";

/** How a document is taken in. */
export interface ImportOptions {
  readonly mode: ImportMode;
  readonly limits: Limits;
  /** The moment of the decision. */
  readonly now: Date;
  /** Makes an identifier for a hat that the document knows by its title only. */
  readonly mintHatId: () => HatId;
}

/** A row whose hat has its identifier. */
interface NamedRow extends ImportRow {
  readonly hat: HatId;
}

/**
 * Makes the document's hats, people and grants those of the room.
 *
 * @throws HatsError no-such-room, not-affiliated, bad-field naming `document`
 */
export function importHats(
  view: View,
  roomJid: RoomJid,
  document: ImportDocument,
  options: ImportOptions,
): readonly Change[] {
  const room = keptRoom(view, roomJid);
  const now = options.now.toISOString();
  const named = nameHats(room, document, options);
  assertOneWay(document.rows, named);
  const rows = named.filter(({ expires = NEVER }) => !isOver(expires, now));
  const hats = enterHats(room, roomJid, document, rows, options.limits);
  const pending = new PendingChanges();
  for (const change of hats) pending.add(change);
  const seen = pending.over(view);
  const byUser = groupByUser(rows);
  const changes: Change[] = [...hats];
  for (const [user, own] of byUser) changes.push(...dressUser(seen, roomJid, user, own, document, options));
  if (options.mode === "replace") {
    for (const user of room.userJids()) {
      if (!byUser.has(user)) changes.push(...stripUser(seen, user, roomJid));
    }
  }
  return [...changes, ...setGrants(seen, roomJid, document.grants)];
}

/** How many of a document's rows are none, as their time is over. */
export function countOver({ rows }: ImportDocument, now: Date): number {
  const moment = now.toISOString();
  return rows.filter(({ expires = NEVER }) => isOver(expires, moment)).length;
}

function isOver(expires: Expiry, now: string): boolean {
  return expires !== NEVER && expires <= now;
}

/* Rows of one title mean one hat, whether the room knows it, the document does, or neither. */
function nameHats(room: RoomView, { hats, rows }: ImportDocument, { mintHatId }: ImportOptions): NamedRow[] {
  if (rows.every(({ hat }) => hat !== undefined)) return rows as NamedRow[];
  const byTitle = new Map<string, HatId>();
  for (const { hat, attachment } of rows) note(byTitle, attachment.title, hat);
  for (const [hat, { title }] of hats) note(byTitle, title, hat);
  const known = new Map<string, HatId>();
  for (const hat of [...room.hatIds()].toSorted()) note(known, room.hat(hat)?.title, hat);
  return rows.map((row): NamedRow => {
    if (row.hat !== undefined) return { ...row, hat: row.hat };
    const title = foldTitle(row.attachment.title ?? "");
    const own = known.get(title);
    if (own !== undefined) return { ...row, hat: own, attachment: wornAttachment(room, row, own) };
    const hat = byTitle.get(title) ?? mintHatId();
    byTitle.set(title, hat);
    return { ...row, hat };
  });
}

function note(titles: Map<string, HatId>, title: string | undefined, hat: HatId | undefined): void {
  if (title === undefined || hat === undefined) return;
  const folded = foldTitle(title);
  if (!titles.has(folded)) titles.set(folded, hat);
}

/* Only here it is known that a row by its title and a row by its URI are about one hat. */
function assertOneWay(said: readonly ImportRow[], named: readonly NamedRow[]): void {
  const first = new Map<string, { readonly row: NamedRow; readonly index: number }>();
  for (const [index, row] of named.entries()) {
    const key = `${row.user} ${row.hat}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, { row, index });
    else if (!isSameRow(row, other.row)) {
      const place = placeOf(said[other.index]);
      const what = { code: "said-otherwise", values: { place } } as const;
      throw badField("document", "at", { place: placeOf(said[index]), what });
    }
  }
}

/** Whether two rows of one hat and one person say the same of it. */
export function isSameRow(a: ImportRow, b: ImportRow): boolean {
  return isSameAttachment(a.attachment, b.attachment) && a.expires === b.expires;
}

function placeOf(row: ImportRow | undefined): string {
  return row === undefined ? "" : `${row.user}, ${row.hat ?? row.attachment.title ?? ""}`;
}

/* A title that only said which hat is meant is nobody's own title for it. */
function wornAttachment(room: RoomView, { user, attachment }: ImportRow, hat: HatId): Attachment {
  const { title: _, ...flags } = attachment;
  const title = wardrobeOf(room, user).get(hat)?.title;
  return title === undefined ? flags : { ...flags, title };
}

/* All at once, so that the limit is judged once. */
function enterHats(
  room: RoomView,
  roomJid: RoomJid,
  { hats }: ImportDocument,
  rows: readonly NamedRow[],
  limits: Limits,
): Change[] {
  const unknown = new Map<HatId, Hat>();
  for (const [hat, about] of hats) if (room.hat(hat) === undefined) unknown.set(hat, about);
  for (const { hat, attachment } of rows) {
    if (room.hat(hat) !== undefined || unknown.has(hat)) continue;
    unknown.set(hat, attachment.title === undefined ? {} : { title: attachment.title });
  }
  if (unknown.size > 0 && unknown.size + room.hatCount() > limits.hatsPerRoom) {
    throw badField("document", "room-is-full", { max: limits.hatsPerRoom });
  }
  return [...unknown].map(([hat, after]) => ({ kind: "hat", room: roomJid, hat, before: undefined, after }));
}

function groupByUser(rows: readonly NamedRow[]): ReadonlyMap<BareJid, readonly NamedRow[]> {
  const byUser = new Map<BareJid, NamedRow[]>();
  for (const row of rows) {
    const own = byUser.get(row.user);
    if (own === undefined) byUser.set(row.user, [row]);
    else own.push(row);
  }
  return byUser;
}

function dressUser(
  view: View,
  roomJid: RoomJid,
  user: BareJid,
  rows: readonly NamedRow[],
  { isRecord }: ImportDocument,
  { mode, limits, now }: ImportOptions,
): readonly Change[] {
  const kept = mode === "replace" ? NO_HATS : wardrobeOf(keptRoom(view, roomJid), user);
  const hats = new Map<string, Attachment>(kept);
  const said = new Map<string, Expiry>();
  for (const { hat, attachment, expires } of rows) {
    hats.set(hat, attachment);
    if (expires !== undefined) said.set(hat, expires);
    else if (isRecord && !kept.has(hat)) said.set(hat, NEVER);
  }
  const term: Term = { now, said };
  try {
    return setUserHats(view, user, roomJid, hats, limits, term);
  } catch (error) {
    if (error instanceof HatsError && error.code === "bad-field") {
      throw badField("document", "at", { place: user, what: error.whole });
    }
    throw error;
  }
}

function setGrants(view: View, roomJid: RoomJid, grants: ReadonlyMap<HatId, Grant>): Change[] {
  const room = keptRoom(view, roomJid);
  return [...grants].flatMap(([hat, grant]) => {
    if (room.hat(hat) === undefined)
      throw badField("document", "at", { place: `grants, ${hat}`, what: { code: "no-hat-of-room" } });
    return delegateHat(view, roomJid, hat, grant);
  });
}
