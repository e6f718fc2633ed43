/**
 * What the files of the store may hold, as schemas: version 1.
 *
 * Read results are the domain's own values: maps, never plain objects, so that `__proto__` is a name like any other.
 */
import * as v from "valibot";
import { isHatId } from "../core/hat-id.ts";
import { isXmlText } from "../core/text.ts";

/** A JSON object as it was parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = v.pipe(v.string("a text was expected"), v.check(isXmlText, "a character no stanza can carry"));
const flag = v.boolean("true or false was expected");
const seq = v.pipe(v.number("a number was expected"), v.safeInteger(), v.minValue(0));

/** The name of a room or person: the store takes what the desk prepared. */
export const jidSchema = v.pipe(text, v.regex(/^[^@\s]+@[^@\s]+$/u, "not a JID"));
/** The name of a hat. */
export const hatIdSchema = v.pipe(v.string(), v.check(isHatId, "not an absolute URI"));
/** One person's way of having one hat. */
export const attachmentSchema = v.strictObject({
  active: v.exactOptional(flag),
  required: v.exactOptional(flag),
  title: v.exactOptional(text),
});
/** The seed's user. */
export const userSchema = v.strictObject({ hats: mapOf(hatIdSchema, attachmentSchema) });
/** A hat of a room's catalogue. */
export const hatSchema = v.strictObject({
  title: v.exactOptional(text),
  hue: v.exactOptional(v.pipe(v.number("a number was expected"), v.minValue(0), v.maxValue(360))),
});
/** What was last put into a room for one wearer. */
export const baseSchema = mapOf(hatIdSchema, text);

const authorSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("account"), jid: jidSchema }),
  v.strictObject({ kind: v.literal("occupant"), nick: v.string(), jid: v.exactOptional(jidSchema) }),
  v.strictObject({ kind: v.literal("room") }),
  v.strictObject({ kind: v.literal("program") }),
]);

const changeSchema = v.union([
  v.strictObject({
    hat: hatIdSchema,
    before: v.exactOptional(hatSchema),
    after: v.exactOptional(hatSchema),
  }),
  v.strictObject({
    user: jidSchema,
    before: v.exactOptional(userSchema),
    after: v.exactOptional(userSchema),
  }),
  v.strictObject({ base: jidSchema, after: v.exactOptional(baseSchema) }),
]);

/** One entry of journal and history. */
export const entrySchema = v.strictObject({
  seq,
  at: v.pipe(v.string(), v.isoTimestamp()),
  room: jidSchema,
  author: authorSchema,
  command: v.exactOptional(v.string()),
  reason: v.exactOptional(v.string()),
  changes: v.pipe(v.array(changeSchema), v.minLength(1)),
});

/** A snapshot as a whole, in any layout. */
export const snapshotSchema = v.strictObject({
  version: v.literal(1),
  seq: v.exactOptional(seq, 0),
  rooms: mapOf(
    jidSchema,
    v.strictObject({
      hats: v.exactOptional(mapOf(hatIdSchema, hatSchema)),
      users: v.exactOptional(mapOf(jidSchema, userSchema)),
      base: v.exactOptional(mapOf(jidSchema, baseSchema)),
    }),
  ),
});

/** Says where in a value, and how, it differs from its schema: `hats.urn:x:a.active: true or false was expected`. */
export function explain(issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  const [issue] = issues;
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

/* valibot's own record leaves out keys such as __proto__, which are names here. */
function mapOf<const V extends v.GenericSchema>(keySchema: v.GenericSchema<unknown, string>, valueSchema: V) {
  return v.pipe(
    v.custom<JsonObject>(isJsonObject, "an object was expected"),
    v.rawTransform<JsonObject, ReadonlyMap<string, v.InferOutput<V>>>(({ dataset, addIssue, NEVER }) => {
      const map = new Map<string, v.InferOutput<V>>();
      for (const [key, value] of Object.entries(dataset.value)) {
        const name = v.safeParse(keySchema, key);
        const read = v.safeParse(valueSchema, value);
        const [issue] = name.issues ?? read.issues ?? [];
        if (issue === undefined) {
          map.set(key, read.output);
        } else {
          const place = { type: "object", origin: "value", input: { ...dataset.value }, key, value } as const;
          const within = name.issues === undefined ? (issue.path ?? []) : [];
          addIssue({ message: issue.message, path: [place, ...within] });
        }
      }
      return map.size === Object.keys(dataset.value).length ? map : NEVER;
    }),
  );
}
