/**
 * Who is what in one room during one stay: lists, presence and the room's own words taken together, and what of it is
 * news (XEP-0045 1.35, section 5.2).
 *
 * Where sources differ, what the room said last about this very person counts, then its lists, then presence. A room that
 * does not show everybody does not tell of every change: there nobody has a right but by lists that are some seconds old.
 * Nor does one that is crowded, which it does not say, so that elsewhere they are not older than a minute.
 * Leaves out when the room is served, and waiting for that (room-serving.ts, room-answers.ts).
 */
import { HatsError } from "../../core/errors.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import { type Affiliation, isAffiliated } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import { NickCheck } from "./nick-check.ts";
import { Occupants } from "./occupants.ts";
import { RoomAffiliations, type RoomAffiliationsOptions } from "./room-affiliations.ts";
import type { AffiliationChange, RoomStatus } from "./room-status.ts";

/** Who is told news about people. */
export interface PeopleObserver {
  affiliationChanged(change: AffiliationChange): void;
  /** The lists were read; `isSameRoom` says that they prove something about people known from before. */
  listsRead(room: RoomJid, isSameRoom: boolean): void;
}

export interface RoomPeopleOptions extends Omit<RoomAffiliationsOptions, "onRead"> {
  readonly room: RoomJid;
  readonly observer: PeopleObserver;
}

const NOBODY = new Occupants(0);

/* Fewer than so many are a crowd to no server: ejabberd's `max_users_presence` is 1,000 unless configured. */
const CROWD = 100;

export class RoomPeople {
  readonly #room: RoomJid;
  readonly #observer: PeopleObserver;
  readonly #affiliations: RoomAffiliations;
  readonly #nickCheck: NickCheck;
  #occupants = NOBODY;
  #bot: BareJid | undefined;
  #isSameRoom = false;
  #tellsAll = false;

  constructor(options: RoomPeopleOptions) {
    this.#room = options.room;
    this.#observer = options.observer;
    this.#affiliations = new RoomAffiliations({
      ...options,
      onRead: (missing) => this.#listsRead(missing),
    });
    this.#nickCheck = new NickCheck(options.ask);
  }

  get lists(): RoomStatus["lists"] {
    return this.#affiliations.outcomes;
  }

  /** A stay of `bot` begins: these are present; `isSameRoom` where this surely is the room of the stays before. */
  meet(occupants: Occupants, bot: BareJid | undefined, isSameRoom: boolean): void {
    this.#occupants = occupants;
    this.#bot = bot;
    this.#isSameRoom = isSameRoom;
    if (isSameRoom) this.#affiliations.forget();
    else this.#affiliations.disown();
    for (const user of occupants.users()) this.#greet(user);
  }

  /** Whether the room surely tells of every change from now on. */
  rely(tellsAll: boolean): void {
    this.#tellsAll = tellsAll;
  }

  /** The stay is over: nothing is known any more. */
  part(): void {
    this.#tellsAll = false;
    this.#occupants = NOBODY;
    this.#affiliations.forget();
  }

  /** Reads the lists; false where the room did not answer. */
  read(): Promise<boolean> {
    return this.#affiliations.read();
  }

  /** Reads the lists with what the bot may do from now on. */
  readAnew(): Promise<boolean> {
    return this.#affiliations.readAnew();
  }

  /** Takes the room's word on a person: `isChange` where it was the room's purpose to tell of a change. */
  tell(user: BareJid, affiliation: Affiliation, isChange: boolean): void {
    const before = this.#affiliations.list.affiliation(user);
    this.#affiliations.say(user, affiliation, isChange);
    this.#occupants.correct(user, affiliation);
    const isNews = before === undefined ? isChange || !isAffiliated(affiliation) : before !== affiliation;
    if (isNews) this.#tellChange({ user, affiliation, before, learnt: "said" });
    /* An admin of the server, or somebody whom the lists shall have before the room tells no more of them. */
    if (before === "none" && isAffiliated(affiliation) && !isChange) void this.#affiliations.refresh();
  }

  /** What is known of a person now, without asking the room. */
  lastKnown(user: BareJid): Affiliation | undefined {
    const { list } = this.#affiliations;
    return list.entry(user) ?? this.#occupants.ofUser(user)?.affiliation ?? list.affiliation(user);
  }

  /** What a person is, where it leads to no refusal; undefined where the lists have to be read again. */
  sureAffiliation(user: BareJid): Affiliation | undefined {
    const known = this.#isUpToDate ? this.lastKnown(user) : undefined;
    return known !== undefined && isAffiliated(known) ? known : undefined;
  }

  /**
   * What a person is, the lists being read again before it is anything that leads to a refusal, unless that was begun
   * less than `freshMs` ago.
   *
   * @throws HatsError list-unreadable where the bot's rights do not suffice, room-not-ready where the room is silent
   */
  async affiliation(user: BareJid, freshMs?: number): Promise<Affiliation> {
    const known = this.sureAffiliation(user);
    if (known !== undefined) return known;
    const isStranger = !isAffiliated(this.lastKnown(user) ?? "none");
    const isAnswered = await this.#affiliations.refresh(isStranger ? freshMs : undefined);
    const sure = this.lastKnown(user);
    if (sure !== undefined && (isAnswered || (this.#isUpToDate && isAffiliated(sure)))) return sure;
    throw new HatsError(isAnswered ? "list-unreadable" : "room-not-ready");
  }

  /**
   * Whether an occupant still has their nick: the room is asked where somebody with rights may have gone untold.
   *
   * @throws HatsError room-not-ready where the room is silent
   */
  hasNick(occupant: Occupant): Promise<boolean> | boolean {
    const isFew = this.#occupants.most < CROWD;
    if (!isAffiliated(occupant.affiliation) || (isFew && this.#tellsAll)) return true;
    return this.#nickCheck.isTheirs(occupant).then((isTheirs) => isTheirs ?? isFew);
  }

  /**
   * Owners, admins and members, as far as lists and presence tell.
   *
   * @throws HatsError list-unreadable where neither tells of anybody but the bot
   */
  affiliated(): ReadonlyMap<BareJid, Affiliation> {
    const { list } = this.#affiliations;
    const people = new Map(list.affiliated());
    for (const user of this.#occupants.users()) {
      const affiliation = this.lastKnown(user);
      if (affiliation !== undefined && isAffiliated(affiliation)) people.set(user, affiliation);
    }
    const knowsOthers = people.size > (this.#bot !== undefined && people.has(this.#bot) ? 1 : 0);
    if (!list.isKnown && !knowsOthers) throw new HatsError("list-unreadable");
    return people;
  }

  /* Without a list there is nothing better than what was said. */
  get #isUpToDate(): boolean {
    const { list } = this.#affiliations;
    return !list.isKnown || (this.#tellsAll ? this.#affiliations.isBelievable : this.#affiliations.isFresh);
  }

  /* What people are whom the bot finds in a room is news only if they were surely known in this very room. */
  #greet(user: BareJid): void {
    const affiliation = this.#occupants.ofUser(user)?.affiliation;
    if (affiliation === undefined) return;
    this.#affiliations.say(user, affiliation, false);
    if (this.#isSameRoom && !isAffiliated(affiliation))
      this.#tellChange({ user, affiliation, before: undefined, learnt: "said" });
  }

  #listsRead(missing: readonly (readonly [BareJid, Affiliation])[]): void {
    for (const [user, affiliation] of missing) {
      this.#occupants.correct(user, affiliation);
      this.#tellChange({ user, affiliation, before: undefined, learnt: "listed" });
    }
    this.#observer.listsRead(this.#room, this.#isSameRoom);
  }

  #tellChange(change: Omit<AffiliationChange, "room">): void {
    this.#observer.affiliationChanged({ room: this.#room, ...change });
  }
}
