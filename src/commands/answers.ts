/**
 * Readers of submitted values: XEP-0004, section 3.3, one a kind of field.
 *
 * An empty value is no value. Each reader refuses what it cannot read, naming the field's var.
 */
import { badField } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import { parseReason } from "../core/reason.ts";
import type { Answers } from "./command.ts";

/* The longest single value, in characters; longer than anything the desk takes. */
const MAX_VALUE_LENGTH = 4_096;

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
]);

/** All values of a field, trimmed, empty ones and repetitions left out. */
export function readList(answers: Answers, name: string): string[] {
  const given = answers.get(name);
  if (given === undefined) return [];
  const values = given.map((value) => value.trim()).filter((value) => value !== "");
  if (values.some((value) => value.length > MAX_VALUE_LENGTH)) {
    throw badField(name, "too-long", { max: MAX_VALUE_LENGTH });
  }
  return values.length > 1 ? [...new Set(values)] : values;
}

/** The one value of a field, or undefined. */
export function readValue(answers: Answers, name: string): string | undefined {
  const values = readList(answers, name);
  if (values.length > 1) throw badField(name, "several-values");
  return values[0];
}

/** The one value of a field that there must be. */
export function readRequired(answers: Answers, name: string): string {
  const value = readValue(answers, name);
  if (value === undefined) throw badField(name, "missing");
  return value;
}

/** A yes or no; `fallback` where the field is absent or empty. */
export function readFlag(answers: Answers, name: string, fallback: boolean): boolean {
  const value = readValue(answers, name);
  return value === undefined ? fallback : parseFlag(value, name);
}

/** Reads a yes or no, or refuses it naming `field`. */
export function parseFlag(text: string, field: string): boolean {
  const flag = FLAGS.get(text.toLowerCase());
  if (flag === undefined) throw badField(field, "not-a-flag");
  return flag;
}

/** The reason given for a change, or undefined. */
export function readReason(answers: Answers, limits: Limits): string | undefined {
  return parseReason(readValue(answers, "reason") ?? "", limits);
}
