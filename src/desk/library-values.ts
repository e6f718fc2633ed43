/** What programs hand to the desk and are handed by it: plain objects and dates, copied both ways, never shared. */
import { badField } from "../core/errors.ts";
import { assertAhead, type Expiry, momentAt, NEVER, type Term } from "../core/expiry.ts";
import { type Attachment, type Expiries, NO_EXPIRIES, NO_HATS, type User } from "../core/model.ts";
import type { Until } from "./library.ts";

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
