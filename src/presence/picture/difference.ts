/**
 * Who decides what a room shows of a hat: the desk, or somebody who used the room's own commands.
 *
 * A three-way merge, hat by hat and wearer by wearer: what the desk says, what was noted when it was last put into the
 * room (the base), and what the room shows. Whoever differs from what was noted has changed something; where both did,
 * the desk wins. All cases are a table in docs/presence.md. Pure.
 *
 * The note of a hat that is about to be put says "" instead of the title shown: from then on the hat counts as the
 * desk's own, even if nobody learns any more whether the room took it.
 */
import type { BareJid } from "../../core/jid.ts";
import type { Base, HatId, User } from "../../core/model.ts";
import { compareHats, type TitledHat } from "../../core/titles.ts";
import type { DurableRoom } from "../../desk/desk.ts";
import type { TitleScope } from "../dialects/room-commands.ts";

/** Hats of one person with the title each is shown under. */
export type TitledHats = ReadonlyMap<HatId, string>;

/** How one hat of one person stands, in three places; undefined where it is not there. */
export interface HatStanding {
  /** The title that the desk wants shown. */
  readonly desk: string | undefined;
  /** The title that was last put into the room; empty while nobody knows whether the room took it. */
  readonly noted: string | undefined;
  readonly room: string | undefined;
}

/**
 * What follows from where a hat stands: the room is told (`put`, `take`), the desk adopts what somebody did in the room
 * (`given`, `taken`, `retitled`), only the note is outdated (`note`, `forget`), or nothing.
 */
export type HatVerdict = "nothing" | "put" | "take" | "given" | "taken" | "retitled" | "note" | "forget";

/** What follows for one wearer, each list in the order in which it is told. */
export interface WearerDifference {
  /** Hats that the room does not show, or under another title. */
  readonly put: readonly TitledHat[];
  readonly take: readonly HatId[];
  /** Hats that somebody gave in the room, under the title that they have there. */
  readonly given: readonly TitledHat[];
  /** Hats that somebody took in the room. */
  readonly taken: readonly HatId[];
  /** Hats that somebody gave another title in the room. */
  readonly retitled: readonly TitledHat[];
}

/** The note of a hat of which nobody knows whether the room took it. */
export const UNCONFIRMED = "";

const NOTHING: TitledHats = new Map();

/** Judges one hat of one person. */
export function mergeHat({ desk, noted, room }: HatStanding, titles: TitleScope): HatVerdict {
  const isSame = (a: string | undefined, b: string | undefined): boolean => titles === "hat" || a === b;
  const wasShown = noted !== undefined && noted !== UNCONFIRMED;
  if (desk === undefined) {
    if (room === undefined) return noted === undefined ? "nothing" : "forget";
    return noted === undefined ? "given" : "take";
  }
  const isAsNoted = wasShown && isSame(desk, noted);
  if (room === undefined) return isAsNoted ? "taken" : "put";
  if (isSame(desk, room)) return isAsNoted ? "nothing" : "note";
  return isAsNoted ? "retitled" : "put";
}

/** Judges all hats of one wearer. */
export function mergeWearer(
  desk: TitledHats,
  noted: Base,
  room: TitledHats,
  titles: TitleScope,
): WearerDifference {
  const put: TitledHat[] = [];
  const take: HatId[] = [];
  const given: TitledHat[] = [];
  const taken: HatId[] = [];
  const retitled: TitledHat[] = [];
  for (const id of idsOf(desk, noted, room)) {
    const standing = { desk: desk.get(id), noted: noted.get(id), room: room.get(id) };
    const verdict = mergeHat(standing, titles);
    if (verdict === "put") put.push({ id, title: standing.desk ?? id });
    if (verdict === "take") take.push(id);
    if (verdict === "given") given.push({ id, title: standing.room ?? id });
    if (verdict === "taken") taken.push(id);
    if (verdict === "retitled") retitled.push({ id, title: standing.room ?? id });
  }
  return { put: put.toSorted(compareHats), take: take.toSorted(), given, taken, retitled };
}

/* Each once. */
function* idsOf(desk: TitledHats, noted: Base, room: TitledHats): Generator<HatId> {
  yield* desk.keys();
  for (const id of noted.keys()) if (!desk.has(id)) yield id;
  for (const id of room.keys()) if (!desk.has(id) && !noted.has(id)) yield id;
}

/** Whether the desk has changed any hat since it was noted, besides those of `others`. */
export function isChangedInDesk(
  desk: TitledHats,
  noted: Base,
  titles: TitleScope,
  others: ReadonlySet<HatId>,
): boolean {
  return [...idsOf(desk, noted, NOTHING)].some((id) => {
    const title = desk.get(id);
    return !others.has(id) && (title === undefined || !isKept(noted.get(id), title, titles));
  });
}

/** How many hats of a wearer somebody changed in the room. */
export function countDeeds({ given, taken, retitled }: WearerDifference): number {
  return given.length + taken.length + retitled.length;
}

/** Whether two lists give everybody the same hats, under whatever titles. */
export function isSameList(
  a: ReadonlyMap<BareJid, TitledHats>,
  b: ReadonlyMap<BareJid, TitledHats>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [user, hats] of a) {
    const others = b.get(user);
    if (others?.size !== hats.size) return false;
    for (const id of hats.keys()) if (!others.has(id)) return false;
  }
  return true;
}

/** The hats that a person shows: the active ones, each under the wearer's title, else the room's, else its URI. */
export function desiredHats({ hats, users }: DurableRoom, user: BareJid): TitledHats {
  return wornTitles(users.get(user), (id) => hats.get(id)?.title);
}

/** The active hats of a wardrobe, titled in the same way. */
export function wornTitles(user: User | undefined, titleOf: (id: HatId) => string | undefined): TitledHats {
  const worn = new Map<HatId, string>();
  for (const [id, { active, title }] of user?.hats ?? []) {
    if (active) worn.set(id, title ?? titleOf(id) ?? id);
  }
  return worn;
}

/**
 * The base that must be durable before these hats are put; undefined where it says so already.
 *
 * A hat that was taken and is put again is announced again: its old title would say that the room has it.
 */
export function announcedBase(base: Base, observed: TitledHats, put: readonly TitledHat[]): Base | undefined {
  const isAnnounced = ({ id }: TitledHat): boolean =>
    observed.has(id) ? base.has(id) : base.get(id) === UNCONFIRMED;
  const unknown = put.filter((hat) => !isAnnounced(hat));
  if (unknown.length === 0) return undefined;
  return new Map([...base, ...unknown.map(({ id }): [HatId, string] => [id, UNCONFIRMED])]);
}

/**
 * The base once the room has answered: of what it shows, all that is the desk's, and what somebody took or renamed
 * there and the desk has not adopted yet.
 *
 * Undefined where `base`, which is what is durable, says so already. A title that the room has for the hat, and not for
 * the wearer, is not kept up to date.
 */
export function settledBase(
  standing: { readonly desk: TitledHats; readonly noted: Base; readonly room: TitledHats },
  base: Base,
  titles: TitleScope,
): Base | undefined {
  const { desk, noted, room } = standing;
  const settled = new Map<HatId, string>();
  for (const id of new Set([...desk.keys(), ...room.keys()])) {
    const [before, shown] = [noted.get(id), room.get(id)];
    const verdict = mergeHat({ desk: desk.get(id), noted: before, room: shown }, titles);
    const isNative = verdict === "taken" || verdict === "retitled";
    const kept = isNative ? before : verdict === "given" ? undefined : shown;
    if (kept !== undefined) settled.set(id, kept);
  }
  const isSettled =
    settled.size === base.size && [...settled].every(([id, title]) => isKept(base.get(id), title, titles));
  return isSettled ? undefined : settled;
}

function isKept(kept: string | undefined, shown: string, titles: TitleScope): boolean {
  if (kept === undefined || kept === UNCONFIRMED) return false;
  return titles === "hat" || kept === shown;
}
