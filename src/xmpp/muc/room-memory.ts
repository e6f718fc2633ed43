/**
 * What the bot remembers of a room while it is not there, so that it knows the same room again.
 *
 * A destroyed and newly created room has the address of the old one and none of its people. XEP-0045 gives rooms no
 * identity; but the occupant-id (XEP-0421) that a room gives the bot is made with a secret of that room's own, so that
 * another one means another room. Where there are no occupant-ids, a bot that was affiliated and is no longer has
 * reason for doubt. Leaves out where it is kept.
 */
import type { RoomJid } from "../../core/jid.ts";
import { type Affiliation, isAffiliated } from "../../core/model.ts";

/** How it is known that another room has the address of the one that the desk knows. */
export const REPLACEMENTS = {
  created: "the room did not exist and came into being when the bot entered",
  destroyed: "the room was destroyed, and one of the same name took its place",
  recreated: "another room of the same name took the place of the one the desk knows",
} as const satisfies Record<string, string>;

export type Replacement = keyof typeof REPLACEMENTS;

/** What was last seen of a room. */
export interface RoomMark {
  /** The bot's own occupant-id there, where the room writes them. */
  readonly ownId: string | undefined;
  readonly ownAffiliation: Affiliation;
  /** The service said since then that there is no such room. */
  readonly wasMissing?: boolean;
  /** The room of this mark is gone for good: whatever has its address is another one. */
  readonly replaced?: Replacement | undefined;
  /** It may be another room; stays until a config admin says which it is. */
  readonly isDoubted?: boolean;
}

/** Where marks are kept. */
export interface RoomMemory {
  recall(room: RoomJid): RoomMark | undefined;
  /** Keeps a mark; undefined forgets the room. */
  keep(room: RoomJid, mark: RoomMark | undefined): void;
  /** Resolves when everything kept so far is as safe as it gets: true where a restart will know it. */
  flush(): Promise<boolean>;
}

/**
 * Whether a room is the one that is remembered. `new`, `same` and `unsure` are served as they are, but only the same
 * room's lists prove that somebody is no longer affiliated; a replacement is served bare; `forgotten` is not served.
 */
export type Recognition = "new" | "same" | "unsure" | "forgotten" | Replacement;

/** Says whether the room the bot is in now is the one it remembers. */
export function recognise(mark: RoomMark | undefined, now: RoomMark): Recognition {
  if (mark === undefined) return "new";
  if (mark.replaced !== undefined) return mark.replaced;
  if (mark.isDoubted === true) return "forgotten";
  if (mark.ownId !== undefined && now.ownId !== undefined)
    return mark.ownId === now.ownId ? "same" : "recreated";
  if (mark.wasMissing === true) return "recreated";
  if (isAffiliated(mark.ownAffiliation) && !isAffiliated(now.ownAffiliation)) return "forgotten";
  return "unsure";
}

/** Whether a recognition means that another room has taken the address. */
export function isReplacement(recognition: Recognition): recognition is Replacement {
  return recognition in REPLACEMENTS;
}

/** Why a room that the bot is in is not served; its words are the explanation `suspended-` and the code. */
export const SUSPENSIONS = ["forgotten", "unarchived"] as const;

export type SuspensionCode = (typeof SUSPENSIONS)[number];
