/**
 * What makes a room show the desk's hats, in whichever way: the room's own commands, or the bot's own presence.
 *
 * One lives from the moment the bot knows how the room wants it until the bot leaves or the room wants it otherwise.
 */
import type { RoomShowing } from "../commands/room/room-care.ts";
import type { BaseChange, Change } from "../core/change.ts";
import type { Explanation } from "../core/explanations.ts";
import type { BareJid } from "../core/jid.ts";
import type { Base, HatId } from "../core/model.ts";
import type { Desk } from "../desk/desk.ts";

/** The ways in which a room's presence shows hats. */
export const DIALECTS = ["xep-0317", "xep-0317-0.2", "prosody-hats", "own-presence"] as const;

/** How a room shows hats; `off` where the configuration says that it shall not. */
export type Dialect = (typeof DIALECTS)[number] | "off";

/** What room presence needs of the desk. */
export type HatKeeping = Pick<Desk, "durableRoom" | "limits" | "now" | "recordBase" | "transact" | "on">;

/** A hat that somebody has in the desk and the room has no place for. */
export interface UnshownHat {
  readonly user: BareJid;
  readonly hat: HatId;
}

/** All is shown. */
export const SHOWN: RoomShowing = { unshown: [], underCommonTitle: [] };

/** Shows the hats of one room, from `start` to `stop`. */
export interface Dresser {
  readonly dialect: Exclude<Dialect, "off">;
  /** How many wearers or hats the room has still to be told of. */
  readonly pending: number;
  /** Why something could not be shown, for the operator; undefined where all is well. */
  readonly lastError: Explanation | undefined;
  /** How many hats the room shows that are somebody else's and cannot be the desk's; absent where nobody can tell. */
  readonly drift?: number;
  /** The hats that the room has no place for, known before it is told of them. */
  readonly unshown?: readonly UnshownHat[];
  /** What the room does not show of somebody's hats, or will not; absent where it shows all. */
  showing?(user: BareJid): RoomShowing;
  /** Of these people, those whose hats somebody changed in the room too, each told once; absent where nobody can. */
  tellCrossed?(users: readonly BareJid[]): readonly BareJid[];
  /** Whether the room has taken anything since the start. */
  readonly hasWorked: boolean;
  /** Finds out what differs and begins to mend it; rejects where the room cannot be asked. */
  start(): Promise<void>;
  /** Says what is to be noted together with changes that are about to become durable (desk.ts, `Attend`). */
  attend?(changes: readonly Change[], baseOf: (user: BareJid) => Base | undefined): readonly BaseChange[];
  /** Something in the desk changed. */
  change(changes: readonly Change[]): void;
  /** Something in the room's configuration changed; rejects where the room cannot be asked. */
  recheck(): Promise<void>;
  /** Notes at once what the room is known to have; absent where nothing is noted. */
  settle?(): Promise<void>;
  /** Sends nothing more. */
  stop(): void;
}
