/**
 * What commands ask of whoever is in the rooms, beyond who is what there: how a room stands, and to keep it, to let it
 * go, or to settle which room it is.
 *
 * Implemented over the bot's rooms and their presence by xmpp/.
 */
import type { Explanation } from "../../core/explanations.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation, HatId } from "../../core/model.ts";

/** How a kept room stands now. */
export interface RoomStanding {
  readonly state: "offline" | "joining" | "ready" | "refused" | "suspended" | "left";
  /** Why it is refused or suspended, by code and in words. */
  readonly code: string | undefined;
  readonly reason: Explanation | undefined;
  /** What the bot is there; undefined while it is not in. */
  readonly rights: Affiliation | undefined;
  /** In which way hats are shown; undefined while nobody knows. */
  readonly dialect: string | undefined;
  /** Whether the room itself is wanted to show hats, where it can. */
  readonly wantsRoomHats: boolean;
  /** How many wearers or hats the room has still to be told of. */
  readonly pending: number;
  /** How many hats the room shows that the desk does not know. */
  readonly drift: number;
  /** Hats that the room cannot show, each as a line to read. */
  readonly unshown: readonly string[];
  readonly lastError: Explanation | undefined;
}

/** What a room does not show of somebody's hats as the desk has them. */
export interface RoomShowing {
  /** Active hats that the room has no place for. */
  readonly unshown: readonly HatId[];
  /** Active hats with a title of the wearer's own, in a room that has one title for everybody. */
  readonly underCommonTitle: readonly HatId[];
}

export interface RoomCare {
  /** The nick of the bot where nobody says otherwise. */
  readonly usualNick: string;
  /** The nick that the configuration gives the bot in a room; undefined for a room that does not stand there. */
  configuredNick(room: RoomJid): string | undefined;
  /** Keeps a room from now on; in one that is kept already the bot goes by this nick. */
  keep(room: RoomJid, nick: string): void;
  /** Leaves a room and keeps it no more. */
  letGo(room: RoomJid): void;
  /** Whether it has to be said if a room is the one that the desk knows. */
  isDoubted(room: RoomJid): boolean;
  /**
   * Says whether it is; if not, what the desk has of the room is archived first.
   *
   * @throws HatsError store-unwritable, outcome-unknown
   */
  settleDoubt(room: RoomJid, isSameRoom: boolean): Promise<void>;
  /** How a room stands; undefined for one that is not kept. */
  standing(room: RoomJid): RoomStanding | undefined;
  /** What a room does not show of a person's hats, or will not once it is told of them. */
  showing(room: RoomJid, user: BareJid): RoomShowing;
  /** Of these people, those whose hats somebody changed by the room's own commands too; each is told once. */
  tellCrossed(room: RoomJid, users: readonly BareJid[]): readonly BareJid[];
  /** Whether the room's hats are switched on; undefined where there is no such switch, or the bot may not use it. */
  readHatSwitch(room: RoomJid): Promise<boolean | undefined>;
  /**
   * Switches the room's hats on.
   *
   * @throws HatsError room-not-ready where the room refused or did not answer
   */
  switchHatsOn(room: RoomJid): Promise<void>;
}
