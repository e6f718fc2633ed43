/**
 * Reads what stands in a snapshot.
 *
 * The schemas decide what is valid, and say what is not. They take 15 microseconds a user, which is 15 seconds for a
 * million, so users of the ordinary shape are read by hand first; whatever is not of that shape goes to the schema.
 */
import * as v from "valibot";
import type { Explanation } from "../../core/explanations.ts";
import { isHatId } from "../../core/hat-id.ts";
import type { Attachment, Base, Expiries, Grant, Hat, HatId, ManagedRoom, User } from "../../core/model.ts";
import { isXmlText } from "../../core/text.ts";
import {
  baseSchema,
  expiriesSchema,
  explain,
  mistakeIn,
  grantSchema,
  hatSchema,
  isInstant,
  managedSchema,
  userSchema,
} from "./entry-schema.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";
import type { SharedAttachments } from "../snapshot/shared-attachments.ts";

/** A value, or what is wrong with it. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** A value, or what is wrong with it, in English and to be said in any language. */
export type ParsedPart<T> =
  | { readonly value: T }
  | { readonly problem: string; readonly explanation: Explanation };

/** Reads a person's hats; equal attachments become one where `shared` is given. */
export function parseUser(raw: unknown, shared?: SharedAttachments): ParsedPart<User> {
  const user = readPlainUser(raw, shared);
  return user === undefined ? parseBy<User>(userSchema, raw) : { value: user };
}

/** Reads a hat of a catalogue. */
export function parseHat(raw: unknown): ParsedPart<Hat> {
  return parseBy<Hat>(hatSchema, raw);
}

/** Reads what was last put into a room for one wearer. */
export function parseBase(raw: unknown): ParsedPart<Base> {
  const base = readPlainBase(raw);
  return base === undefined ? parseBy<Base>(baseSchema, raw) : { value: base };
}

/** Reads when hats of one person lapse. */
export function parseExpiries(raw: unknown): ParsedPart<Expiries> {
  const expiries = readPlainTexts(raw, isInstant);
  return expiries === undefined ? parseBy<Expiries>(expiriesSchema, raw) : { value: expiries };
}

/** Reads who else may give and take a hat. */
export function parseGrant(raw: unknown): ParsedPart<Grant> {
  return parseBy<Grant>(grantSchema, raw);
}

/** Reads a room that was added by command. */
export function parseManaged(raw: unknown): ParsedPart<ManagedRoom> {
  return parseBy<ManagedRoom>(managedSchema, raw);
}

function parseBy<T>(schema: v.GenericSchema<unknown, unknown>, raw: unknown): ParsedPart<T> {
  const checked = v.safeParse(schema, raw);
  if (checked.success) return { value: checked.output as T };
  return { problem: explain(checked.issues), explanation: mistakeIn(checked.issues) };
}

/** Reads a base of the ordinary shape; undefined says that the schema has to look. */
export function readPlainBase(raw: unknown): Base | undefined {
  return readPlainTexts(raw, isXmlText);
}

/* A text for each of some hats. */
function readPlainTexts(
  raw: unknown,
  isText: (text: string) => boolean,
): ReadonlyMap<HatId, string> | undefined {
  if (!isJsonObject(raw)) return undefined;
  const texts = new Map<HatId, string>();
  for (const [id, text] of Object.entries(raw)) {
    if (!isHatId(id) || typeof text !== "string" || !isText(text)) return undefined;
    texts.set(id, text);
  }
  return texts;
}

/** Reads a user of the ordinary shape; undefined says that the schema has to look. */
export function readPlainUser(raw: unknown, shared?: SharedAttachments): User | undefined {
  if (!isJsonObject(raw) || !isJsonObject(raw["hats"])) return undefined;
  for (const name in raw) if (name !== "hats") return undefined;
  const hats = new Map<HatId, Attachment>();
  for (const [id, attachment] of Object.entries(raw["hats"])) {
    if (!isHatId(id) || !isJsonObject(attachment) || !isAttachment(attachment)) return undefined;
    hats.set(id, shared === undefined ? attachment : shared.share(attachment));
  }
  return { hats };
}

/** Whether a JSON object is an attachment; where it is not, the schema says what is wrong. */
export function isAttachment(raw: JsonObject): raw is JsonObject & Attachment {
  for (const name in raw) {
    const value = raw[name];
    if (name === "title" ? !(typeof value === "string" && isXmlText(value)) : !isFlag(name, value))
      return false;
  }
  return true;
}

function isFlag(name: string, value: unknown): boolean {
  return (name === "active" || name === "required") && typeof value === "boolean";
}
