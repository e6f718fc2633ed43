/**
 * Durations: as people write them (`90m`, `1h 30m`, `2 weeks`), and as ISO 8601 does (`P1DT2H`; XEP-0082 has none).
 *
 * Both directions. A year is 365.25 days and a month its twelfth part, wherever in the calendar they stand. Leaves out
 * durations that go back in time.
 */
import { parse as parseOne } from "@lukeed/ms";
import { type Duration, parse as parseIso, serialize as buildIso } from "tinyduration";

const DAY = 24 * 60 * 60;
const YEAR = 365.25 * DAY;

type IsoUnit = Exclude<keyof Duration, "negative">;

const ISO_UNITS: readonly (readonly [IsoUnit, number])[] = [
  ["years", YEAR],
  ["months", YEAR / 12],
  ["weeks", 7 * DAY],
  ["days", DAY],
  ["hours", 60 * 60],
  ["minutes", 60],
  ["seconds", 1],
];

const SHORT_UNITS: readonly (readonly [string, number])[] = [
  ["d", DAY],
  ["h", 60 * 60],
  ["m", 60],
  ["s", 1],
];

/* Far more than any duration needs; what takes numbers apart takes time by the square of their length. */
const LONGEST = 100;

const PART = /\d+(?:\.\d+)? ?[a-z]+/gi;
/* Months to some, minutes to others. */
const LONE_M = /\d ?M(?![A-Za-z])/;

/** Reads a duration in seconds, rounded to whole ones; undefined where it is none, or less than one second. */
export function parseDuration(text: string): number | undefined {
  if (text.length > LONGEST) return undefined;
  const seconds = Math.round(readIso(text) ?? readParts(text) ?? 0);
  return seconds >= 1 && Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** Writes whole seconds as people do, `1d 2h`; `parseDuration` reads it. */
export function buildDuration(seconds: number): string {
  let left = seconds;
  const parts = SHORT_UNITS.map(([unit, size]): string => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
}

/* The library takes whatever a text begins with: what it cannot write in the same way again, it did not read. */
function readIso(text: string): number | undefined {
  if (!text.startsWith("P")) return undefined;
  const normal = text.replaceAll(",", ".");
  try {
    const duration = parseIso(normal);
    if (buildIso(duration) !== normal) return undefined;
    return ISO_UNITS.reduce((sum, [unit, size]) => sum + (duration[unit] ?? 0) * size, 0);
  } catch {
    return undefined;
  }
}

/* The library reads one number with its unit, in milliseconds. */
function readParts(text: string): number | undefined {
  const parts = text.match(PART) ?? [];
  if (parts.length === 0 || LONE_M.test(text) || text.replace(PART, "").trim() !== "") return undefined;
  let seconds = 0;
  for (const part of parts) {
    const ms = parseOne(part);
    if (ms === undefined) return undefined;
    seconds += ms / 1000;
  }
  return seconds;
}
