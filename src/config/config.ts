/**
 * The configuration: a JSON file and the environment, the environment winning, made into one checked value.
 *
 * Every key of the file is also MILLINER_<KEY> in upper snake case; `rooms`, `admins`, `limits` and `history` are
 * JSON there.
 * Paths in the file are relative to the file, those in the environment to the working directory. Whatever is wrong is
 * refused naming its file or variable, its key and how to mend it; values are never repeated, since one is a password.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import {
  type ConfigKey,
  CONFIG_KEYS,
  JSON_EXAMPLES,
  KEYS,
  type LogLevel,
  PATH_KEYS,
  type Values,
} from "./keys.ts";
import { invalid, readNamed } from "./fault.ts";
import { parseJson } from "./json.ts";
import { environmentName, type Origins, originOf, placesOf } from "./origins.ts";
import { readSecret } from "./password.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Limits } from "../core/limits.ts";
import type { HistoryRetention } from "../desk/desk.ts";
import type { PresenceMode } from "../presence/room-presence.ts";
import { domainOf, parseJid } from "../stanza/jid.ts";
import { errorCode, reasonUnreadable } from "../store/files/folder.ts";
import { isJsonObject } from "../store/json/json-object.ts";
import { faultOfCertificates } from "../xmpp/stream/trust.ts";

export interface RoomConfig {
  readonly jid: RoomJid;
  readonly nick: string;
  readonly presence: PresenceMode;
}

export interface Config {
  /** The bot's account. */
  readonly jid: BareJid;
  readonly password: string;
  /** The file that holds the password, where one does. */
  readonly secretFile?: string;
  /** Where the password was found, in words for the operator. */
  readonly passwordFrom: string;
  /** Where to connect: `xmpp://host:port`, or `xmpps://host:port` for direct TLS. */
  readonly service: string;
  readonly resource: string;
  /** The folder of the store, absolute. */
  readonly data: string;
  readonly admins: readonly BareJid[];
  readonly rooms: readonly RoomConfig[];
  /** Certificates to trust besides the system's, as PEM text. */
  readonly ca: string | undefined;
  readonly limits: Partial<Limits>;
  /** How much of the past is kept, where not as much as usual. */
  readonly history?: Partial<HistoryRetention>;
  readonly logLevel: LogLevel;
}

/** Where the configuration comes from; `read` throws what node:fs throws. */
export interface ConfigSources {
  /** Undefined: `milliner.json` if there is one. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly read?: (path: string) => string;
}

const ENVIRONMENT_NAMES = CONFIG_KEYS.map(environmentName);
const DEFAULT_FILE = "milliner.json";
const EXAMPLE = '{ "jid": "hats@example.org" }';

/**
 * Reads and checks the configuration.
 *
 * @throws OperatorError config-invalid
 */
export function loadConfig({ file, env, read = readText }: ConfigSources): Config {
  const origins: Origins = { ...readFileValues(file, read), fromEnv: readEnvValues(env) };
  const { fromFile, fromEnv } = origins;
  const values: Values = { ...fromFile, ...fromEnv };
  const jid = requiredJid(values, origins);
  const resource = values.resource ?? "milliner";
  return {
    jid,
    ...readSecret(origins, read),
    service: values.service ?? `xmpp://${domainOf(jid)}:5222`,
    resource,
    data: values.data ?? resolve("data"),
    admins: values.admins ?? [],
    rooms: roomsOf(values, jid, origins).map(({ jid: roomJid, nick, presence }) => ({
      jid: roomJid,
      nick: nick ?? usualNick({ jid, resource }),
      presence,
    })),
    ca: values.ca === undefined ? undefined : readCertificates(values.ca, originOf(origins, "ca"), read),
    limits: said(values.limits),
    ...(values.history === undefined ? {} : { history: said(values.history) }),
    logLevel: values.logLevel ?? "info",
  };
}

/** The bot's nick in a room for which nobody says another. */
export function usualNick({ jid, resource }: Pick<Config, "jid" | "resource">): string {
  return parseJid(jid)?.local ?? resource;
}

function said(bounds: Readonly<Record<string, number | undefined>> = {}): Record<string, number> {
  return Object.fromEntries(
    Object.entries(bounds).flatMap(([name, bound]) => (bound === undefined ? [] : [[name, bound]])),
  );
}

function readFileValues(
  given: string | undefined,
  read: (path: string) => string,
): Pick<Origins, "file" | "fromFile" | "isFileThere"> {
  const file = given ?? DEFAULT_FILE;
  let written: string;
  try {
    written = read(file);
  } catch (error) {
    if (given === undefined && errorCode(error) === "ENOENT")
      return { file, fromFile: {}, isFileThere: false };
    throw invalid(file, `cannot be read: ${reasonUnreadable(error)}`);
  }
  return { file, fromFile: readKeys(written, file), isFileThere: true };
}

function readKeys(written: string, path: string): Values {
  const json = parseJson(written, path, EXAMPLE);
  if (!isJsonObject(json)) {
    throw invalid(path, `must hold a JSON object, such as ${EXAMPLE}`);
  }
  const unknown = Object.keys(json).find((key) => !Object.hasOwn(KEYS, key));
  if (unknown !== undefined) {
    throw invalid(path, `${unknown}: unknown key; known are ${CONFIG_KEYS.join(", ")}`);
  }
  const values = Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, check(key as ConfigKey, value, `${path}: ${key}`)]),
  ) as Values;
  return absolutePaths(values, dirname(path));
}

function readEnvValues(env: ConfigSources["env"]): Values {
  for (const name of Object.keys(env)) refuseMisspelt(name);
  const values: Record<string, unknown> = {};
  for (const key of CONFIG_KEYS) {
    const name = environmentName(key);
    const value = env[name];
    if (value === undefined) continue;
    const example = JSON_EXAMPLES.get(key);
    values[key] = check(key, example === undefined ? value : parseJson(value, name, example), name);
  }
  return absolutePaths(values, ".");
}

/* A name that differs only in its underscores or in a plural means nothing else; others may be of another program's. */
function refuseMisspelt(name: string): void {
  const meant = ENVIRONMENT_NAMES.find((known) => folded(known) === folded(name));
  if (meant === undefined || name === meant) return;
  throw invalid(name, `unknown variable; did you mean ${meant}?`);
}

function folded(name: string): string {
  return name.toUpperCase().replaceAll("_", "").replace(/S$/, "");
}

function check(key: ConfigKey, value: unknown, where: string): unknown {
  const result = v.safeParse(KEYS[key], value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw invalid(where, path === null ? issue.message : `${path}: ${issue.message}`);
}

/* Whoever has an address at a service of rooms counts as an occupant of one, the bot's admins too. */
function roomsOf(
  { rooms = [], admins = [] }: Values,
  bot: BareJid,
  origins: Origins,
): NonNullable<Values["rooms"]> {
  const peoples = new Set([bot, ...admins].map(domainOf));
  const stray = rooms.find(({ jid }) => peoples.has(domainOf(jid)));
  if (stray !== undefined) {
    const why = "is no room: the bot or one of its admins has an account at that domain";
    throw invalid(originOf(origins, "rooms"), `${stray.jid} ${why}`);
  }
  const twice = rooms.find(({ jid }, at) => rooms.findIndex((other) => other.jid === jid) !== at);
  if (twice !== undefined) throw invalid(originOf(origins, "rooms"), `${twice.jid} is named twice`);
  return rooms;
}

function requiredJid({ jid }: Values, origins: Origins): BareJid {
  if (jid === undefined) throw invalid("jid", `is missing; set it ${placesOf(origins, "jid")}`);
  return jid;
}

/* What holds no certificate is taken without a word where a stream is made. */
function readCertificates(path: string, origin: string, read: (path: string) => string): string {
  const written = readNamed(path, origin, read);
  const fault = faultOfCertificates(written);
  if (fault !== undefined) throw invalid(origin, `${path} ${fault}`);
  return written;
}

function absolutePaths(values: Values, folder: string): Values {
  const paths = PATH_KEYS.filter((key) => values[key] !== undefined);
  return { ...values, ...Object.fromEntries(paths.map((key) => [key, resolve(folder, values[key] ?? "")])) };
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}
