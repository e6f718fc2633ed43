/**
 * One transaction as it is kept: what changed in one room, who did it, when and why.
 *
 * The journal records it, the history keeps it, and everybody who follows the desk is told it.
 */
import type { Change } from "./change.ts";
import type { BareJid, RoomJid } from "./jid.ts";

/**
 * Who caused a change: a person from their own address, an occupant whose real address may be unknown, the room itself
 * (an affiliation ended there), the desk itself (a hat's time is over), or the program that embeds the desk.
 * `address` is the full address that a request came from.
 */
export type Author =
  | { readonly kind: "account"; readonly jid: BareJid; readonly address?: string }
  | { readonly kind: "occupant"; readonly nick: string; readonly jid?: BareJid; readonly address?: string }
  | { readonly kind: "room" }
  | { readonly kind: "desk" }
  | { readonly kind: "program" };

/** A transaction before it has its place in the order of all. */
export interface Draft {
  /** When it was decided: ISO 8601, UTC. */
  readonly at: string;
  readonly room: RoomJid;
  readonly author: Author;
  /** The node of the command it came from. */
  readonly command?: string;
  readonly reason?: string;
  /** The number of the transaction that this one takes back. */
  readonly undoes?: number;
  /** Never empty, and all of `room`. */
  readonly changes: readonly Change[];
}

/** A transaction in its place: `seq` counts up by one, over all rooms and restarts. */
export interface Entry extends Draft {
  readonly seq: number;
}
