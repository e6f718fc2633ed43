/**
 * One stay in a room, from the question what it is until the bot is out: XEP-0045 1.35, sections 6.4, 7.2, 7.6, 7.14.
 *
 * A visit asks for the room before it enters, because entering a room that is not there makes one. COMPAT: on ejabberd
 * any presence to a nick enters the room, and so may make it (23.01 and 26.07): nothing is sent to a room that the bot
 * is not in, and a room that says it is new (status 201) at whatever time is left. It is not destroyed: leaving harms
 * nobody, whatever the room meant by it.
 * Leaves out the choice of nick (own-nick.ts), what the room says of itself (room-description.ts) and of others
 * (attendance.ts), what the visit is for (room-serving.ts), and coming back after it (room.ts).
 */
import type { Clock } from "../../core/clock.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import { parseRoomNotice } from "../../stanza/muc-affiliations.ts";
import { type OccupantPresence, parseOccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import { buildCreationCancelled, type RoomTraits } from "../../stanza/muc-room.ts";
import { parseStanzaError } from "../../stanza/stanza-error.ts";
import { attribute, type Element } from "../../stanza/xml.ts";
import { Attendance, type PeopleHearer } from "./attendance.ts";
import { Occupants } from "./occupants.ts";
import { OwnNick } from "./own-nick.ts";
import type { PresenceSender } from "./presence-sender.ts";
import { RoomDescription, tellsOfConfiguration } from "./room-description.ts";
import {
  refusal,
  refusalFromBounce,
  refusalFromDeparture,
  refusalFromEntrance,
  type RoomRefusal,
} from "./room-refusal.ts";

/** How long a room may take from the presence that enters to the own presence that ends it. */
const ENTER_TIMEOUT_MS = 60_000;

/** What a visit begins with, and whom it tells. */
export interface VisitOptions {
  readonly nick: string;
  readonly clock: Clock;
  readonly sender: PresenceSender;
  /** Asks the room's bare JID and resolves with the result. */
  readonly ask: (type: "get" | "set", payload: Element) => Promise<Element>;
  readonly host: VisitHost;
  readonly hearer: VisitHearer;
}

/** Who is told whether the bot is in. */
export interface VisitHost {
  /** The bot is in, and everybody present is known. */
  entered(): void;
  /** The bot is not, or no longer, in. */
  ended(reason: RoomRefusal): void;
}

/** Who is told what happens in the room. */
export interface VisitHearer extends PeopleHearer {
  /** The bot's own affiliation is another one. */
  ownAffiliation(affiliation: Affiliation): void;
  /** The room's configuration is another one. */
  configured(): void;
}

type Phase = "asking" | "entering" | "in" | "over";

export class RoomVisit {
  readonly occupants = new Occupants();
  readonly #options: VisitOptions;
  readonly #description: RoomDescription;
  readonly #attendance: Attendance;
  readonly #nick: OwnNick;
  #phase: Phase = "asking";
  #own: OccupantPresence | undefined;
  #cancelTimeout: () => void = () => undefined;

  constructor(options: VisitOptions) {
    this.#options = options;
    this.#description = new RoomDescription(options.ask);
    this.#attendance = new Attendance(this.occupants, this.#description, options.hearer);
    this.#nick = new OwnNick(options.nick);
  }

  get isIn(): boolean {
    return this.#phase === "in";
  }

  get ownNick(): string {
    return this.#nick.current;
  }

  get ownAffiliation(): Affiliation {
    return this.#own?.affiliation ?? "none";
  }

  /** The bot's own bare JID, as the room names it. */
  get ownUser(): BareJid | undefined {
    return this.#own?.realJid;
  }

  /** The bot's own occupant-id, where the room writes them. */
  get ownId(): string | undefined {
    return this.traits.hasOccupantIds ? this.#own?.occupantId : undefined;
  }

  /** What the room says of itself. */
  get traits(): RoomTraits {
    return this.#description.traits;
  }

  /** Asks for the room and enters it. */
  async begin(): Promise<void> {
    const reason = await this.#description.read();
    if (this.#phase !== "asking") return;
    if (reason === undefined) this.#enter();
    else this.#end(reason);
  }

  /** Leaves the room in good order; the host is not told. */
  leave(): void {
    if (this.#phase === "entering" || this.#phase === "in") this.#options.sender.leave(this.ownNick);
    this.abandon();
  }

  /** The session is gone, and with it the visit; the host is not told. */
  abandon(): void {
    this.#phase = "over";
    this.#cancelTimeout();
  }

  /** Goes by another nick as soon as that can be had. */
  wantNick(nick: string): void {
    this.#nick.want(nick);
    this.#askForNick(this.#nick.missing);
  }

  /** Sends the own presence anew, as after a change of what it carries. */
  update(): Promise<void> {
    return this.#options.sender.update(this.ownNick);
  }

  /** Takes a presence from `room/nick`, or of type error from the room itself. */
  receivePresence(nick: string, stanza: Element): void {
    if (this.#phase === "asking" || this.#phase === "over") return;
    if (attribute(stanza, "type") === "error") {
      this.#refused(nick, stanza);
      return;
    }
    const presence = parseOccupantPresence(stanza);
    if (presence === undefined || nick === "") return;
    const isOwn = presence.statuses.has(STATUS.self) || (this.#phase === "in" && nick === this.ownNick);
    if (isOwn) this.#ownPresence(nick, presence, stanza);
    else if (presence.available) this.#attendance.present(nick, presence, stanza);
    else this.#departed(nick, presence);
  }

  /** Takes a message from the bare JID of the room. */
  receiveMessage(stanza: Element): void {
    const notice = this.#phase === "in" ? parseRoomNotice(stanza) : undefined;
    if (notice === undefined) return;
    for (const [user, affiliation] of notice.affiliations) this.#options.hearer.told(user, affiliation, true);
    if (!tellsOfConfiguration(notice.statuses)) return;
    if (this.#description.change(notice.statuses)) this.#askForRealJids();
    this.#options.hearer.configured();
    void this.#description.readAgain();
  }

  #enter(): void {
    const { clock, sender } = this.#options;
    this.#phase = "entering";
    this.#cancelTimeout();
    this.#cancelTimeout = clock.after(ENTER_TIMEOUT_MS, () => {
      sender.leave(this.ownNick);
      this.#end(refusal("unreachable", { code: "not-let-in" }));
    });
    sender.join(this.#nick.next());
  }

  #refused(nick: string, stanza: Element): void {
    if (nick !== "" && nick !== this.ownNick) return;
    const error = parseStanzaError(stanza);
    const isTaken = this.#phase === "entering" && error.condition === "conflict";
    const reason = this.#phase === "in" ? refusalFromBounce(error) : refusalFromEntrance(error);
    if (isTaken && this.#nick.hasNext) this.#enter();
    else if (reason !== undefined) this.#end(reason);
  }

  #ownPresence(nick: string, presence: OccupantPresence, stanza: Element): void {
    if (!presence.available) {
      this.#ownDeparture(nick, presence);
      return;
    }
    if (presence.statuses.has(STATUS.created)) {
      this.#leaveNewRoom(nick);
      return;
    }
    const before = this.#own;
    this.#own = presence;
    this.#nick.take(nick);
    this.#attendance.present(nick, presence, stanza);
    if (this.#phase === "entering") this.#entered();
    else if (before !== undefined) this.#ownRights(before, presence);
  }

  #entered(): void {
    this.#phase = "in";
    this.#cancelTimeout();
    this.#options.host.entered();
    this.#askForNick(this.#nick.missingOnEntering);
  }

  #ownRights(before: OccupantPresence, { affiliation, role }: OccupantPresence): void {
    if (before.affiliation === affiliation && before.role === role) return;
    if (before.affiliation !== affiliation) this.#options.hearer.ownAffiliation(affiliation);
    this.#askForRealJids();
  }

  #ownDeparture(nick: string, presence: OccupantPresence): void {
    const { newNick, statuses } = presence;
    if (newNick === undefined || !statuses.has(STATUS.renamed)) {
      this.#end(refusalFromDeparture(presence));
      return;
    }
    this.#nick.take(newNick);
    this.#departed(nick, presence);
  }

  #departed(nick: string, presence: OccupantPresence): void {
    if (this.#attendance.departed(nick, presence)) this.#askForNick(this.#nick.missingAfter(nick));
  }

  #askForNick(nick: string | undefined): void {
    if (nick !== undefined && this.#phase === "in") this.#options.sender.changeNick(nick);
  }

  /* The room shows real JIDs only in presence, and sends none when they become visible; entering again while in is how
     to ask for all of it (section 7.2.1; nobody else notices). */
  #askForRealJids(): void {
    if (this.occupants.hasUnknown) this.#options.sender.join(this.ownNick);
  }

  #leaveNewRoom(nick: string): void {
    this.#options.ask("set", buildCreationCancelled()).catch(() => undefined);
    this.#options.sender.leave(nick);
    this.#end(refusal("created"));
  }

  #end(reason: RoomRefusal): void {
    if (this.#phase === "over") return;
    this.abandon();
    this.#options.host.ended(reason);
  }
}
