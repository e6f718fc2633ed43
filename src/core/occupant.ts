/** One person in one room, as the room's presence tells it (XEP-0045, section 7.2). */
import type { BareJid } from "./jid.ts";
import type { Affiliation } from "./model.ts";

/** XEP-0045, section 5.1. */
export type Role = "moderator" | "participant" | "visitor" | "none";

/** An occupant; `realJid` is known only where the room shows it to the desk. */
export interface Occupant {
  readonly nick: string;
  readonly affiliation: Affiliation;
  readonly role: Role;
  readonly realJid: BareJid | undefined;
  /** XEP-0421, where the room has them. */
  readonly occupantId: string | undefined;
}
