/**
 * Moments as stanzas write them: the DateTime profile of XEP-0082 1.1, section 3.2.
 *
 * Both directions; and dates and times of day in UTC as people write them. Leaves out its other profiles: there a date
 * without a time is no moment, and a time without a date neither.
 */
import * as v from "valibot";

const ISO_TIMESTAMP = v.pipe(v.string(), v.isoTimestamp());
const DATE_LENGTH = "CCYY-MM-DD".length;
const PLAIN_TIME = /^\d{4}-\d{2}-\d{2}( (?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)?$/;

/** Reads a moment as milliseconds since 1970; undefined where it is none, or has no time zone. */
export function parseDateTime(text: string): number | undefined {
  if (text[DATE_LENGTH] !== "T" || !v.is(ISO_TIMESTAMP, text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || !isDate(text.slice(0, DATE_LENGTH)) ? undefined : ms;
}

/**
 * Reads `CCYY-MM-DD hh:mm[:ss]`, UTC, or `CCYY-MM-DD`, the last second of that day, as milliseconds since 1970; undefined
 * where it is neither.
 */
export function parsePlainTime(text: string): number | undefined {
  const plain = PLAIN_TIME.exec(text);
  if (plain === null || !isDate(text.slice(0, DATE_LENGTH))) return undefined;
  return Date.parse(plain[1] === undefined ? `${text}T23:59:59Z` : `${text.replace(" ", "T")}Z`);
}

/** Whether a text begins with a date by its look that the calendar does not have, such as 30 February. */
export function isOffCalendar(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(?!\d)/.test(text) && !isDate(text.slice(0, DATE_LENGTH));
}

/** Writes a moment given as milliseconds since 1970, or in ISO 8601: in UTC, to the second where that is exact. */
export function buildDateTime(moment: number | string): string {
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

/** Writes when something ends, for people: to the second, never before it does. */
export function buildEnd(moment: string): string {
  return buildDateTime(Math.ceil(Date.parse(moment) / 1000) * 1000);
}

/* Date.parse takes 30 February for 2 March. */
function isDate(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
