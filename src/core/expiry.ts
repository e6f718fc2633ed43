/**
 * How long a hat is worn: until when, by whose word, and what becomes of that when a wardrobe changes.
 *
 * A moment is ISO 8601, UTC, to the millisecond, so that moments sort as text. Pure: what time it is, is said by
 * whoever asks. Leaves out waiting for a moment to come: desk/due-times.ts.
 */
import { badField } from "./errors.ts";
import { type Expiries, type HatId, NO_EXPIRIES, type RoomView, type Wardrobe } from "./model.ts";

/** Until when a hat is worn: a moment, or until somebody takes it. */
export type Expiry = string;

/** Says of a hat that it is worn until somebody takes it, also where it usually is not. */
export const NEVER: Expiry = "never";

/** The longest time that a hat can be given for, in seconds: a hundred years. */
export const MAX_EXPIRES_SECONDS = 100 * 365.25 * 24 * 60 * 60;

/** What a transition is told of time. */
export interface Term {
  /** The moment of the decision: from then on a hat that is new is worn for as long as it usually is. */
  readonly now: Date;
  /** What is said of single hats; the others keep what they have, or get what is usual. */
  readonly said?: ReadonlyMap<string, Expiry>;
}

/** The moment so many milliseconds after another, or after 1970 began. */
export function momentAt(ms: number): string {
  return new Date(ms).toISOString();
}

/** Refuses a time, in milliseconds since 1970, at which no hat can lapse, naming `expires`. */
export function assertAhead(ms: number, nowMs: number): void {
  if (!(ms > nowMs)) throw badField("expires", "not-ahead");
  if (isTooFarAhead(ms, nowMs)) throw badField("expires", "too-far-ahead");
}

/** Whether a time, in milliseconds since 1970, is further ahead than any hat is given for. */
export function isTooFarAhead(ms: number, nowMs: number): boolean {
  return ms - nowMs > MAX_EXPIRES_SECONDS * 1000;
}

/**
 * When the hats of a wardrobe lapse; undefined where none does.
 *
 * What is said counts, else a hat that was worn keeps what it had, else a new one gets what is usual for it. Where
 * nothing at all is told of time, nothing new lapses.
 */
export function expiriesOf(
  room: RoomView,
  before: Expiries | undefined,
  worn: Wardrobe,
  wardrobe: Wardrobe,
  term?: Term,
): Expiries | undefined {
  if (before === undefined && term === undefined) return undefined;
  let expiries: Map<HatId, string> | undefined;
  for (const id of wardrobe.keys()) {
    const until = term?.said?.get(id) ?? (worn.has(id) ? before?.get(id) : usualExpiry(room, id, term));
    if (until !== undefined && until !== NEVER)
      expiries = (expiries ?? new Map<HatId, string>()).set(id, until);
  }
  return expiries;
}

/** Whether all the same hats lapse at the same times. */
export function isSameExpiries(a: Expiries = NO_EXPIRIES, b: Expiries = NO_EXPIRIES): boolean {
  return a === b || (a.size === b.size && [...a].every(([id, until]) => b.get(id) === until));
}

/** The hats that are due at a moment. */
export function dueHats(expiries: Expiries = NO_EXPIRIES, now: string): HatId[] {
  return [...expiries].filter(([, until]) => until <= now).map(([id]) => id);
}

/** When the first hat lapses; undefined where none does. */
export function firstDue(expiries: Expiries): string | undefined {
  let first: string | undefined;
  for (const until of expiries.values()) if (first === undefined || until < first) first = until;
  return first;
}

function usualExpiry(room: RoomView, id: HatId, term: Term | undefined): string | undefined {
  const seconds = room.hat(id)?.defaultExpires;
  if (seconds === undefined || term === undefined) return undefined;
  /* A store or a document written by hand may say more than there are dates for. */
  return momentAt(term.now.getTime() + Math.min(seconds, MAX_EXPIRES_SECONDS) * 1000);
}
