/**
 * Every key of the configuration, with what it may hold.
 *
 * The messages say how to mend a value and never repeat it, since one of them is a password.
 */
import * as v from "valibot";
import { HatsError } from "./core/errors.ts";
import { parseJid, parseRoomJid, parseUserJid } from "./stanza/jid.ts";

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));
const positive = v.pipe(
  v.number("must be a number"),
  v.integer("must be whole"),
  v.minValue(1, "must be at least 1"),
);

/* Turns a parser that throws a refusal into a schema that reports its text. */
function parsed<T>(parse: (value: string) => T) {
  return v.pipe(
    text,
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof HatsError)) throw error;
        addIssue({ message: error.text });
        return NEVER;
      }
    }),
  );
}

const bareJid = v.pipe(
  text,
  v.check((value) => parseJid(value)?.resource === "", "must be a user's bare JID, such as ops@example.org"),
  parsed((value) => parseUserJid(value, "must be a user's bare JID")),
);

const room = v.strictObject(
  {
    jid: parsed((value) => parseRoomJid(value, "must be a room's JID")),
    nick: v.optional(text),
    presence: v.optional(v.picklist(["auto", "own", "off"], "must be auto, own or off"), "auto"),
  },
  objectMessage,
);

const limits = v.partial(
  v.strictObject(
    {
      titleLength: positive,
      reasonLength: positive,
      hatsPerUser: positive,
      hatsPerRoom: positive,
      documentLength: positive,
    },
    objectMessage,
  ),
);

const history = v.partial(v.strictObject({ days: positive, bytes: positive }, objectMessage));

/** The schema of each key. */
export const KEYS = {
  jid: bareJid,
  password: text,
  passwordFile: text,
  service: v.pipe(text, v.regex(/^xmpps?:\/\/[^\s/?#]+$/, "must be xmpp://host:port or xmpps://host:port")),
  resource: text,
  data: text,
  admins: v.array(bareJid, "must be a list of bare JIDs"),
  rooms: v.array(room, "must be a list of rooms"),
  ca: text,
  limits,
  history,
  logLevel: v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`),
} as const;

/** Every key of the file; the documentation is compared with it. */
export const CONFIG_KEYS = Object.keys(KEYS) as readonly ConfigKey[];
export type ConfigKey = keyof typeof KEYS;
/** What a file or the environment said, checked. */
export type Values = { readonly [K in ConfigKey]?: v.InferOutput<(typeof KEYS)[K]> };

/** The keys that hold JSON in the environment. */
export const JSON_KEYS: ReadonlySet<ConfigKey> = new Set(["admins", "rooms", "limits", "history"]);
/** The keys that hold a path. */
export const PATH_KEYS = ["passwordFile", "data", "ca"] as const;

function objectMessage(issue: v.StrictObjectIssue): string {
  return issue.expected === "never"
    ? "unknown key"
    : issue.expected === "Object"
      ? "must be an object"
      : "is missing";
}
