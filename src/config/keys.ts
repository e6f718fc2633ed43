/**
 * Every key of the configuration, with what it may hold.
 *
 * The messages say how to mend a value and never repeat it, since one of them is a password.
 */
import * as v from "valibot";
import { HatsError } from "../core/errors.ts";
import { parseJid, parseRoomJid, parseUserJid } from "../stanza/jid.ts";
import { parseService, SERVICE_SHAPE } from "../xmpp/stream/service.ts";

/* No account, path or query: they would be dropped without a word. */
const SERVICE = /^xmpps?:\/\/[^\s/?#@]+$/;
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const text = v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty"));
const positive = v.pipe(
  v.number("must be a number"),
  v.integer("must be whole"),
  v.minValue(1, "must be at least 1"),
);

/* As servers write it (RFC 7622): by another spelling of it, their answers would not be known for answers. */
const resourcepart = v.pipe(
  text,
  v.transform((value) => parseJid(`any@example.org/${value}`)?.resource ?? ""),
  v.nonEmpty(
    "must be what may stand in an address behind the slash: 1023 bytes at most, no control characters",
  ),
);

/* Both kinds of address: who writes one with a resource may mean another one than the bare. */
function bare<T>(parse: (value: string) => T, message: string) {
  return v.pipe(
    text,
    v.check((value) => parseJid(value.trim())?.resource === "", message),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      try {
        return parse(dataset.value);
      } catch (error) {
        if (!(error instanceof HatsError)) throw error;
        addIssue({ message });
        return NEVER;
      }
    }),
  );
}

const bareJid = bare(parseUserJid, "must be a user's bare JID, without a resource, such as ops@example.org");
const roomJid = bare(
  parseRoomJid,
  "must be a room's bare JID, without a resource, such as team@rooms.example.org",
);

/* An object without other keys than these. */
function exactly<Entries extends v.ObjectEntries>(entries: Entries, example: string) {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === "never") return `unknown key; known are ${Object.keys(entries).join(", ")}`;
    return expected === "Object"
      ? `must be an object, such as ${example}`
      : `is missing; write for example ${example}`;
  });
}

const ROOM = '{"jid":"team@rooms.example.org"}';
const LIMITS = '{"hatsPerUser":20}';
const HISTORY = '{"days":90}';
const ADMINS = '["ops@example.org"]';

const room = exactly(
  {
    jid: roomJid,
    nick: v.optional(resourcepart),
    presence: v.optional(v.picklist(["auto", "own", "off"], "must be auto, own or off"), "auto"),
  },
  ROOM,
);

const limits = v.partial(
  exactly(
    {
      titleLength: positive,
      reasonLength: positive,
      hatsPerUser: positive,
      hatsPerRoom: positive,
      documentLength: positive,
    },
    LIMITS,
  ),
);

const history = v.partial(exactly({ days: positive, bytes: positive }, HISTORY));

/** The schema of each key. */
export const KEYS = {
  jid: bareJid,
  password: text,
  passwordFile: text,
  service: v.pipe(
    text,
    v.check((value) => SERVICE.test(value) && parseService(value) !== undefined, `must be ${SERVICE_SHAPE}`),
  ),
  resource: resourcepart,
  data: text,
  admins: v.array(bareJid, `must be a list of bare JIDs, such as ${ADMINS}`),
  rooms: v.array(room, `must be a list of rooms, such as [${ROOM}]`),
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

/** The keys that hold JSON in the environment, each with an example of it. */
export const JSON_EXAMPLES: ReadonlyMap<ConfigKey, string> = new Map([
  ["admins", ADMINS],
  ["rooms", `[${ROOM}]`],
  ["limits", LIMITS],
  ["history", HISTORY],
]);
/** The keys that hold a path. */
export const PATH_KEYS = ["passwordFile", "data", "ca"] as const;
