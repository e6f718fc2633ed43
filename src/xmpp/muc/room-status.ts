/** How a room stands, for operators and for whoever waits for it. */
import type { Explanation } from "../../core/explanations.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { ListName } from "../../stanza/muc-affiliations.ts";
import type { ListOutcome } from "./room-affiliations.ts";
import type { SuspensionCode } from "./room-memory.ts";
import type { RoomRefusalCode } from "./room-refusal.ts";
import type { RoomState } from "./room-states.ts";

/** One room now. */
export interface RoomStatus {
  readonly state: RoomState;
  /** Why it is suspended or refused, as a code and in words for the operator. */
  readonly code: RoomRefusalCode | SuspensionCode | undefined;
  readonly why: Explanation | undefined;
  /** The bot's nick there; another than the configured one where that was taken. */
  readonly nick: string;
  /** Undefined while the bot is not in. */
  readonly ownAffiliation: Affiliation | undefined;
  /** What became of the last question for each list. */
  readonly lists: Readonly<Partial<Record<ListName, ListOutcome>>>;
}

/**
 * A person's affiliation is another one than the bot knew.
 *
 * `said`: the room told it about this very person. `listed`: an earlier list of this same room named them, or it had told
 * that they were made something, and the lists of now, being complete, do not have them, or have them as an outcast.
 */
export interface AffiliationChange {
  readonly room: RoomJid;
  readonly user: BareJid;
  readonly affiliation: Affiliation;
  /** Undefined where nothing was known. */
  readonly before: Affiliation | undefined;
  readonly learnt: "said" | "listed";
}

/** The events of all rooms, each with what its listeners get. */
export interface RoomsEvents {
  /** A room is in another state. */
  state: [room: RoomJid, status: RoomStatus];
  affiliation: [change: AffiliationChange];
  /** The lists of a room were read; with `isSameRoom`, who is surely not affiliated by them has lost what they had. */
  listed: [room: RoomJid, isSameRoom: boolean];
  /** Whoever has this nick from now on is not provably who had it: left, renamed, replaced, or the bot came back. */
  "occupancy-ended": [room: RoomJid, nick: string];
}
