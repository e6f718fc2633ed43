/**
 * What the files of the store may hold, as schemas: version 1.
 *
 * Read results are the domain's own values: maps, never plain objects, so that `__proto__` is a name like any other.
 */
import * as v from "valibot";
import {
  explainInEnglish,
  type Explanation,
  type ExplanationCode,
  EXPLANATIONS,
} from "../../core/explanations.ts";
import { isHatId } from "../../core/hat-id.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { type Archive, emptyArchive, emptyRoom, type HatId, type Room } from "../../core/model.ts";
import { isXmlText } from "../../core/text.ts";
import { isJsonObject, type JsonObject } from "./json-object.ts";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Whether a text is a moment as the desk writes it: ISO 8601, UTC, to the millisecond; such texts sort by time. */
export function isInstant(text: string): boolean {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text));
}

/* What is wrong is said by the code of an explanation, since people import what the store writes. */
const says = <const Code extends ExplanationCode>(code: Code): Code => code;

const text = v.pipe(v.string(says("text-expected")), v.check(isXmlText, says("forbidden-character")));
const flag = v.boolean(says("flag-expected"));
const seq = v.pipe(v.number(says("number-expected")), v.safeInteger(), v.minValue(0));
const instant = v.pipe(v.string(says("text-expected")), v.check(isInstant, says("time-expected")));

/* The store takes what the desk prepared. */
const jid = v.pipe(text, v.regex(/^[^@\s]+@[^@\s]+$/u, says("not-a-jid")));
/** The name of a person. */
export const jidSchema = v.pipe(
  jid,
  v.transform((prepared) => prepared as BareJid),
);
/** The name of a room. */
export const roomJidSchema = v.pipe(
  jid,
  v.transform((prepared) => prepared as RoomJid),
);
/** The name of a hat. */
export const hatIdSchema = v.pipe(
  v.string(),
  v.check(isHatId, says("not-a-hat-id")),
  v.transform((uri) => uri as HatId),
);
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
  hue: v.exactOptional(v.pipe(v.number(says("number-expected")), v.minValue(0), v.maxValue(360))),
  defaultExpires: v.exactOptional(
    v.pipe(v.number(says("number-expected")), v.safeInteger(says("whole-number-expected")), v.minValue(1)),
  ),
});
/** When hats of one person lapse. */
export const expiriesSchema = mapOf(hatIdSchema, instant);
/** Who else may give and take a hat; people come out sorted, each once. */
export const grantSchema = v.strictObject({
  users: v.pipe(
    v.array(jidSchema),
    v.transform((users) => [...new Set(users)].toSorted()),
  ),
  members: flag,
});
/** A room that was added by command. */
export const managedSchema = v.strictObject({ nick: v.exactOptional(text), announce: v.exactOptional(flag) });
/** What was last put into a room for one wearer. */
export const baseSchema = mapOf(hatIdSchema, text);

const archivedSections = {
  hats: v.exactOptional(mapOf(hatIdSchema, hatSchema)),
  users: v.exactOptional(mapOf(jidSchema, userSchema)),
  expires: v.exactOptional(mapOf(jidSchema, expiriesSchema)),
  grants: v.exactOptional(mapOf(hatIdSchema, grantSchema)),
};
/** What an earlier room had. */
export const archiveSchema = v.pipe(
  v.strictObject(archivedSections),
  v.transform((sections): Archive => ({ ...emptyArchive(), ...sections })),
);
/** What a room has. */
const roomSchema = v.pipe(
  v.strictObject({ ...archivedSections, base: v.exactOptional(mapOf(jidSchema, baseSchema)) }),
  v.transform((sections): Room => ({ ...emptyRoom(), ...sections })),
);

const authorSchema = v.variant("kind", [
  v.strictObject({ kind: v.literal("account"), jid: jidSchema, address: v.exactOptional(v.string()) }),
  v.strictObject({
    kind: v.literal("occupant"),
    nick: v.string(),
    jid: v.exactOptional(jidSchema),
    address: v.exactOptional(v.string()),
  }),
  v.strictObject({ kind: v.literal("room") }),
  v.strictObject({ kind: v.literal("desk") }),
  v.strictObject({ kind: v.literal("program") }),
]);

/** One change of an entry. */
export const changeSchema = v.union([
  v.strictObject({ hat: hatIdSchema, ...beforeAndAfter(hatSchema) }),
  v.strictObject({
    user: jidSchema,
    hats: mapOf(hatIdSchema, v.strictObject(beforeAndAfter(attachmentSchema))),
  }),
  v.strictObject({ expires: jidSchema, ...beforeAndAfter(expiriesSchema) }),
  v.strictObject({ grant: hatIdSchema, ...beforeAndAfter(grantSchema) }),
  v.strictObject({ managed: v.literal(true), ...beforeAndAfter(managedSchema) }),
  v.strictObject({ archive: instant, ...beforeAndAfter(archiveSchema) }),
  v.strictObject({ base: jidSchema, after: v.exactOptional(baseSchema) }),
]);

/** One entry of journal and history. */
export const entrySchema = v.strictObject({
  seq,
  at: v.pipe(v.string(), v.isoTimestamp()),
  room: roomJidSchema,
  author: authorSchema,
  command: v.exactOptional(v.string()),
  reason: v.exactOptional(v.string()),
  undoes: v.exactOptional(seq),
  changes: v.tupleWithRest([changeSchema], changeSchema),
});

/** A snapshot as a whole, in any layout. */
export const snapshotSchema = v.strictObject({
  version: v.literal(1),
  seq: v.exactOptional(seq, 0),
  rooms: mapOf(roomJidSchema, roomSchema),
  managed: v.exactOptional(mapOf(roomJidSchema, managedSchema)),
  archives: v.exactOptional(mapOf(roomJidSchema, mapOf(instant, archiveSchema))),
});

function beforeAndAfter<const V extends v.GenericSchema>(schema: V) {
  return { before: v.exactOptional(schema), after: v.exactOptional(schema) };
}

/** How a value differs from its schema, as the schema says it; the first is what is told. */
export type Issues = readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]];

/** Says in English where in a value, and how, it differs: `hats.urn:x:a.active: true or false was expected`. */
export function explain(issues: Issues): string {
  return explainInEnglish(mistakeIn(issues));
}

/** Where in a value, and how, it differs from its schema, to be said in any language. */
export function mistakeIn([issue]: Issues): Explanation {
  const path = v.getDotPath(issue);
  const what = whatIsWrong(issue);
  return path === null ? what : { code: "at", values: { place: path, what } };
}

const EXPECTED = { Object: "object-expected", Array: "list-expected" } as const;

function whatIsWrong({ message, expected, received }: v.BaseIssue<unknown>): Explanation {
  if (Object.hasOwn(EXPLANATIONS, message)) return { code: message as ExplanationCode };
  if (expected === "never") return { code: "key-unknown", values: { key: received } };
  if (expected === "Object" || expected === "Array") return { code: EXPECTED[expected] };
  if (received === "undefined") return { code: "key-missing", values: { key: expected ?? "" } };
  return { code: "otherwise-expected", values: { expected: expected ?? "", received } };
}

/* valibot's own record leaves out keys such as __proto__, which are names here. */
function mapOf<const K extends string, const V extends v.GenericSchema>(
  keySchema: v.GenericSchema<unknown, K>,
  valueSchema: V,
) {
  return v.pipe(
    v.custom<JsonObject>(isJsonObject, says("object-expected")),
    v.rawTransform<JsonObject, Map<K, v.InferOutput<V>>>(({ dataset, addIssue, NEVER }) => {
      const map = new Map<K, v.InferOutput<V>>();
      for (const [key, value] of Object.entries(dataset.value)) {
        const name = v.safeParse(keySchema, key);
        const read = v.safeParse(valueSchema, value);
        const [issue] = name.issues ?? read.issues ?? [];
        if (issue === undefined) {
          map.set(name.output as K, read.output);
        } else {
          const place = { type: "object", origin: "value", input: { ...dataset.value }, key, value } as const;
          const within = name.issues === undefined ? (issue.path ?? []) : [];
          const { message, expected, received } = issue;
          addIssue({ message, expected: expected ?? "", received, path: [place, ...within] });
        }
      }
      return map.size === Object.keys(dataset.value).length ? map : NEVER;
    }),
  );
}
