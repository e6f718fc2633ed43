/** What must be known to read a document, whatever it is written in. */
import type { Expiry } from "../../core/expiry.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Limits } from "../../core/limits.ts";

/** For which room, and how people and times are understood there. */
export interface ImportContext {
  /** The room that the document is for. */
  readonly room: RoomJid;
  readonly limits: Limits;
  /** Whom a text means; refuses what is no address with a HatsError. */
  readonly findUser: (text: string) => BareJid;
  /** Until when a text means; refuses what is no time with a HatsError. */
  readonly parseExpiry: (text: string) => Expiry;
  /** Whether a moment is further ahead than any hat is given for. */
  readonly isTooFarAhead: (moment: string) => boolean;
}
