/**
 * Rooms as the store writes them in hats.json: the document whole, or one room's object alone.
 *
 * Several documents may stand one after another, as the parts of an export do; together they are one. Leaves out what
 * stands beside a room in the store and is not its people's: what was last put into it, rooms added by command, archives.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { MAX_EXPIRES_SECONDS } from "../../core/expiry.ts";
import type { ImportDocument } from "../../core/import.ts";
import { type Expiries, type Grant, type Hat, type HatId, NO_EXPIRIES, type User } from "../../core/model.ts";
import { parseHatId } from "../../core/hat-id.ts";
import { parseTitle } from "../../core/titles.ts";
import { parseJid } from "../../stanza/jid.ts";
import { FORMAT } from "../../store/format.ts";
import { isJsonObject, type JsonObject } from "../../store/json/json-object.ts";
import {
  type ParsedPart,
  parseExpiries,
  parseGrant,
  parseHat,
  parseUser,
} from "../../store/json/parse-json.ts";
import { CollectedRows } from "./collected-rows.ts";
import type { ImportContext } from "./import-context.ts";
import { lineAt, Problems } from "./problems.ts";

/* So many entries are read before others have their turn. */
const ENTRIES_A_TURN = 500;
const CHARACTERS_A_TURN = 65_536;

const SECTIONS: ReadonlySet<string> = new Set(["hats", "users", "expires", "grants", "base"]);

/** Reads one or several documents. Throws HatsError bad-field naming the keys that lead to each mistake. */
export async function parseJsonDocument(text: string, context: ImportContext): Promise<ImportDocument> {
  const reader = new JsonReader(context);
  let length = 0;
  for (const { json, line } of splitDocuments(text)) {
    await reader.read(json, line);
    length += json.length;
    if (length < CHARACTERS_A_TURN) continue;
    await nextTurn();
    length = 0;
  }
  return reader.result();
}

/** One document among several. */
export interface JsonText {
  readonly json: string;
  /** Where it begins, counted from 1. */
  readonly line: number;
}

/** Parts documents that stand one after another; what follows the last one is a document too, to be refused. */
export function* splitDocuments(text: string): Generator<JsonText> {
  /* A text that is not closed ends with the document, so that no mark is looked at twice. */
  const marks = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|[{}[\]]/gs;
  let [begin, depth, line] = [0, 0, 1];
  for (const { 0: mark, index } of text.matchAll(marks)) {
    if (mark === "{" || mark === "[") depth += 1;
    else if (mark === "}" || mark === "]") depth -= 1;
    else continue;
    if (depth !== 0) continue;
    const json = text.slice(begin, index + 1);
    yield { json, line: line + countLines(leadOf(json)) };
    line += countLines(json);
    begin = index + 1;
  }
  const rest = text.slice(begin);
  if (rest.trim() !== "") yield { json: rest, line: line + countLines(leadOf(rest)) };
}

function leadOf(text: string): string {
  return text.slice(0, text.length - text.trimStart().length);
}

class JsonReader {
  readonly #context: ImportContext;
  readonly #problems = new Problems();
  readonly #rows = new CollectedRows(this.#problems);
  readonly #hats = new Map<HatId, Hat>();
  readonly #grants = new Map<HatId, Grant>();
  readonly #otherRooms = new Set<string>();
  #hasRoom = false;

  constructor(context: ImportContext) {
    this.#context = context;
  }

  /** Reads one document that begins at a line. */
  async read(json: string, line: number): Promise<void> {
    const raw = this.#parse(json, line);
    if (raw === undefined) return;
    const rooms = "rooms" in raw ? this.#findRooms(raw, line) : [raw];
    for (const room of rooms) await this.#readRoom(room);
  }

  async #readRoom(room: JsonObject): Promise<void> {
    this.#hasRoom = true;
    const unknown = Object.keys(room).find((name) => !SECTIONS.has(name));
    if (unknown !== undefined) this.#problems.add(unknown, "unknown-key");
    this.#readHats(room["hats"]);
    await this.#readUsers(room["users"], this.#readExpires(room["expires"]));
    this.#readGrants(room["grants"]);
  }

  /** What all documents said together. */
  result(): ImportDocument {
    if (!this.#hasRoom && !this.#problems.any) {
      const others = [...this.#otherRooms].join(", ");
      const code = others === "" ? "no-room" : "only-other-rooms";
      this.#problems.add("rooms", code, { room: this.#context.room, others });
    }
    this.#problems.refuse();
    return { hats: this.#hats, grants: this.#grants, rows: this.#rows.all(), isRecord: true };
  }

  #parse(json: string, line: number): JsonObject | undefined {
    try {
      const raw: unknown = JSON.parse(json);
      if (isJsonObject(raw)) return raw;
      this.#problems.add(lineAt(line), "not-a-json-object");
    } catch (error) {
      this.#problems.add(lineAt(line + lineOfMistake(json, error)), "not-json");
    }
    return undefined;
  }

  /* The room may stand there under several spellings of its address. */
  #findRooms(raw: JsonObject, line: number): JsonObject[] {
    const { version, rooms } = raw;
    if (version !== undefined && version !== FORMAT.version) {
      this.#problems.add("version", "version-expected", { version: FORMAT.version });
    }
    if (!isJsonObject(rooms)) {
      this.#problems.add({ code: "line-key", values: { line, key: "rooms" } }, "object-expected");
      return [];
    }
    const own = Object.keys(rooms).filter((name) => parseJid(name)?.bare === this.#context.room);
    for (const name of Object.keys(rooms)) if (!own.includes(name)) this.#otherRooms.add(name);
    return own.flatMap((name): JsonObject[] => {
      const room = this.#object(name, rooms[name]);
      return room === undefined ? [] : [room];
    });
  }

  #readHats(raw: unknown): void {
    for (const [key, value] of this.#entries("hats", raw)) {
      const place = `hats, ${key}`;
      const hat = this.#take(place, () => parseHatId(key));
      const about = this.#value(place, parseHat(value));
      if (hat === undefined || about === undefined) continue;
      const { defaultExpires = 0 } = about;
      if (defaultExpires > MAX_EXPIRES_SECONDS) this.#problems.add(place, "duration-range");
      this.#hats.set(hat, this.#titled(place, about));
    }
  }

  /* With the title as the desk keeps titles. */
  #titled<Titled extends { readonly title?: string }>(place: string, about: Titled): Titled {
    const { title } = about;
    if (title === undefined) return about;
    const parsed = this.#take(place, () => parseTitle(title, this.#context.limits));
    return parsed === undefined ? about : { ...about, title: parsed };
  }

  #readExpires(raw: unknown): ReadonlyMap<string, Expiries> {
    const expires = new Map<string, Expiries>();
    for (const [key, value] of this.#entries("expires", raw)) {
      const read = this.#value(`expires, ${key}`, parseExpiries(value));
      if (read !== undefined) expires.set(key, read);
    }
    return expires;
  }

  async #readUsers(raw: unknown, expires: ReadonlyMap<string, Expiries>): Promise<void> {
    const seen = new Set<string>();
    for (const [key, value] of this.#entries("users", raw)) {
      seen.add(key);
      this.#readUser(key, this.#value(`users, ${key}`, parseUser(value)), expires.get(key) ?? NO_EXPIRIES);
      if (seen.size % ENTRIES_A_TURN === 0) await nextTurn();
    }
    for (const key of expires.keys()) {
      if (!seen.has(key)) this.#problems.add(`expires, ${key}`, "nobody-under-users");
    }
  }

  #readUser(key: string, wearer: User | undefined, expires: Expiries): void {
    const user = this.#take(`users, ${key}`, () => this.#context.findUser(key));
    if (user === undefined || wearer === undefined) return;
    for (const [hat, attachment] of wearer.hats) {
      const place = `users, ${key}, ${hat}`;
      const titled = this.#titled(place, attachment);
      const until = expires.get(hat);
      if (until !== undefined && this.#context.isTooFarAhead(until))
        this.#problems.add(place, "too-far-ahead");
      this.#rows.add({ user, hat, attachment: titled, expires: until }, place);
    }
    for (const hat of expires.keys()) {
      if (!wearer.hats.has(hat)) this.#problems.add(`expires, ${key}, ${hat}`, "no-hat-under-users");
    }
  }

  #readGrants(raw: unknown): void {
    for (const [key, value] of this.#entries("grants", raw)) {
      const place = `grants, ${key}`;
      const hat = this.#take(place, () => parseHatId(key));
      const grant = this.#value(place, parseGrant(value));
      if (hat === undefined || grant === undefined) continue;
      const users = this.#take(place, () => grant.users.map((user) => this.#context.findUser(user)));
      if (users !== undefined) this.#grants.set(hat, { ...grant, users: [...new Set(users)].toSorted() });
    }
  }

  #entries(place: string, raw: unknown): [string, unknown][] {
    return raw === undefined ? [] : Object.entries(this.#object(place, raw) ?? {});
  }

  #object(place: string, raw: unknown): JsonObject | undefined {
    if (isJsonObject(raw)) return raw;
    this.#problems.add(place, "object-expected");
    return undefined;
  }

  #value<T>(place: string, parsed: ParsedPart<T>): T | undefined {
    if ("value" in parsed) return parsed.value;
    const { code, values } = parsed.explanation;
    this.#problems.add(place, code, values);
    return undefined;
  }

  #take<T>(place: string, read: () => T): T | undefined {
    return this.#problems.take(place, read);
  }
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}

/* How many lines into the text; the runtime names the place in its message, in one way or another. */
function lineOfMistake(json: string, error: unknown): number {
  const position = /at position (\d+)/.exec(String(error))?.[1];
  return countLines(json.slice(0, position === undefined ? json.length : Number(position)));
}
