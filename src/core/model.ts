/**
 * What the desk keeps: rooms, the hats each room knows, and who has which.
 *
 * The user and its attachments are the data model of Prosody's mod_muc_hats_api. Maps, never plain objects, so that
 * `__proto__` is a name like any other. Values inside a Map are replaced, never altered, so whoever holds one may keep it.
 */
import type { BareJid, RoomJid } from "./jid.ts";

declare const brand: unique symbol;

/** A hat's identifier: an absolute URI (RFC 3986), compared character by character. */
export type HatId = string & { readonly [brand]: "HatId" };

/** XEP-0045, section 5.2. Affiliated means owner, admin or member. */
export type Affiliation = "owner" | "admin" | "member" | "none" | "outcast";

/** How one person has one hat; an omitted boolean means false, an omitted title the room's title for the hat. */
export interface Attachment {
  /** Whether the wearer shows the hat. */
  readonly active?: boolean;
  /** Whether the wearer may not take it off. */
  readonly required?: boolean;
  readonly title?: string;
}

/** The hats of one person in one room. */
export type Wardrobe = ReadonlyMap<HatId, Attachment>;

/** The seed's user object. */
export interface User {
  readonly hats: Wardrobe;
}

/** A hat as the room's catalogue knows it. */
export interface Hat {
  readonly title?: string;
  /** Degrees, 0 to 360 (XEP-0392). */
  readonly hue?: number;
  /** How long it is worn where nobody says otherwise, in seconds; omitted means until it is taken. */
  readonly defaultExpires?: number;
}

/** What the desk last put into the room for one wearer: hat id to the title shown. */
export type Base = ReadonlyMap<HatId, string>;

/** When hats of one person lapse: ISO 8601, UTC, to the millisecond; only of hats they have. */
export type Expiries = ReadonlyMap<HatId, string>;

/** Who may give and take one hat besides those who may give and take all. */
export interface Grant {
  /** Sorted, each once. */
  readonly users: readonly BareJid[];
  /** Whether every member may. */
  readonly members: boolean;
}

export interface Room {
  readonly hats: Map<HatId, Hat>;
  readonly users: Map<BareJid, User>;
  readonly expires: Map<BareJid, Expiries>;
  readonly grants: Map<HatId, Grant>;
  readonly base: Map<BareJid, Base>;
}

/** A room that was added by command; the rooms of the configuration are not among them. */
export interface ManagedRoom {
  /** The bot's nick there; omitted means the usual one. */
  readonly nick?: string;
  /** Whether changes are told in the room's chat. */
  readonly announce?: boolean;
}

/** What a room had when another room took its address. */
export type Archive = Pick<Room, "hats" | "users" | "expires" | "grants">;

export interface State {
  readonly rooms: Map<RoomJid, Room>;
  readonly managed: Map<RoomJid, ManagedRoom>;
  /** By the time of archiving (ISO 8601, UTC), the oldest first. */
  readonly archives: Map<RoomJid, ReadonlyMap<string, Archive>>;
}

/** What a transition may ask about one room that the desk keeps. */
export interface RoomView {
  hat(id: HatId): Hat | undefined;
  hatIds(): Iterable<HatId>;
  hatCount(): number;
  user(jid: BareJid): User | undefined;
  /** Everybody who has a hat, in no particular order. */
  userJids(): Iterable<BareJid>;
  expiries(user: BareJid): Expiries | undefined;
  grant(hat: HatId): Grant | undefined;
  /** What was last put into the room for a wearer. */
  base(user: BareJid): Base | undefined;
  /** The room's own word on this person, as last heard. */
  affiliation(jid: BareJid): Affiliation;
}

/** What a transition may ask about the world; `room` is undefined for a room the desk does not keep. */
export interface View {
  room(jid: RoomJid): RoomView | undefined;
  /** How a room was added by command; undefined for any other. */
  managed(jid: RoomJid): ManagedRoom | undefined;
  /** What earlier rooms of this address had, by the time of archiving, the oldest first. */
  archives(jid: RoomJid): ReadonlyMap<string, Archive>;
}

export const NO_HATS: Wardrobe = new Map();
export const NO_EXPIRIES: Expiries = new Map();
export const NO_ARCHIVES: ReadonlyMap<string, Archive> = new Map();

/** A state with no rooms. */
export function emptyState(): State {
  return { rooms: new Map(), managed: new Map(), archives: new Map() };
}

export function emptyRoom(): Room {
  return { hats: new Map(), users: new Map(), expires: new Map(), grants: new Map(), base: new Map() };
}

export function emptyArchive(): Archive {
  return { hats: new Map(), users: new Map(), expires: new Map(), grants: new Map() };
}

/** Whether an affiliation is one that a hat may be given to (the seed: member, admin or owner). */
export function isAffiliated(affiliation: Affiliation): boolean {
  return affiliation === "owner" || affiliation === "admin" || affiliation === "member";
}

/** Whether two attachments say the same. */
export function isSameAttachment(a: Attachment, b: Attachment): boolean {
  return !!a.active === !!b.active && !!a.required === !!b.required && a.title === b.title;
}

/** Whether two hats are the same to a room. */
export function isSameHat(a: Hat, b: Hat): boolean {
  return a.title === b.title && a.hue === b.hue && a.defaultExpires === b.defaultExpires;
}

/** Whether the same people may give a hat; undefined means nobody besides those who may give all. */
export function isSameGrant(a: Grant | undefined, b: Grant | undefined): boolean {
  return a?.members === b?.members && a?.users.join(" ") === b?.users.join(" ");
}

/** Whether two wardrobes hold the same hats in the same way, whatever their order. */
export function isSameWardrobe(a: Wardrobe, b: Wardrobe): boolean {
  if (a.size !== b.size) return false;
  for (const [id, attachment] of a) {
    const other = b.get(id);
    if (other === undefined || !isSameAttachment(attachment, other)) return false;
  }
  return true;
}

/**
 * The same wardrobe in the order of its hats' ids, which is the order of every wardrobe that is kept.
 *
 * So that the same hats always read and write alike, in whatever order they came.
 */
export function sortWardrobe(wardrobe: Wardrobe): Wardrobe {
  return inOrderOfKeys(wardrobe);
}

/** The same archives, the oldest first, in whatever order they came. */
export function oldestFirst(archives: ReadonlyMap<string, Archive>): ReadonlyMap<string, Archive> {
  return inOrderOfKeys(archives);
}

function inOrderOfKeys<K extends string, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  let last = "";
  for (const key of map.keys()) {
    if (key < last) return new Map([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    last = key;
  }
  return map;
}
