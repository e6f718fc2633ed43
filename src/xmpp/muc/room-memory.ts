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

/** Why a room is not served although the bot is, or was, in it. */
export type SuspensionCode = "created" | "destroyed" | "recreated" | "forgotten";

/** What was last seen of a room. */
export interface RoomMark {
  /** The bot's own occupant-id there, where the room writes them. */
  readonly ownId: string | undefined;
  readonly ownAffiliation: Affiliation;
  /** The service said since then that there is no such room. */
  readonly wasMissing?: boolean;
  /** Stays until a config admin admits the room as it is. */
  readonly suspended?: SuspensionCode | undefined;
}

/** Where marks are kept. */
export interface RoomMemory {
  recall(room: RoomJid): RoomMark | undefined;
  /** Keeps a mark; undefined forgets the room. */
  keep(room: RoomJid, mark: RoomMark | undefined): void;
}

/** Remembers as long as the program runs. */
export function volatileMemory(): RoomMemory {
  const marks = new Map<RoomJid, RoomMark>();
  return {
    recall: (room) => marks.get(room),
    keep(room, mark) {
      if (mark === undefined) marks.delete(room);
      else marks.set(room, mark);
    },
  };
}

/** `same` and `unsure` are served, but only the same room's lists prove that somebody is no longer affiliated. */
export type Recognition = "new" | "same" | "unsure" | SuspensionCode;

/** Says whether the room the bot is in now is the one it remembers. */
export function recognise(mark: RoomMark | undefined, now: RoomMark): Recognition {
  if (mark === undefined) return "new";
  if (mark.suspended !== undefined) return mark.suspended;
  if (mark.ownId !== undefined && now.ownId !== undefined)
    return mark.ownId === now.ownId ? "same" : "recreated";
  if (mark.wasMissing === true) return "recreated";
  if (isAffiliated(mark.ownAffiliation) && !isAffiliated(now.ownAffiliation)) return "forgotten";
  return "unsure";
}

/** What the operator is told of a suspended room. */
export const SUSPENSIONS: Readonly<Record<SuspensionCode, string>> = {
  created: "the room did not exist and came into being when the bot entered",
  destroyed: "the room was destroyed, and one of the same name took its place",
  recreated: "another room of the same name took the place of the one the desk knows",
  forgotten: "the room no longer knows the bot as one of its own; it may be another room of the same name",
};
