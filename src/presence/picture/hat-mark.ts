/**
 * What was last put into a room's own list of hats, kept durably among the bases.
 *
 * Each hat's mark is the base of somebody who is nobody: no address ends in `@:`, so no wearer can be taken for it. It
 * says under which title and hue the room was last seen to have the hat, and whether the desk made it there: only such a
 * hat is ever destroyed.
 */
import type { BareJid } from "../../core/jid.ts";
import type { Base, HatId } from "../../core/model.ts";

/** What is known of a hat in the room's own list. */
export interface HatMark {
  readonly isMade: boolean;
  readonly title: string;
  readonly hue: number | undefined;
}

const END = "@:";

/**
 * The base of nobody and of no hat, in a copy of the store: the room may have been told otherwise since, and is to be
 * told what the copy has.
 */
export const RESTORED = `restored${END}` as BareJid;

/** Under whose name the mark of a hat is kept. */
export function markKey(hat: HatId): BareJid {
  return `${encodeURIComponent(hat)}${END}` as BareJid;
}

/** Whether a base is that of no wearer. */
export function isMarkKey(user: BareJid): boolean {
  return user.endsWith(END);
}

/** The hat whose mark a base is. */
export function markedHat(key: BareJid): HatId {
  return decodeURIComponent(key.slice(0, -END.length)) as HatId;
}

/** Builds a mark as it is kept. */
export function buildMark(hat: HatId, { isMade, title, hue }: HatMark): Base {
  return new Map([[hat, `${isMade ? "made" : "known"} ${hue ?? "-"} ${title}`]]);
}

/** Reads a mark; undefined where there is none. */
export function parseMark(hat: HatId, base: Base | undefined): HatMark | undefined {
  const [, kind, hue, title] = /^(made|known) (\S+) (.*)$/su.exec(base?.get(hat) ?? "") ?? [];
  if (title === undefined) return undefined;
  return { isMade: kind === "made", title, hue: hue === "-" ? undefined : Number(hue) };
}
