/**
 * What the commands ask about rooms, beyond what the desk itself must know.
 *
 * Implemented over the bot's rooms by xmpp/.
 */
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import type { AffiliationSource } from "../../desk/affiliation-source.ts";

export interface RoomDirectory extends AffiliationSource {
  /** The rooms the desk keeps, in the order of the configuration. */
  rooms(): readonly RoomJid[];
  /** Everybody present now, the bot left out. */
  occupants(room: RoomJid): readonly Occupant[];
  /**
   * What somebody is who asks for something, so that all rooms may be asked for them: as `affiliation`, but a refusal may
   * rest on lists that are some seconds older the more rooms there are.
   *
   * @throws HatsError list-unreadable, room-not-ready
   */
  askerAffiliation(room: RoomJid, user: BareJid): Promise<Affiliation>;
  /** What is known of a person now, without asking the room; undefined where that is nothing. For lists, not for refusals. */
  lastKnownAffiliation(room: RoomJid, user: BareJid): Affiliation | undefined;
  /**
   * Owners, admins and members of the room, the bot left out.
   *
   * @throws HatsError list-unreadable, room-not-ready
   */
  affiliated(room: RoomJid): Promise<ReadonlyMap<BareJid, Affiliation>>;
  /** Whether everybody in the room sees real JIDs (XEP-0045, non-anonymous). */
  isNonAnonymous(room: RoomJid): boolean;
  /** Whether the room can be told of changes now; if not, a note says that it will be. */
  isReachable(room: RoomJid): boolean;
  /** Whether the bot is on its way into the room, so that asking again shortly may help. */
  isComing(room: RoomJid): boolean;
}
