/** What programs hand to the desk and are handed by it: plain objects and dates, copied both ways, never shared. */
import type { HatWish } from "../core/catalogue.ts";
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
import type { PageQuestion } from "./past.ts";

/** An object of whatever a program brought. */
type Fields = Readonly<Record<string, unknown>>;

const OBJECT_EXPECTED = { code: "object-expected" } as const;

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
  return parseHatId(readHatText(hatId));
}

/** A text to be judged as a hat id later, after the person's affiliation is. Throws HatsError bad-field. */
export function readHatText(hatId: unknown): string {
  if (typeof hatId !== "string") throw badField("hat", "not-a-hat-id");
  return hatId;
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

/** The hats of a set; undefined means none. What their attachments hold is left to core. Throws HatsError bad-field. */
export function readHats(hats: unknown): ReadonlyMap<string, Attachment> {
  if (hats === undefined) return new Map();
  if (!isFields(hats)) throw badField("hats", "not-hats");
  for (const [place, attachment] of Object.entries(hats)) {
    if (!isFields(attachment)) throw badField("hats", "at", { place, what: OBJECT_EXPECTED });
  }
  return new Map(Object.entries(hats as Readonly<Record<string, Attachment>>));
}

/** How a hat is worn; undefined means as hats are. What it holds is left to core. Throws HatsError bad-field. */
export function readAttachment(attachment: unknown): Attachment {
  return attachment === undefined ? {} : fieldsOf(attachment, "attachment");
}

/** What a hat is to be; ranges are left to core. Throws HatsError bad-field. */
export function readWish(wish: unknown): HatWish {
  const { title, hue = 0 } = isFields(wish) ? wish : {};
  if (typeof title !== "string") throw badField("title", "not-a-text");
  if (typeof hue !== "number" && hue !== null) throw badField("hue", "hue-range");
  return wish as HatWish;
}

/** What is said besides of one hat, or of several. Throws HatsError bad-field. */
export function readOptions(options: unknown): Fields {
  return options === undefined ? {} : fieldsOf(options, "options");
}

/** What is said of time, by hat id; undefined means nothing. Throws HatsError bad-field. */
export function readTerm(now: Date, expires: unknown = {}): Term {
  const said = Object.entries(fieldsOf(expires, "expires")).map(([hat, until]): [string, Expiry] => [
    hat,
    readUntil(until, now),
  ]);
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

function fieldsOf(value: unknown, field: string): Fields {
  if (isFields(value)) return value;
  throw badField(field, OBJECT_EXPECTED.code);
}

/* Of a Map, a list or a date nothing would be found, which would pass for an object that says nothing. */
function isFields(value: unknown): value is Fields {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function readRows(rows: unknown): number {
  if (Number.isSafeInteger(rows) && Number(rows) > 0) return Number(rows);
  throw badField("rows", "whole-number-expected");
}

function readNumber(before: unknown): number {
  if (Number.isSafeInteger(before)) return Number(before);
  throw badField("before", "not-a-change-number");
}
