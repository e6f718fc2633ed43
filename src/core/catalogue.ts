/**
 * The two transitions of a room's catalogue: a hat is made or changed, a hat is retired.
 *
 * Pure, like the transitions of hats.ts. Leaves out identifiers: whoever calls brings the id of a new hat.
 */
import type { Change } from "./change.ts";
import { badField, type HatsError } from "./errors.ts";
import { MAX_EXPIRES_SECONDS } from "./expiry.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import type { Limits } from "./limits.ts";
import { type Hat, type HatId, isSameHat, type RoomView, type View } from "./model.ts";
import { parseTitle } from "./titles.ts";

/** What a hat is to be; an omitted property stays as it is, null takes it away. */
export interface HatWish {
  readonly title: string;
  /** Degrees, 0 to 360. Without one, the hat has the colour of its title. */
  readonly hue?: number | null;
  /** Seconds. Without it, the hat is worn until it is taken; it counts for whoever gets the hat from then on. */
  readonly defaultExpires?: number | null;
}

/**
 * Makes a hat of a room, or changes one; what is so already is no change.
 *
 * @throws HatsError no-such-room, bad-field
 */
export function defineHat(
  view: View,
  roomJid: RoomJid,
  hat: HatId,
  wish: HatWish,
  limits: Limits,
): readonly Change[] {
  const room = keptRoom(view, roomJid);
  const before = room.hat(hat);
  const after = fulfil(wish, before ?? {}, limits);
  if (before !== undefined && isSameHat(before, after)) return [];
  if (before === undefined && room.hatCount() >= limits.hatsPerRoom) {
    throw badField("hat", "room-is-full", { max: limits.hatsPerRoom });
  }
  return [{ kind: "hat", room: roomJid, hat, before, after }];
}

/**
 * Takes a hat off everybody and out of the catalogue, with all that hangs on it: when it lapses, and who may give it.
 *
 * Whoever has it and is not affiliated any more loses it like everybody else.
 *
 * @throws HatsError no-such-room, bad-field
 */
export function retireHat(view: View, roomJid: RoomJid, hat: HatId): readonly Change[] {
  const room = keptRoom(view, roomJid);
  const before = room.hat(hat);
  if (before === undefined) throw unknownHat();
  return [
    ...wearersOf(room, hat).flatMap((user) => undress(room, roomJid, user, hat)),
    ...endGrant(room, roomJid, hat),
    { kind: "hat", room: roomJid, hat, before, after: undefined },
  ];
}

/** Everybody who has a hat, shown or not, in no particular order. */
export function wearersOf(room: RoomView, hat: HatId): BareJid[] {
  return [...room.userJids()].filter((user) => room.user(user)?.hats.has(hat));
}

/** Refuses a hat that the room does not know. */
export function unknownHat(field = "hat"): HatsError {
  return badField(field, "unknown-hat");
}

function fulfil(wish: HatWish, before: Hat, limits: Limits): Hat {
  const after: { -readonly [Name in keyof Hat]: Hat[Name] } = {
    ...before,
    title: parseTitle(wish.title, limits),
  };
  if (wish.hue === null) delete after.hue;
  else if (wish.hue !== undefined) after.hue = readHue(wish.hue);
  if (wish.defaultExpires === null) delete after.defaultExpires;
  else if (wish.defaultExpires !== undefined) after.defaultExpires = readSeconds(wish.defaultExpires);
  return after;
}

function readHue(hue: number): number {
  if (hue >= 0 && hue <= 360) return hue;
  throw badField("hue", "hue-range");
}

function readSeconds(seconds: number): number {
  if (Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= MAX_EXPIRES_SECONDS) return seconds;
  throw badField("default-expires", "default-expires-range");
}

function undress(room: RoomView, roomJid: RoomJid, user: BareJid, hat: HatId): Change[] {
  const before = room.user(user);
  const hats = without(before?.hats, hat);
  const change: Change = { kind: "user", room: roomJid, user, before, after: hats && { hats } };
  const expiries = room.expiries(user);
  if (!expiries?.has(hat)) return [change];
  const after = without(expiries, hat);
  return [change, { kind: "expires", room: roomJid, user, before: expiries, after }];
}

function endGrant(room: RoomView, roomJid: RoomJid, hat: HatId): Change[] {
  const before = room.grant(hat);
  return before === undefined ? [] : [{ kind: "grant", room: roomJid, hat, before, after: undefined }];
}

/* Nothing at all, rather than an empty map. */
function without<K, V>(map: ReadonlyMap<K, V> | undefined, key: K): ReadonlyMap<K, V> | undefined {
  const left = new Map(map);
  left.delete(key);
  return left.size === 0 ? undefined : left;
}
