/**
 * The three transitions everything else is built from: add, remove and set a person's hats.
 *
 * They follow Prosody's mod_muc_hats_api: the same names, the same two item-not-found cases in the same order, the same
 * replacement by set, the same success when there was nothing to remove. They differ from it where it harms (each a
 * test): every value is judged before anything changes, nothing is shared with the caller, what changes nothing yields
 * no change, and an outcast does not count as affiliated.
 *
 * A hat that leaves a wardrobe takes its expiry with it, a hat that stays keeps it (expiry.ts).
 *
 * Pure: they read a view and return changes; nobody is altered until somebody applies them.
 */
import type { Change } from "./change.ts";
import { badField, HatsError } from "./errors.ts";
import { dueHats, expiriesOf, isSameExpiries, type Term } from "./expiry.ts";
import { parseHatId } from "./hat-id.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import {
  type Attachment,
  type HatId,
  isAffiliated,
  isSameAttachment,
  isSameWardrobe,
  NO_HATS,
  type RoomView,
  sortWardrobe,
  type View,
  type Wardrobe,
} from "./model.ts";
import { parseTitle } from "./titles.ts";

/**
 * Makes a hat available to a person, replacing how they had it before.
 *
 * A hat the room does not know enters its catalogue, with the attachment's title if it has one. Without `term` a hat
 * that is new is worn until it is taken.
 *
 * @throws HatsError no-such-room, not-affiliated, bad-field
 */
export function addUserHat(
  view: View,
  userJid: BareJid,
  roomJid: RoomJid,
  hatId: string,
  attachment: Attachment = {},
  limits: Limits = DEFAULT_LIMITS,
  term?: Term,
): readonly Change[] {
  const room = affiliatedRoom(view, userJid, roomJid);
  const id = parseHatId(hatId);
  const worn = wardrobeOf(room, userJid);
  const wardrobe = new Map(worn).set(id, attach(worn.get(id), attachment, limits));
  return dress(room, roomJid, userJid, wardrobe, limits, term);
}

/**
 * Takes a hat away from a person; one they do not have is no change.
 *
 * @throws HatsError no-such-room, not-affiliated, bad-field
 */
export function removeUserHat(
  view: View,
  userJid: BareJid,
  roomJid: RoomJid,
  hatId: string,
): readonly Change[] {
  const room = affiliatedRoom(view, userJid, roomJid);
  const wardrobe = new Map(wardrobeOf(room, userJid));
  wardrobe.delete(parseHatId(hatId));
  return dress(room, roomJid, userJid, wardrobe);
}

/**
 * Makes these the hats of a person, all of them: what is missing is added, what is not named is removed.
 *
 * @throws HatsError no-such-room, not-affiliated, bad-field
 */
export function setUserHats(
  view: View,
  userJid: BareJid,
  roomJid: RoomJid,
  hats: ReadonlyMap<string, Attachment>,
  limits: Limits = DEFAULT_LIMITS,
  term?: Term,
): readonly Change[] {
  const room = affiliatedRoom(view, userJid, roomJid);
  const field = "hats";
  const worn = wardrobeOf(room, userJid);
  const wardrobe = new Map<HatId, Attachment>();
  for (const [text, attachment] of hats) {
    const id = parseHatId(text, field);
    wardrobe.set(id, attach(worn.get(id), attachment, limits));
  }
  return dress(room, roomJid, userJid, wardrobe, limits, term, field);
}

/**
 * Takes those hats from a person whose time is over at a moment; whether they are affiliated is not asked.
 *
 * @throws HatsError no-such-room
 */
export function lapseHats(view: View, userJid: BareJid, roomJid: RoomJid, now: string): readonly Change[] {
  const room = keptRoom(view, roomJid);
  const wardrobe = new Map(wardrobeOf(room, userJid));
  for (const id of dueHats(room.expiries(userJid), now)) wardrobe.delete(id);
  return dress(room, roomJid, userJid, wardrobe);
}

/**
 * Takes every hat from a person who lost their affiliation, which is not asked for again.
 *
 * @throws HatsError no-such-room
 */
export function stripUser(view: View, userJid: BareJid, roomJid: RoomJid): readonly Change[] {
  const room = keptRoom(view, roomJid);
  return dress(room, roomJid, userJid, new Map());
}

/** The hats of one person, none where nothing is known of them. */
export function wardrobeOf(room: RoomView, userJid: BareJid): Wardrobe {
  return room.user(userJid)?.hats ?? NO_HATS;
}

/** What a change does to a wardrobe, as a note tells it: ids in the order of the wardrobes. */
export interface WardrobeDifference {
  readonly added: readonly HatId[];
  readonly changed: readonly HatId[];
  readonly removed: readonly HatId[];
}

/** Compares two wardrobes hat by hat. */
export function compareWardrobes(before: Wardrobe, after: Wardrobe): WardrobeDifference {
  const added: HatId[] = [];
  const changed: HatId[] = [];
  for (const [id, attachment] of after) {
    const previous = before.get(id);
    if (previous === undefined) added.push(id);
    else if (!isSameAttachment(previous, attachment)) changed.push(id);
  }
  return { added, changed, removed: [...before.keys()].filter((id) => !after.has(id)) };
}

function affiliatedRoom(view: View, userJid: BareJid, roomJid: RoomJid): RoomView {
  const room = keptRoom(view, roomJid);
  if (!isAffiliated(room.affiliation(userJid))) throw new HatsError("not-affiliated");
  return room;
}

/* What says the same as before stays as it was written: a set and the adds it stands for give one state. */
function attach(before: Attachment | undefined, attachment: Attachment, limits: Limits): Attachment {
  const after = readAttachment(attachment, before?.title, limits);
  return before !== undefined && isSameAttachment(before, after) ? before : after;
}

/*
 * Keeps exactly active, required and title, judged, in a copy of its own. A title that stays is not judged again: it may have
 * been given under other limits.
 */
function readAttachment(
  { active, required, title }: Attachment,
  kept: string | undefined,
  limits: Limits,
): Attachment {
  const own: { -readonly [Name in keyof Attachment]: Attachment[Name] } = {};
  if (active !== undefined) own.active = readFlag("active", active);
  if (required !== undefined) own.required = readFlag("required", required);
  if (title !== undefined) own.title = title === kept ? title : readTitle(title, limits);
  return own;
}

function readFlag(name: "active" | "required", value: unknown): boolean {
  if (typeof value !== "boolean") throw badField(name, "not-a-boolean");
  return value;
}

function readTitle(title: unknown, limits: Limits): string {
  if (typeof title !== "string") throw badField("title", "not-a-text");
  return parseTitle(title, limits);
}

function dress(
  room: RoomView,
  roomJid: RoomJid,
  user: BareJid,
  wardrobe: Wardrobe,
  limits: Limits = DEFAULT_LIMITS,
  term?: Term,
  field = "hat",
): readonly Change[] {
  const before = room.user(user);
  const worn = before?.hats ?? NO_HATS;
  const expiring = changeExpiries(room, roomJid, user, worn, wardrobe, term);
  if (isSameWardrobe(worn, wardrobe)) return expiring;
  if (wardrobe.size > limits.hatsPerUser && wardrobe.size > worn.size) {
    throw badField(field, "wearer-is-full", { max: limits.hatsPerUser });
  }
  const after = wardrobe.size === 0 ? undefined : { hats: sortWardrobe(wardrobe) };
  return [
    ...enterCatalogue(room, roomJid, wardrobe, limits, field),
    { kind: "user", room: roomJid, user, before, after },
    ...expiring,
  ];
}

function changeExpiries(
  room: RoomView,
  roomJid: RoomJid,
  user: BareJid,
  worn: Wardrobe,
  wardrobe: Wardrobe,
  term?: Term,
): readonly Change[] {
  const before = room.expiries(user);
  const after = expiriesOf(room, before, worn, wardrobe, term);
  return before === after || isSameExpiries(before, after)
    ? []
    : [{ kind: "expires", room: roomJid, user, before, after }];
}

function enterCatalogue(
  room: RoomView,
  roomJid: RoomJid,
  wardrobe: Wardrobe,
  limits: Limits,
  field: string,
): Change[] {
  const entering: Change[] = [];
  for (const [hat, { title }] of wardrobe) {
    if (room.hat(hat) !== undefined) continue;
    const after = title === undefined ? {} : { title };
    entering.push({ kind: "hat", room: roomJid, hat, before: undefined, after });
  }
  if (entering.length > 0 && entering.length + room.hatCount() > limits.hatsPerRoom) {
    throw badField(field, "room-is-full", { max: limits.hatsPerRoom });
  }
  return entering;
}
