/**
 * Writes JSON by hand: JSON.stringify knows no maps, and would copy each into an object.
 *
 * Every value has a function that writes it, and objects are put together of members: `opening` is what stands before the
 * next one, the brace or a comma.
 */
import type { JsonWriter } from "./json-writer.ts";

/** Writes one value. */
export type Write<T> = (to: JsonWriter, value: T) => void;

/** Writes a member that is there, after what opens the object or stands between; returns what stands before the next. */
export function member<T>(
  to: JsonWriter,
  opening: string,
  name: string,
  value: T | undefined,
  write: Write<T>,
): string {
  if (value === undefined) return opening;
  to.raw(opening);
  to.raw(name);
  write(to, value);
  return ",";
}

/** The same for a name that may be anything; its value is to follow. */
export function key(to: JsonWriter, opening: string, name: string): string {
  to.raw(opening);
  to.text(name);
  to.raw(":");
  return ",";
}

/** Ends an object, also one without members. */
export function close(to: JsonWriter, opening: string): void {
  to.raw(opening === "{" ? "{}" : "}");
}

/** A map, as an object. */
export function writeMap<V>(to: JsonWriter, map: ReadonlyMap<string, V>, write: Write<V>): void {
  let opening = "{";
  for (const [name, value] of map) {
    opening = key(to, opening, name);
    write(to, value);
  }
  close(to, opening);
}

/** Several values, without the brackets around them. */
export function writeList<T>(to: JsonWriter, values: readonly T[], write: Write<T>): void {
  let separator = "";
  for (const value of values) {
    to.raw(separator);
    write(to, value);
    separator = ",";
  }
}

/** A string, in quotes. */
export function writeText(to: JsonWriter, text: string): void {
  to.text(text);
}

/** A number or a boolean. */
export function writeScalar(to: JsonWriter, value: number | boolean): void {
  to.raw(String(value));
}
