/**
 * A room as the store writes it, in parts: each is a document of its own, and one after another they are the room.
 *
 * A part holds some people's hats in the order of addresses and URIs, with what the room knows of those hats, so that it
 * can be taken in alone. Hats that nobody has come last. Where to go on is named by the last person and hat, not by a
 * number, so that what comes and goes between two parts neither repeats others nor hides them. Only as many people as
 * can fit a part are put in order, never the whole room.
 */
import { badField } from "../../core/errors.ts";
import { isHatId } from "../../core/hat-id.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { putWithin } from "../../core/maps.ts";
import { type Attachment, type HatId, type RoomView, sortWardrobe, type Wardrobe } from "../../core/model.ts";
import { FORMAT } from "../../store/format.ts";
import { bytesOfValue, VALUE_BUDGET } from "../room/stanza-budget.ts";

/* So many people are put in order at a time: about as many as fit a part. */
const MOST_PEOPLE = 1_000;

/** Some of a room, as lines of JSON. */
export interface DocumentPart {
  readonly lines: readonly string[];
  /** After which entry the next part begins; undefined where this is the last one. */
  readonly next: string | undefined;
}

/* One hat on one person, or a hat that nobody has. */
type Entry =
  | { readonly user: BareJid; readonly hat: HatId; readonly attachment: Attachment }
  | { readonly hat: HatId };

interface Key {
  readonly user: BareJid | undefined;
  readonly hat: HatId;
}

/** The part of a room's document that begins after an entry, or with the first one. Throws HatsError bad-field. */
export function buildPart(room: RoomJid, view: RoomView, after: string | undefined): DocumentPart {
  const part = new Part(view);
  let last: Entry | undefined;
  for (const entry of entriesAfter(view, after === undefined ? undefined : parseKey(after))) {
    if (!part.take(entry)) return { lines: part.lines(room), next: last && keyOf(last) };
    last = entry;
  }
  return { lines: part.lines(room), next: undefined };
}

function* entriesAfter(view: RoomView, key: Key | undefined): Generator<Entry> {
  if (key === undefined || key.user !== undefined) {
    for (const user of usersFrom(view, key?.user)) {
      const from = key?.user === user ? key.hat : undefined;
      for (const [hat, attachment] of sortWardrobe(view.user(user)?.hats ?? new Map()))
        if (from === undefined || hat > from) yield { user, hat, attachment };
    }
  }
  const from = key?.user === undefined ? key?.hat : undefined;
  for (const hat of unwornHats(view)) if (from === undefined || hat > from) yield { hat };
}

/* In order, `from` first. */
function* usersFrom(view: RoomView, from: BareJid | undefined): Generator<BareJid> {
  let users = firstUsers(view, from);
  yield* users;
  while (users.length === MOST_PEOPLE) {
    const last = users.at(-1);
    users = firstUsers(view, last);
    yield* users.filter((user) => user !== last);
  }
}

function firstUsers(view: RoomView, from: BareJid | undefined): BareJid[] {
  const first: BareJid[] = [];
  for (const user of view.userJids()) {
    const last = first[MOST_PEOPLE - 1];
    if ((from !== undefined && user < from) || (last !== undefined && user > last)) continue;
    first.splice(placeOf(user, first), 0, user);
    if (first.length > MOST_PEOPLE) first.pop();
  }
  return first;
}

function placeOf(user: BareJid, sorted: readonly BareJid[]): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? "") < user) low = middle + 1;
    else high = middle;
  }
  return low;
}

function unwornHats(view: RoomView): HatId[] {
  const worn = new Set<HatId>();
  for (const user of view.userJids()) for (const hat of view.user(user)?.hats.keys() ?? []) worn.add(hat);
  return [...view.hatIds()].filter((hat) => !worn.has(hat)).toSorted();
}

/* A URI holds no space, and an address no colon before its @. */
function keyOf(entry: Entry): string {
  return "user" in entry ? `${entry.user} ${entry.hat}` : entry.hat;
}

function parseKey(after: string): Key {
  const space = after.lastIndexOf(" ");
  const hat = after.slice(space + 1);
  if (!isHatId(hat)) throw badField("after", "not-a-part-key");
  return { user: space <= 0 ? undefined : (after.slice(0, space) as BareJid), hat };
}

/** A document of one room, given as its sections of JSON by name, an entry a line, as the store writes it. */
export function layOutRoom(
  room: string,
  sections: readonly (readonly [name: string, entries: ReadonlyMap<string, string>])[],
): string[] {
  const body = sections.flatMap(([name, entries], index) =>
    sectionLines(name, entries, index === sections.length - 1),
  );
  return [`{"version":${FORMAT.version},"rooms":{${JSON.stringify(room)}:{`, ...body, "}}}"];
}

/** Gathers entries while they fit. */
class Part {
  readonly #view: RoomView;
  #left = VALUE_BUDGET;
  readonly #hats = new Map<HatId, string>();
  readonly #grants = new Map<HatId, string>();
  readonly #users = new Map<BareJid, Map<HatId, Attachment>>();
  readonly #expires = new Map<BareJid, Map<HatId, string>>();

  constructor(view: RoomView) {
    this.#view = view;
  }

  /** Takes an entry, or returns false where it does not fit any more; the first one always does. */
  take(entry: Entry): boolean {
    const bytes = this.#bytesOf(entry);
    if (bytes > this.#left && this.#hats.size > 0) return false;
    this.#left -= bytes;
    this.#takeHat(entry.hat);
    if ("user" in entry) this.#takeWorn(entry.user, entry.hat, entry.attachment);
    return true;
  }

  /** The document, one hat and one person a line, as the store writes them. */
  lines(room: RoomJid): string[] {
    const users = mapValues(this.#users, (hats: Wardrobe) =>
      JSON.stringify({ hats: Object.fromEntries(hats) }),
    );
    const expires = mapValues(this.#expires, (until) => JSON.stringify(Object.fromEntries(until)));
    const sections: [string, ReadonlyMap<string, string>][] = [
      ["hats", this.#hats],
      ["users", users],
    ];
    if (expires.size > 0) sections.push(["expires", expires]);
    if (this.#grants.size > 0) sections.push(["grants", this.#grants]);
    return layOutRoom(room, sections);
  }

  #takeHat(hat: HatId): void {
    if (this.#hats.has(hat)) return;
    this.#hats.set(hat, JSON.stringify(this.#view.hat(hat) ?? {}));
    const grant = this.#view.grant(hat);
    if (grant !== undefined) this.#grants.set(hat, JSON.stringify(grant));
  }

  #takeWorn(user: BareJid, hat: HatId, attachment: Attachment): void {
    putWithin(this.#users, user, hat, attachment);
    const until = this.#view.expiries(user)?.get(hat);
    if (until !== undefined) putWithin(this.#expires, user, hat, until);
  }

  #bytesOf(entry: Entry): number {
    const texts: string[] = [];
    if (!this.#hats.has(entry.hat)) {
      const grant = this.#view.grant(entry.hat);
      texts.push(JSON.stringify(entry.hat), JSON.stringify(this.#view.hat(entry.hat) ?? {}));
      if (grant !== undefined) texts.push(JSON.stringify(entry.hat), JSON.stringify(grant));
    }
    if ("user" in entry) {
      const { user, hat, attachment } = entry;
      texts.push(JSON.stringify(user), JSON.stringify({ hats: { [hat]: attachment } }));
      const until = this.#view.expiries(user)?.get(hat);
      if (until !== undefined) texts.push(JSON.stringify(user), JSON.stringify({ [hat]: until }));
    }
    return texts.reduce((sum, text) => sum + bytesOfValue(text), 0);
  }
}

function mapValues<K, V>(map: ReadonlyMap<K, V>, build: (value: V) => string): Map<K, string> {
  return new Map([...map].map(([key, value]) => [key, build(value)]));
}

function sectionLines(name: string, entries: ReadonlyMap<string, string>, isLast: boolean): string[] {
  const end = isLast ? "" : ",";
  if (entries.size === 0) return [`"${name}":{}${end}`];
  const lines = [...entries].map(([key, json]) => `${JSON.stringify(key)}:${json},`);
  const last = lines.pop()?.slice(0, -1) ?? "";
  return [`"${name}":{`, ...lines, last, `}${end}`];
}
