/**
 * One stay in a room, from the question what it is until the bot is out: XEP-0045 1.35, sections 6.4, 7.2, 7.6, 7.14.
 *
 * A visit asks for the room before it enters, because entering a room that is not there makes one. COMPAT: on ejabberd
 * any presence to a nick enters the room, and so may make it (23.01 and 26.07): nothing is sent to a room that the bot
 * is not in, and a room that says it is new (status 201) at whatever time is left. It is not destroyed: leaving harms
 * nobody, whatever the room meant by it.
 * Leaves out what the visit is for, and coming back after it (room.ts).
 * This file is long because every stanza that a room sends an occupant has its place in one of its four phases.
 */
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import { parseRoomNotice } from "../../stanza/muc-affiliations.ts";
import {
  buildJoin,
  buildLeave,
  buildUpdate,
  type OccupantPresence,
  parseOccupantPresence,
  STATUS,
} from "../../stanza/muc-presence.ts";
import {
  buildCreationCancelled,
  buildRoomQuery,
  parseRoomTraits,
  type RoomTraits,
} from "../../stanza/muc-room.ts";
import { parseStanzaError } from "../../stanza/stanza-error.ts";
import type { Element } from "../../stanza/xml.ts";
import type { Clock } from "../../core/clock.ts";
import { type OccupantChange, Occupants } from "./occupants.ts";
import {
  refusal,
  refusalFromDeparture,
  refusalFromError,
  type RoomRefusal,
  wordsOf,
} from "./room-refusal.ts";

/** How long a room may take from the presence that enters to the own presence that ends it. */
const ENTER_TIMEOUT_MS = 60_000;
/** Nicks that are tried: the wanted one, then with -2 to -5. */
const NICKS_TRIED = 5;

/** What a visit needs of the connection. */
export interface VisitOptions {
  readonly room: RoomJid;
  readonly nick: string;
  readonly clock: Clock;
  readonly send: (stanza: Element) => Promise<void>;
  /** Asks the room's bare JID and resolves with the result. */
  readonly ask: (type: "get" | "set", payload: Element) => Promise<Element>;
  /** What every presence of the bot in this room carries. */
  readonly extras: () => readonly Element[];
  readonly host: VisitHost;
}

/** Who is told what happens on a visit. */
export interface VisitHost {
  /** The bot is in, and everybody present is known. */
  entered(own: OccupantPresence): void;
  /** The bot is not, or no longer, in. */
  ended(reason: RoomRefusal): void;
  /** Somebody's presence came, the bot's too; also before `entered`. */
  present(occupant: Occupant, change: OccupantChange, presence: Element): void;
  /** Somebody went, or took another nick. */
  departed(occupant: Occupant): void;
  /** The room's word on a person: `isChange` where it was the room's purpose to tell of a change. */
  told(user: BareJid, affiliation: Affiliation, isChange: boolean): void;
  /** The bot's own affiliation is another one. */
  ownAffiliation(affiliation: Affiliation): void;
  /** The room's configuration is another one. */
  configured(): void;
}

type Phase = "asking" | "entering" | "in" | "over";

/* What the bot must have done for the error of a presence to mean that it is not in. */
const NOT_IN: ReadonlySet<string> = new Set(["item-not-found", "not-acceptable", "gone", "not-allowed"]);
const CONFIGURED: readonly number[] = [
  STATUS.configurationChanged,
  STATUS.loggingOn,
  STATUS.loggingOff,
  STATUS.nowNonAnonymous,
  STATUS.nowSemiAnonymous,
  STATUS.nowFullyAnonymous,
];

export class RoomVisit {
  readonly occupants = new Occupants();
  readonly #options: VisitOptions;
  #phase: Phase = "asking";
  #wantedNick: string;
  #ownNick: string;
  #own: OccupantPresence | undefined;
  #nicksTried = 0;
  #traits: RoomTraits = { isNonAnonymous: false, hasOccupantIds: false, lang: "" };
  #cancelTimeout: () => void = () => undefined;

  constructor(options: VisitOptions) {
    this.#options = options;
    this.#wantedNick = options.nick;
    this.#ownNick = options.nick;
  }

  get isIn(): boolean {
    return this.#phase === "in";
  }

  get isOver(): boolean {
    return this.#phase === "over";
  }

  get ownNick(): string {
    return this.#ownNick;
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
    return this.#traits.hasOccupantIds ? this.#own?.occupantId : undefined;
  }

  get isNonAnonymous(): boolean {
    return this.#traits.isNonAnonymous;
  }

  /** The language that the room says is spoken there; empty where it does not say. */
  get lang(): string {
    return this.#traits.lang;
  }

  /** Asks for the room and enters it. */
  async begin(): Promise<void> {
    const reason = await this.#describe();
    if (this.#phase !== "asking") return;
    if (reason === undefined) this.#enter();
    else this.#end(reason);
  }

  /** Leaves the room in good order; the host is not told. */
  leave(): void {
    if (this.#phase === "entering" || this.#phase === "in")
      this.#send(buildLeave(this.#occupantJid(this.#ownNick)));
    this.abandon();
  }

  /** The session is gone, and with it the visit; the host is not told. */
  abandon(): void {
    this.#phase = "over";
    this.#cancelTimeout();
  }

  /** Goes by another nick as soon as that can be had. */
  wantNick(nick: string): void {
    this.#wantedNick = nick;
    if (this.#phase === "in" && this.#ownNick !== nick) this.#takeWantedNick();
  }

  /** Sends the own presence anew, as after a change of what it carries. */
  update(): Promise<void> {
    return this.#options.send(buildUpdate(this.#occupantJid(this.#ownNick), this.#options.extras()));
  }

  /** Takes a presence from `room/nick`, or of type error from the room itself. */
  receivePresence(nick: string, stanza: Element): void {
    if (this.#phase === "asking" || this.#phase === "over") return;
    if (stanza.attrs["type"] === "error") {
      this.#refused(nick, stanza);
      return;
    }
    const presence = parseOccupantPresence(stanza);
    if (presence === undefined || nick === "") return;
    const isOwn = presence.statuses.has(STATUS.self) || (this.#phase === "in" && nick === this.#ownNick);
    if (!isOwn) this.#otherPresence(nick, presence, stanza);
    else if (presence.available) this.#ownPresence(nick, presence, stanza);
    else this.#ownDeparture(nick, presence);
  }

  /** Takes a message from the bare JID of the room. */
  receiveMessage(stanza: Element): void {
    const notice = this.#phase === "in" ? parseRoomNotice(stanza) : undefined;
    if (notice === undefined) return;
    for (const [user, affiliation] of notice.affiliations) this.#options.host.told(user, affiliation, true);
    if (CONFIGURED.some((status) => notice.statuses.has(status))) this.#configured(notice.statuses);
  }

  #enter(): void {
    this.#phase = "entering";
    this.#cancelTimeout();
    this.#cancelTimeout = this.#options.clock.after(ENTER_TIMEOUT_MS, () => {
      this.#send(buildLeave(this.#occupantJid(this.#ownNick)));
      this.#end(refusal("unreachable", { code: "not-let-in" }));
    });
    const nick = this.#wantedNick;
    this.#nicksTried += 1;
    this.#ownNick = this.#nicksTried === 1 ? nick : `${nick}-${this.#nicksTried}`;
    this.#send(buildJoin(this.#occupantJid(this.#ownNick), this.#options.extras()));
  }

  #refused(nick: string, stanza: Element): void {
    const error = parseStanzaError(stanza);
    if (nick !== "" && nick !== this.#ownNick) return;
    if (this.#phase === "in") {
      if (NOT_IN.has(error.condition)) this.#end(refusal("lost", ...wordsOf(error.text)));
      return;
    }
    const isTaken = error.condition === "conflict";
    if (isTaken && this.#nicksTried < NICKS_TRIED) this.#enter();
    else this.#end(refusalFromError(error));
  }

  #ownPresence(nick: string, presence: OccupantPresence, stanza: Element): void {
    if (presence.statuses.has(STATUS.created)) {
      this.#leaveNewRoom(nick);
      return;
    }
    const before = this.#own;
    this.#own = presence;
    this.#ownNick = nick;
    this.#present(nick, presence, stanza);
    if (this.#phase === "entering") {
      this.#phase = "in";
      this.#cancelTimeout();
      this.#options.host.entered(presence);
      if (this.#wantedNick !== this.#options.nick) this.wantNick(this.#wantedNick);
      return;
    }
    if (
      before === undefined ||
      (before.affiliation === presence.affiliation && before.role === presence.role)
    )
      return;
    if (before.affiliation !== presence.affiliation) this.#options.host.ownAffiliation(presence.affiliation);
    this.#askForRealJids();
  }

  #ownDeparture(nick: string, presence: OccupantPresence): void {
    const isRenamed = presence.statuses.has(STATUS.renamed) && presence.newNick !== undefined;
    if (!isRenamed) {
      this.#end(refusalFromDeparture(presence));
      return;
    }
    this.#ownNick = presence.newNick;
    this.#departed(nick, presence);
  }

  #otherPresence(nick: string, presence: OccupantPresence, stanza: Element): void {
    if (presence.available) this.#present(nick, presence, stanza);
    else this.#departed(nick, presence);
  }

  #present(nick: string, presence: OccupantPresence, stanza: Element): void {
    const change = this.occupants.apply(nick, presence, this.#traits.hasOccupantIds);
    const occupant = this.occupants.get(nick);
    if (occupant === undefined) return;
    this.#options.host.present(occupant, change, stanza);
    if (presence.realJid !== undefined)
      this.#options.host.told(presence.realJid, presence.affiliation, false);
  }

  /* Of those who go, only a ban or a lost affiliation says something about affiliations: rooms that are destroyed or
     shut down may call everybody "none" (sections 10.9 and 10.11). */
  #departed(nick: string, presence: OccupantPresence): void {
    const occupant = this.occupants.get(nick);
    if (this.occupants.apply(nick, presence, false) !== "left" || occupant === undefined) return;
    this.#options.host.departed(occupant);
    const { statuses } = presence;
    const user = presence.realJid ?? occupant.realJid;
    const tells = statuses.has(STATUS.banned) || statuses.has(STATUS.affiliationRemoved);
    if (user !== undefined && tells) this.#options.host.told(user, presence.affiliation, true);
    if (nick === this.#wantedNick && this.#phase === "in" && this.#ownNick !== nick) this.#takeWantedNick();
  }

  #takeWantedNick(): void {
    this.#send(buildUpdate(this.#occupantJid(this.#wantedNick), this.#options.extras()));
  }

  #configured(statuses: ReadonlySet<number>): void {
    const isOpen = statuses.has(STATUS.nowNonAnonymous);
    const isClosed = statuses.has(STATUS.nowSemiAnonymous) || statuses.has(STATUS.nowFullyAnonymous);
    if (isOpen || isClosed) this.#traits = { ...this.#traits, isNonAnonymous: isOpen };
    if (isOpen) this.#askForRealJids();
    this.#options.host.configured();
    void this.#describe();
  }

  /* The room shows real JIDs only in presence, and sends none when they become visible; entering again while in is how
     to ask for all of it (section 7.2.1; nobody else notices). */
  #askForRealJids(): void {
    if (this.occupants.hasUnknown)
      this.#send(buildJoin(this.#occupantJid(this.#ownNick), this.#options.extras()));
  }

  /* Takes in what the room says of itself, or says why it could not. */
  async #describe(): Promise<RoomRefusal | undefined> {
    try {
      const traits = parseRoomTraits(await this.#options.ask("get", buildRoomQuery()));
      if (traits === undefined) return refusal("not-a-room");
      this.#traits = traits;
      return undefined;
    } catch (error) {
      return refusalFromError(error);
    }
  }

  #leaveNewRoom(nick: string): void {
    this.#options.ask("set", buildCreationCancelled()).catch(() => undefined);
    this.#send(buildLeave(this.#occupantJid(nick)));
    this.#end(refusal("created"));
  }

  #end(reason: RoomRefusal): void {
    if (this.#phase === "over") return;
    this.abandon();
    this.#options.host.ended(reason);
  }

  /* A presence that cannot be sent has no session to be sent in; the next session enters anew. */
  #send(stanza: Element): void {
    this.#options.send(stanza).catch(() => undefined);
  }

  #occupantJid(nick: string): string {
    return `${this.#options.room}/${nick}`;
  }
}
