/**
 * The affiliations of one room as far as the bot has been told them: the lists it could read, and what the room said
 * since (XEP-0045 1.35, section 5.2).
 *
 * Pure bookkeeping that never guesses: a person on no list is `none` only where the lists of owners, admins and members
 * are all here. Leaves out asking the room (room-affiliations.ts) and people who are merely present (occupants.ts).
 */
import type { BareJid } from "../../core/jid.ts";
import { type Affiliation, isAffiliated } from "../../core/model.ts";
import { domainOf } from "../../stanza/jid.ts";
import type { ListName } from "../../stanza/muc-affiliations.ts";

/** Longer lists count as unread, so that no room can fill the memory. */
const MAX_ENTRIES = 1_000_000;

const NEEDED: readonly ListName[] = ["owner", "admin", "member"];

export class AffiliationList {
  /* By bare JID, or by domain where everybody of it is meant. */
  readonly #listed = new Map<string, Affiliation>();
  /* What the room said after, or without, the lists. */
  readonly #said = new Map<string, Affiliation>();
  /* Of whom it said that they were made something, so that its lists have them. */
  readonly #made = new Set<string>();
  readonly #read = new Set<ListName>();
  readonly #max: number;

  constructor(max = MAX_ENTRIES) {
    this.#max = max;
  }

  /** Whether everybody affiliated is known: absence means not affiliated. */
  get isComplete(): boolean {
    return NEEDED.every((list) => this.#read.has(list));
  }

  /** Whether at least one list could be read. */
  get isKnown(): boolean {
    return this.#read.size > 0;
  }

  /** Takes one list as the room sent it; false, and nothing taken, where it is too long to keep. */
  take(list: ListName, addresses: readonly string[]): boolean {
    if (this.#listed.size + addresses.length > this.#max) return false;
    for (const address of addresses) this.#listed.set(address, list);
    this.#read.add(list);
    return true;
  }

  /**
   * Takes the room's word on one person, which outweighs the lists until they are read again; `isChange` where the room
   * said that they were made so. Whoever is merely seen may be something that no list names, as an admin of the server.
   */
  say(user: BareJid, affiliation: Affiliation, isChange: boolean): void {
    if (isChange && this.#made.size < this.#max) this.#made.add(user);
    const known = this.entry(user);
    if (known === affiliation || (known === undefined && affiliation === "none")) return;
    if (this.#said.size < this.#max) this.#said.set(user, affiliation);
  }

  /** What is written about this very person; undefined where nothing is. */
  entry(user: BareJid): Affiliation | undefined {
    return this.#said.get(user) ?? this.#listed.get(user);
  }

  /**
   * What follows for this person from lists and words; undefined where it cannot be known.
   *
   * A banned domain bans all its people whom no list names. COMPAT: where a whole domain is affiliated, ejabberd counts its people as
   * affiliated and Prosody does not, so that nothing follows.
   */
  affiliation(user: BareJid): Affiliation | undefined {
    const own = this.entry(user);
    if (own !== undefined) return own;
    if (!this.isComplete) return undefined;
    const domain = this.#listed.get(domainOf(user)) ?? "none";
    return isAffiliated(domain) ? undefined : domain;
  }

  /** Everybody written down as owner, admin or member, with domains left out. */
  *affiliated(): IterableIterator<readonly [BareJid, Affiliation]> {
    for (const user of this.#listed.keys()) if (!this.#said.has(user)) yield* this.#person(user);
    for (const user of this.#said.keys()) yield* this.#person(user);
  }

  *#person(user: string): IterableIterator<readonly [BareJid, Affiliation]> {
    const affiliation = this.entry(user as BareJid);
    if (affiliation !== undefined && isAffiliated(affiliation) && user.includes("@"))
      yield [user as BareJid, affiliation];
  }

  /**
   * The people who are written down here as affiliated, as far as lists name them, and surely are not by a later list; with
   * what they are by it.
   */
  *missingFrom(later: AffiliationList): IterableIterator<readonly [BareJid, Affiliation]> {
    for (const [user] of this.affiliated()) {
      const affiliation = this.#wasListed(user) ? later.affiliation(user) : undefined;
      if (affiliation !== undefined && !isAffiliated(affiliation)) yield [user, affiliation];
    }
  }

  #wasListed(user: BareJid): boolean {
    const affiliation = this.#listed.get(user);
    return this.#made.has(user) || (affiliation !== undefined && isAffiliated(affiliation));
  }
}
