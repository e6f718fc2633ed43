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
  JSON_KEYS,
  KEYS,
  type LogLevel,
  PATH_KEYS,
  type Values,
} from "./config-keys.ts";
import { OperatorError } from "./core/errors.ts";
import type { BareJid, RoomJid } from "./core/jid.ts";
import type { Limits } from "./core/limits.ts";
import type { HistoryRetention } from "./desk/desk.ts";
import type { PresenceMode } from "./presence/room-presence.ts";
import { parseJid } from "./stanza/jid.ts";

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

const DEFAULT_FILE = "milliner.json";

/**
 * Reads and checks the configuration.
 *
 * @throws OperatorError config-invalid
 */
export function loadConfig({ file, env, read = readText }: ConfigSources): Config {
  const fromFile = readFileValues(file, read);
  const fromEnv = readEnvValues(env);
  const values: Values = { ...withoutPassword(fromFile, fromEnv), ...fromEnv };
  const jid = required(values, "jid");
  const resource = values.resource ?? "milliner";
  return {
    jid,
    password: readPassword(values, read),
    ...secretFileOf(values, fromEnv, file),
    service: values.service ?? `xmpp://${parseJid(jid)?.domain ?? ""}:5222`,
    resource,
    data: values.data ?? resolve("data"),
    admins: values.admins ?? [],
    rooms: roomsOf(values, jid).map(({ jid: roomJid, nick, presence }) => ({
      jid: roomJid,
      nick: nick ?? usualNick({ jid, resource }),
      presence,
    })),
    ca: values.ca === undefined ? undefined : readNamed(values.ca, "ca", read),
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

function readFileValues(file: string | undefined, read: (path: string) => string): Values {
  const path = file ?? DEFAULT_FILE;
  let written: string;
  try {
    written = read(path);
  } catch (error) {
    if (file === undefined && isMissing(error)) return {};
    throw invalid(path, "cannot be read", error);
  }
  const json = parseJson(written, path);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw invalid(path, 'must hold a JSON object, such as { "jid": "hats@example.org" }');
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
  const values: Record<string, unknown> = {};
  for (const key of CONFIG_KEYS) {
    const name = environmentName(key);
    const value = env[name];
    if (value === undefined) continue;
    values[key] = check(key, JSON_KEYS.has(key) ? parseJson(value, name) : value, name);
  }
  return absolutePaths(values, ".");
}

/** The variable that sets a key: MILLINER_PASSWORD_FILE for passwordFile. */
export function environmentName(key: string): string {
  return `MILLINER_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

function check(key: ConfigKey, value: unknown, where: string): unknown {
  const result = v.safeParse(KEYS[key], value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw invalid(where, path === null ? issue.message : `${path}: ${issue.message}`);
}

/* The environment's way of giving the password replaces the file's, whichever of the two keys each uses. */
function withoutPassword(fromFile: Values, fromEnv: Values): Values {
  if (fromEnv.password === undefined && fromEnv.passwordFile === undefined) return fromFile;
  const { password: _, passwordFile: __, ...rest } = fromFile;
  return rest;
}

function readPassword(values: Values, read: (path: string) => string): string {
  const { password, passwordFile } = values;
  if (password !== undefined && passwordFile !== undefined) {
    throw invalid("password", "give either password or passwordFile, not both");
  }
  if (password !== undefined) return password;
  if (passwordFile === undefined)
    throw invalid("passwordFile", "is missing; name a file that holds the password");
  const written = readNamed(passwordFile, "passwordFile", read).replace(/\r?\n$/, "");
  if (written === "") throw invalid("passwordFile", `${passwordFile} is empty`);
  return written;
}

function secretFileOf(
  { passwordFile }: Values,
  fromEnv: Values,
  file = DEFAULT_FILE,
): Pick<Config, "secretFile"> {
  if (passwordFile !== undefined) return { secretFile: passwordFile };
  return fromEnv.password === undefined ? { secretFile: resolve(file) } : {};
}

/* Whoever has an address at a service of rooms counts as an occupant of one, the bot's admins too. */
function roomsOf({ rooms = [], admins = [] }: Values, bot: BareJid): NonNullable<Values["rooms"]> {
  const peoples = new Set([bot, ...admins].map(domainOf));
  const stray = rooms.find(({ jid }) => peoples.has(domainOf(jid)));
  if (stray !== undefined) {
    throw invalid(
      "rooms",
      `${stray.jid} is no room: the bot or one of its admins has an account at that domain`,
    );
  }
  const twice = rooms.find(({ jid }, at) => rooms.findIndex((other) => other.jid === jid) !== at);
  if (twice !== undefined) throw invalid("rooms", `${twice.jid} is named twice`);
  return rooms;
}

function domainOf(jid: BareJid | RoomJid): string {
  return parseJid(jid)?.domain ?? "";
}

function required<K extends ConfigKey>(values: Values, key: K): NonNullable<Values[K]> {
  const value = values[key];
  if (value === undefined || value === null) {
    throw invalid(key, `is missing; set it in ${DEFAULT_FILE} or as ${environmentName(key)}`);
  }
  return value;
}

function readNamed(path: string, key: string, read: (path: string) => string): string {
  try {
    return read(path);
  } catch (error) {
    throw invalid(key, `${path} cannot be read`, error);
  }
}

function absolutePaths(values: Values, folder: string): Values {
  const paths = PATH_KEYS.filter((key) => values[key] !== undefined);
  return { ...values, ...Object.fromEntries(paths.map((key) => [key, resolve(folder, values[key] ?? "")])) };
}

function parseJson(written: string, where: string): unknown {
  try {
    return JSON.parse(written);
  } catch (error) {
    throw invalid(where, "is not valid JSON", error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}

/* A cause from node:fs is named by its code; a JSON error's text would repeat what is in the file. */
function invalid(where: string, reason: string, cause?: unknown): OperatorError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new OperatorError("config-invalid", `${where}: ${reason}${code}`);
}
