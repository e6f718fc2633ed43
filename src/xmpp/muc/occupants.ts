/**
 * Who is in one room, kept by the presence that the room sends (XEP-0045 1.35, sections 7.2 to 7.7).
 *
 * Pure bookkeeping: a presence in, what changed out. The nick is the key, exactly as the room writes it. Leaves out the
 * bot's own comings and goings (room-visit.ts).
 */
import type { BareJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import type { OccupantPresence } from "../../stanza/muc-presence.ts";

/** Occupants beyond this are not kept, so that no room can fill the memory. */
const MAX_OCCUPANTS = 250_000;

/** What a presence meant: `replaced` is somebody else, or no longer provably the same person, under a nick in use. */
export type OccupantChange = "arrived" | "updated" | "replaced" | "left" | "unknown";

export class Occupants {
  readonly #byNick = new Map<string, Occupant>();
  readonly #nicksByUser = new Map<BareJid, Set<string>>();
  readonly #max: number;
  #most = 0;

  constructor(max = MAX_OCCUPANTS) {
    this.#max = max;
  }

  get size(): number {
    return this.#byNick.size;
  }

  /** How many there ever were at the same time. */
  get most(): number {
    return this.#most;
  }

  get(nick: string): Occupant | undefined {
    return this.#byNick.get(nick);
  }

  all(): IterableIterator<Occupant> {
    return this.#byNick.values();
  }

  /** One of the occupants that this person is, if any is present under their real JID. */
  ofUser(user: BareJid): Occupant | undefined {
    const [nick] = this.#nicksByUser.get(user) ?? [];
    return nick === undefined ? undefined : this.#byNick.get(nick);
  }

  /** Everybody present whose real JID the room shows. */
  users(): IterableIterator<BareJid> {
    return this.#nicksByUser.keys();
  }

  /** Whether somebody is present whose real JID the room has not shown. */
  get hasUnknown(): boolean {
    for (const { realJid } of this.#byNick.values()) if (realJid === undefined) return true;
    return false;
  }

  /** Takes a presence in; `trustOccupantIds` says whether the room writes occupant-ids itself. */
  apply(nick: string, presence: OccupantPresence, trustOccupantIds: boolean): OccupantChange {
    const before = this.#byNick.get(nick);
    if (!presence.available) {
      if (before === undefined) return "unknown";
      this.#remove(before);
      return "left";
    }
    if (before === undefined && this.#byNick.size >= this.#max) return "unknown";
    const { affiliation, role, realJid } = presence;
    const occupantId = trustOccupantIds ? presence.occupantId : undefined;
    const occupant: Occupant = { nick, affiliation, role, realJid, occupantId };
    if (before !== undefined) this.#remove(before);
    this.#add(occupant);
    if (before === undefined) return "arrived";
    return isSamePerson(before, occupant) ? "updated" : "replaced";
  }

  /** Takes the room's word on somebody whose presence does not tell of them any more, under whatever nicks they are. */
  correct(user: BareJid, affiliation: Affiliation): void {
    for (const nick of this.#nicksByUser.get(user) ?? []) {
      const occupant = this.#byNick.get(nick);
      if (occupant !== undefined && occupant.affiliation !== affiliation)
        this.#byNick.set(nick, { ...occupant, affiliation });
    }
  }

  #add(occupant: Occupant): void {
    const { nick, realJid } = occupant;
    this.#byNick.set(nick, occupant);
    this.#most = Math.max(this.#most, this.#byNick.size);
    if (realJid === undefined) return;
    const nicks = this.#nicksByUser.get(realJid);
    if (nicks === undefined) this.#nicksByUser.set(realJid, new Set([nick]));
    else nicks.add(nick);
  }

  #remove({ nick, realJid }: Occupant): void {
    this.#byNick.delete(nick);
    if (realJid === undefined) return;
    const nicks = this.#nicksByUser.get(realJid);
    nicks?.delete(nick);
    if (nicks?.size === 0) this.#nicksByUser.delete(realJid);
  }
}

/* Learning somebody's real JID leaves them who they were; losing or changing it does not. */
function isSamePerson(before: Occupant, after: Occupant): boolean {
  if (before.realJid !== undefined) return before.realJid === after.realJid;
  return before.occupantId === after.occupantId;
}
