/** The fields that say how long a hat is worn: `expires` of one that is given, `default-expires` of one that is made. */
import { badField } from "../../core/errors.ts";
import { assertAhead, type Expiry, MAX_EXPIRES_SECONDS, momentAt, NEVER } from "../../core/expiry.ts";
import { quote } from "../../core/text.ts";
import { isOffCalendar, parseDateTime, parsePlainTime } from "../../stanza/date-time.ts";
import { parseDuration } from "../../stanza/duration.ts";
import { readValue } from "../answers.ts";
import type { Answers } from "../command.ts";

/** Until when to give a hat: `never`, a duration from now on, a day or a moment; undefined where nothing is said. */
export function readExpires(answers: Answers, now: Date): Expiry | undefined {
  const text = readValue(answers, "expires");
  return text === undefined ? undefined : parseExpires(text, now);
}

/** Reads until when to give a hat, or refuses it naming `expires`. */
export function parseExpires(text: string, now: Date): Expiry {
  if (text.toLowerCase() === NEVER) return NEVER;
  const seconds = parseDuration(text);
  const ms = seconds === undefined ? parseTime(text) : now.getTime() + seconds * 1000;
  const value = quote(text);
  if (ms === undefined)
    throw badField("expires", isOffCalendar(text) ? "not-on-calendar" : "not-a-time", { value });
  if (ms <= now.getTime()) throw badField("expires", "is-over", { value });
  assertAhead(ms, now.getTime());
  return momentAt(ms);
}

/** How long a hat is usually worn, in seconds; null means until it is taken, undefined that nothing is said. */
export function readDefaultExpires(answers: Answers): number | null | undefined {
  const field = "default-expires";
  const text = readValue(answers, field);
  if (text === undefined) return answers.has(field) ? null : undefined;
  if (text.toLowerCase() === NEVER) return null;
  const seconds = parseDuration(text);
  if (seconds === undefined) throw badField(field, "not-a-duration", { value: quote(text) });
  if (seconds > MAX_EXPIRES_SECONDS) throw badField(field, "duration-range");
  return seconds;
}

function parseTime(text: string): number | undefined {
  return parseDateTime(text) ?? parsePlainTime(text);
}
