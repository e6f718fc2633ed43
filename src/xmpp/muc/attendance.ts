/**
 * Who comes to a room and goes on one visit, and what the room says of people thereby: XEP-0045 1.35, sections 7.2,
 * 7.14 and 9.
 *
 * Leaves out what the bot's own presence means for the bot (room-visit.ts).
 */
import type { BareJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import { type OccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import type { Element } from "../../stanza/xml.ts";
import type { OccupantChange, Occupants } from "./occupants.ts";
import type { RoomDescription } from "./room-description.ts";

/** Who is told of people. */
export interface PeopleHearer {
  /** Somebody's presence came, the bot's too; also before the bot is in. */
  present(occupant: Occupant, change: OccupantChange, presence: Element): void;
  /** Somebody went, or took another nick. */
  departed(occupant: Occupant): void;
  /** The room's word on a person: `isChange` where it was the room's purpose to tell of a change. */
  told(user: BareJid, affiliation: Affiliation, isChange: boolean): void;
}

export class Attendance {
  readonly #occupants: Occupants;
  readonly #description: Pick<RoomDescription, "traits">;
  readonly #hearer: PeopleHearer;

  constructor(occupants: Occupants, description: Pick<RoomDescription, "traits">, hearer: PeopleHearer) {
    this.#occupants = occupants;
    this.#description = description;
    this.#hearer = hearer;
  }

  /** Somebody is there; whoever was and is something else by now was made that. */
  present(nick: string, presence: OccupantPresence, stanza: Element): void {
    const before = this.#occupants.get(nick)?.affiliation;
    const change = this.#occupants.apply(nick, presence, this.#description.traits.hasOccupantIds);
    const occupant = this.#occupants.get(nick);
    if (occupant === undefined) return;
    this.#hearer.present(occupant, change, stanza);
    const { affiliation, realJid } = presence;
    const isChange = change === "updated" && before !== affiliation;
    if (realJid !== undefined) this.#hearer.told(realJid, affiliation, isChange);
  }

  /**
   * Somebody is there no more; says whether anybody was.
   *
   * Of those who go, only a ban or a lost affiliation says something about affiliations: rooms that are destroyed or
   * shut down may call everybody "none" (sections 10.9 and 10.11). Whoever has a role is still there, and is not shown any
   * more: so a room that shows some roles only tells what somebody was made.
   */
  departed(nick: string, presence: OccupantPresence): boolean {
    const occupant = this.#occupants.get(nick);
    if (this.#occupants.apply(nick, presence, false) !== "left" || occupant === undefined) return false;
    this.#hearer.departed(occupant);
    const { role, statuses } = presence;
    const user = presence.realJid ?? occupant.realJid;
    const isHidden = role !== "none" && !statuses.has(STATUS.renamed);
    const tells = isHidden || statuses.has(STATUS.banned) || statuses.has(STATUS.affiliationRemoved);
    if (user !== undefined && tells) this.#hearer.told(user, presence.affiliation, true);
    return true;
  }
}
