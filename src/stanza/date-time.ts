/**
 * Moments as stanzas write them: the DateTime profile of XEP-0082 1.1, section 3.2.
 *
 * Both directions. Leaves out its other profiles: a date without a time is no moment, and a time without a date neither.
 */
import * as v from "valibot";

const ISO_TIMESTAMP = v.pipe(v.string(), v.isoTimestamp());
const DATE_LENGTH = "CCYY-MM-DD".length;

/** Reads a moment as milliseconds since 1970; undefined where it is none, or has no time zone. */
export function parseDateTime(text: string): number | undefined {
  if (text[DATE_LENGTH] !== "T" || !v.is(ISO_TIMESTAMP, text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || !isDate(text.slice(0, DATE_LENGTH)) ? undefined : ms;
}

/** Writes a moment given as milliseconds since 1970, or in ISO 8601: in UTC, to the second where that is exact. */
export function buildDateTime(moment: number | string): string {
  return new Date(moment).toISOString().replace(".000Z", "Z");
}

/* Date.parse takes 30 February for 2 March. */
function isDate(text: string): boolean {
  return new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}
