/** What programs hand to the desk and are handed by it: plain objects and dates, copied both ways, never shared. */
import { badField } from "../core/errors.ts";
import { parseHatId } from "../core/hat-id.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import { assertAhead, type Expiry, momentAt, NEVER, type Term } from "../core/expiry.ts";
import {
  type Attachment,
  type Expiries,
  type HatId,
  NO_EXPIRIES,
  NO_HATS,
  type User,
} from "../core/model.ts";
import { parseRoomJid, parseUserJid } from "../stanza/jid.ts";
import type { Until } from "./library.ts";
import type { PageQuestion } from "./past.ts";

/** A person's address, made bare. Throws HatsError bad-field. */
export function readUser(userJid: unknown): BareJid {
  if (typeof userJid !== "string") throw badField("user", "not-a-jid");
  return parseUserJid(userJid);
}

/** A room's address, made bare. Throws HatsError bad-field. */
export function readRoom(roomJid: unknown): RoomJid {
  if (typeof roomJid !== "string") throw badField("room", "not-a-room-jid");
  return parseRoomJid(roomJid);
}

/** A hat id. Throws HatsError bad-field. */
export function readHat(hatId: unknown): HatId {
  if (typeof hatId !== "string") throw badField("hat", "not-a-hat-id");
  return parseHatId(hatId);
}

/** A question about the past, with its addresses prepared. Throws HatsError bad-field. */
export function readQuestion(question: unknown): PageQuestion {
  const { room, rows, before, user, hat } = fieldsOf(question, "question");
  return {
    room: readRoom(room),
    rows: readRows(rows),
    before: before === undefined ? undefined : readNumber(before),
    user: user === undefined ? undefined : readUser(user),
    hat: hat === undefined ? undefined : readHat(hat),
  };
}

/** The hats of a set; undefined means none. Throws HatsError bad-field. */
export function readHats(hats: unknown): ReadonlyMap<string, Attachment> {
  if (hats === undefined) return new Map();
  if (typeof hats !== "object" || hats === null || Array.isArray(hats)) {
    throw badField("hats", "not-hats");
  }
  return new Map(Object.entries(hats));
}

/** What is said of time, by hat id. Throws HatsError bad-field. */
export function readTerm(now: Date, expires: Readonly<Record<string, Until>> = {}): Term {
  const said = Object.entries(expires).map(([hat, until]): [string, Expiry] => [hat, readUntil(until, now)]);
  return { now, said: new Map(said) };
}

/** The hats of a person, by hat id. */
export function plainHats(user: User | undefined): Record<string, Attachment> {
  return plain(user?.hats ?? NO_HATS, (attachment): Attachment => ({ ...attachment }));
}

/** When the hats of a person lapse, by hat id. */
export function plainExpiries(expiries: Expiries = NO_EXPIRIES): Record<string, Date> {
  return plain(expiries, (until) => new Date(until));
}

/** An object of a map, with its values copied; all keys become own properties, `__proto__` too. */
export function plain<V, P>(map: ReadonlyMap<string, V>, copy: (value: V) => P): Record<string, P> {
  return Object.fromEntries([...map].map(([key, value]) => [key, copy(value)]));
}

function readUntil(until: unknown, now: Date): Expiry {
  if (until === NEVER) return NEVER;
  if (!(until instanceof Date)) throw badField("expires", "not-a-date");
  assertAhead(until.getTime(), now.getTime());
  return momentAt(until.getTime());
}

/* Of a Map, a list or a date nothing would be found, which would pass for an object that says nothing. */
function fieldsOf(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (Object.prototype.toString.call(value) !== "[object Object]") throw badField(field, "object-expected");
  return value as Readonly<Record<string, unknown>>;
}

function readRows(rows: unknown): number {
  if (Number.isSafeInteger(rows) && Number(rows) > 0) return Number(rows);
  throw badField("rows", "whole-number-expected");
}

function readNumber(before: unknown): number {
  if (Number.isSafeInteger(before)) return Number(before);
  throw badField("before", "not-a-change-number");
}
