/**
 * What the desk must be told about rooms by whoever is in them.
 *
 * Affiliations come from the room, never from the desk. The bot implements this over its rooms; a program that embeds
 * the desk brings its own.
 */
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Affiliation } from "../core/model.ts";

export interface AffiliationSource {
  /** Whether the desk keeps this room. */
  isKept(room: RoomJid): boolean;
  /**
   * The room's word on a person, made sure of before it would lead to a refusal.
   *
   * @throws HatsError list-unreadable where it cannot be known, room-not-ready while the room cannot be asked
   */
  affiliation(room: RoomJid, user: BareJid): Promise<Affiliation>;
  /**
   * What `affiliation` would say, where nobody has to be asked for it; undefined where somebody has.
   *
   * With it, a decision is made in the turn in which it is asked for.
   */
  sureAffiliation?(room: RoomJid, user: BareJid): Affiliation | undefined;
  /**
   * What is known of a person at this very moment, without asking the room; undefined where that is nothing.
   *
   * With it, whoever loses an affiliation while somebody else's is still asked for gets nothing.
   */
  lastKnownAffiliation?(room: RoomJid, user: BareJid): Affiliation | undefined;
}
