/**
 * What has to be told to a room so that it shows what the desk says, and nothing more.
 *
 * Three sets of hats are compared, per wearer: desired (the desk), observed (the room's own list) and base (what the
 * desk last put there). What is observed but in neither of the others is somebody else's, and stays. Pure.
 *
 * The base of a hat that is about to be put says "" instead of the title shown: from then on the hat counts as the
 * desk's own, even if nobody learns any more whether the room took it.
 */
import type { BareJid } from "../core/jid.ts";
import type { Base, HatId, User } from "../core/model.ts";
import { compareHats, type TitledHat } from "../core/titles.ts";
import type { DurableRoom } from "../desk/desk.ts";

/** Hats of one person with the title each is shown under. */
export type TitledHats = ReadonlyMap<HatId, string>;

/** Whether a room has one title for a hat, or another for each wearer. */
export type TitleScope = "hat" | "wearer";

/** The commands that one wearer needs, in the order they are sent within each list. */
export interface WearerDifference {
  /** Hats that the room does not show, or under another title. */
  readonly put: readonly TitledHat[];
  readonly take: readonly HatId[];
}

const UNCONFIRMED = "";

/** The hats that a person shows: the active ones, each under the wearer's title, else the room's, else its URI. */
export function desiredHats({ hats, users }: DurableRoom, user: BareJid): TitledHats {
  return wornTitles(users.get(user), hats);
}

/** The active hats of a wardrobe, titled in the same way. */
export function wornTitles(user: User | undefined, hats: DurableRoom["hats"]): TitledHats {
  const worn = new Map<HatId, string>();
  for (const [id, { active, title }] of user?.hats ?? []) {
    if (active) worn.set(id, title ?? hats.get(id)?.title ?? id);
  }
  return worn;
}

/** The smallest set of commands that brings one wearer from observed to desired. */
export function compareWearer(
  desired: TitledHats,
  observed: TitledHats,
  base: Base,
  titles: TitleScope,
): WearerDifference {
  const put: TitledHat[] = [];
  for (const [id, title] of desired) {
    const shown = observed.get(id);
    if (shown === undefined || (titles === "wearer" && shown !== title)) put.push({ id, title });
  }
  const take = [...base.keys()].filter((id) => observed.has(id) && !desired.has(id));
  return { put: put.toSorted(compareHats), take: take.toSorted() };
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
 * The base once the room has answered: of what it shows, all that the desk put there or would have put there.
 *
 * Undefined where the base says so already. A title that the room has for the hat, and not for the wearer, is not kept
 * up to date.
 */
export function settledBase(
  desired: TitledHats,
  observed: TitledHats,
  base: Base,
  titles: TitleScope,
): Base | undefined {
  const settled = new Map([...observed].filter(([id]) => base.has(id) || desired.has(id)));
  const isSettled =
    settled.size === base.size && [...settled].every(([id, title]) => isKept(base.get(id), title, titles));
  return isSettled ? undefined : settled;
}

function isKept(kept: string | undefined, shown: string, titles: TitleScope): boolean {
  if (kept === undefined || kept === UNCONFIRMED) return false;
  return titles === "hat" || kept === shown;
}
