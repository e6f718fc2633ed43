/**
 * Long documents in parts that fit stanzas, and parts as one document again: for whoever sends and gets them.
 *
 * A list is parted between lines. JSON is parted into documents of their own, between the hats of people. Nothing is
 * judged: what the desk does not know goes along, to be refused there.
 */
import { isJsonObject, type JsonObject } from "../../store/json/json-object.ts";
import { bytesInXml, bytesOfValue } from "../room/stanza-budget.ts";
import { layOutRoom } from "./room-document.ts";
import { splitDocuments } from "./json-document.ts";

/* Values that belong together, each with the names that lead to it. */
type Atom = readonly (readonly [path: readonly string[], value: unknown])[];

/* A JSON object that is being put together. */
type Buildable = Record<string, unknown>;

/* Quotes, colon, comma and braces around a value and each of the names that lead to it. */
const JSON_BYTES = 24;

/**
 * Parts the lines of a document so that each part takes so many bytes of XML at most.
 *
 * @throws SyntaxError for what begins as JSON and is not
 */
export function splitDocument(lines: readonly string[], budget: number): string[][] {
  const text = lines.join("\n").replace(/^\ufeff/, "");
  if (!text.trimStart().startsWith("{")) {
    return gather(text.split("\n"), budget, bytesOfValue);
  }
  return [...splitDocuments(text)].flatMap(({ json }) => {
    const raw: unknown = JSON.parse(json);
    return isJsonObject(raw) ? splitObject(raw, budget) : [[json]];
  });
}

/**
 * Puts the parts of an export together.
 *
 * @throws SyntaxError for what is not JSON
 */
export function joinDocuments(parts: readonly (readonly string[])[]): string[] {
  const whole = new Map<string, Buildable>();
  for (const [name, room] of parts.flatMap(roomsIn)) {
    const joined = whole.get(name) ?? emptyObject();
    whole.set(name, joined);
    putAll(joined, atomsOf(room));
  }
  return [...whole].flatMap(([name, room]) =>
    layOutRoom(
      name,
      entriesOf(room).map(([section, entries]) => [
        section,
        new Map(entriesOf(entries).map(([key, value]) => [key, JSON.stringify(value)])),
      ]),
    ),
  );
}

function roomsIn(part: readonly string[]): [name: string, room: unknown][] {
  return [...splitDocuments(part.join("\n"))].flatMap(({ json }) => {
    const raw: unknown = JSON.parse(json);
    return isJsonObject(raw) ? entriesOf(raw["rooms"]) : [];
  });
}

function splitObject(raw: JsonObject, budget: number): string[][] {
  const { version, rooms } = raw;
  if (!("rooms" in raw)) return splitRoom(raw, budget).map((piece) => [JSON.stringify(piece)]);
  return entriesOf(rooms).flatMap(([name, room]) =>
    splitRoom(room, budget).map((piece) => [JSON.stringify({ version, rooms: { [name]: piece } })]),
  );
}

function splitRoom(room: unknown, budget: number): JsonObject[] {
  const pieces = gather(atomsOf(room), budget, bytesOf).map((atoms) => {
    const piece = emptyObject();
    putAll(piece, atoms);
    return piece;
  });
  return pieces.length === 0 ? [emptyObject()] : pieces;
}

function atomsOf(room: unknown): Atom[] {
  const { hats, users, expires, grants, base: _, ...others } = isJsonObject(room) ? room : {};
  const times = new Map(entriesOf(expires));
  return [
    ...Object.entries(others).map(([name, value]): Atom => [[[name], value]]),
    ...entriesOf(hats).map(([id, hat]): Atom => [[["hats", id], hat]]),
    ...entriesOf(users).flatMap(([user, wearer]) => {
      const until = times.get(user);
      times.delete(user);
      return wearerAtoms(user, wearer, until);
    }),
    ...[...times].map(([user, until]): Atom => [[["expires", user], until]]),
    ...entriesOf(grants).map(([id, grant]): Atom => [[["grants", id], grant]]),
  ];
}

/* A hat goes together with its time; what has no hat goes with the person. */
function wearerAtoms(user: string, wearer: unknown, until: unknown): Atom[] {
  const worn = isJsonObject(wearer) && Object.keys(wearer).join() === "hats" ? entriesOf(wearer["hats"]) : [];
  const times = new Map(entriesOf(until));
  const atoms = worn.map(([hat, attachment]): Atom => {
    const moment = times.get(hat);
    times.delete(hat);
    const own: Atom = [[["users", user, "hats", hat], attachment]];
    return moment === undefined ? own : [...own, [["expires", user, hat], moment]];
  });
  const rest: Atom = [...times].map(([hat, moment]) => [["expires", user, hat], moment] as const);
  const first = atoms[0] ?? [[["users", user], wearer] as const];
  return [[...first, ...rest], ...atoms.slice(1)];
}

function bytesOf(atom: Atom): number {
  let bytes = 0;
  for (const [path, value] of atom) {
    for (const name of path) bytes += bytesInXml(name) + JSON_BYTES;
    bytes += bytesInXml(JSON.stringify(value));
  }
  return bytes;
}

function gather<Item>(items: readonly Item[], budget: number, bytesOfItem: (item: Item) => number): Item[][] {
  const parts: Item[][] = [];
  let left = 0;
  for (const item of items) {
    const bytes = bytesOfItem(item);
    const part = parts.at(-1);
    if (part === undefined || bytes > left) {
      parts.push([item]);
      left = budget - bytes;
    } else {
      part.push(item);
      left -= bytes;
    }
  }
  return parts;
}

function putAll(into: Buildable, atoms: readonly Atom[]): void {
  for (const [path, value] of atoms.flat()) put(into, path, value);
}

function put(into: Buildable, path: readonly string[], value: unknown): void {
  const last = path.at(-1) ?? "";
  let inner = into;
  for (const name of path.slice(0, -1)) {
    const known = inner[name];
    const next: Buildable = isJsonObject(known) ? known : emptyObject();
    inner[name] = next;
    inner = next;
  }
  inner[last] = value;
}

/* Without a prototype, so that every name is a name. */
function emptyObject(): Buildable {
  return Object.create(null) as Buildable;
}

function entriesOf(raw: unknown): [string, unknown][] {
  return isJsonObject(raw) ? Object.entries(raw) : [];
}
