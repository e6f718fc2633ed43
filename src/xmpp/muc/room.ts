/**
 * One kept room over all visits to it: comes back after each loss, and knows the room again.
 *
 * A room that is not provably the one the desk knows is suspended: the bot may be in it, but neither commands nor room
 * presence see it as joined, until a config admin admits it. Leaves out the protocol of one stay (room-visit.ts), who
 * is what there (room-people.ts), and everything that spans rooms (rooms.ts).
 * This file is long because it is one state machine, and the doors by which presence/ and rooms.ts come to it.
 */
import { HatsError } from "../../core/errors.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import type { RoomLink, RoomLinkEvents, RoomLinkListener } from "../../presence/room-link.ts";
import { buildLeave, parseOccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import { NS_PING } from "../../stanza/namespaces.ts";
import { type Element, xml } from "../../stanza/xml.ts";
import type { BackoffBounds } from "../../core/backoff.ts";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../../core/clock.ts";
import type { Requests } from "../requests.ts";
import { Listeners } from "../listeners.ts";
import {
  recognise,
  type RoomMark,
  type RoomMemory,
  SUSPENSIONS,
  type SuspensionCode,
} from "./room-memory.ts";
import { type PeopleObserver, RoomPeople } from "./room-people.ts";
import { RoomReadiness } from "./room-readiness.ts";
import { ROOM_REFUSALS, type RoomRefusal } from "./room-refusal.ts";
import type { RoomState, RoomStatus } from "./room-status.ts";
import { RoomVisit, type VisitHost } from "./room-visit.ts";
import { SelfPing } from "./self-ping.ts";
import { type Stream, StreamDownError } from "../stream/stream.ts";

/** How long a command waits for a room that is on its way to being ready. */
const PATIENCE_MS = 10_000;
/** Lists may be long; servers send them in one piece. */
const LIST_TIMEOUT_MS = 60_000;
/** A stay that lasted this long makes up for the failures before it. */
const LONG_STAY_MS = 10 * 60_000;

/** What all rooms share. */
export interface RoomSurroundings {
  readonly stream: Stream;
  readonly requests: Requests;
  readonly clock: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly memory: RoomMemory;
  /** What the bot's presence carries in every room, as its capabilities (XEP-0115). */
  readonly extras: () => readonly Element[];
  /** How long a room may be silent before the bot asks whether it is still in. */
  readonly silenceMs: number;
  readonly observer: RoomObserver;
}

/** Who is told what happens in rooms. */
export interface RoomObserver extends PeopleObserver {
  /** The room is in another state, or in the same one for another reason. */
  stateChanged(room: Room): void;
  /** It is time to enter; the observer calls `enter` when it is this room's turn. */
  wantsToEnter(room: Room): void;
  /** Whoever has this nick from now on is not provably who had it. */
  occupancyEnded(room: RoomJid, nick: string): void;
}

interface Reason {
  readonly code: RoomStatus["code"];
  readonly text: string;
}

export class Room implements RoomLink {
  readonly room: RoomJid;
  readonly #nick: string;
  readonly #around: RoomSurroundings;
  readonly #listeners: Listeners<RoomLinkEvents>;
  readonly #people: RoomPeople;
  readonly #selfPing: SelfPing;
  readonly #readiness: RoomReadiness;
  /* How to give up what was asked of the room and not answered yet. */
  readonly #unanswered = new Set<(reason: Error) => void>();
  #state: RoomState = "offline";
  #reason: Reason | undefined;
  #visit: RoomVisit | undefined;
  /* The bot is in, and the room is not suspended. */
  #isServed = false;
  #enteredAt = 0;
  #payload: Element | undefined;
  #backoff: { readonly bounds: BackoffBounds; readonly waits: Backoff } | undefined;
  #cancelRetry: () => void = () => undefined;

  constructor(room: RoomJid, nick: string, around: RoomSurroundings) {
    const { clock, log, observer, requests, silenceMs } = around;
    this.room = room;
    this.#nick = nick;
    this.#around = around;
    this.#listeners = new Listeners((event, error) =>
      log.error({ err: error, event }, "a listener of a room failed"),
    );
    this.#readiness = new RoomReadiness(clock, PATIENCE_MS);
    this.#people = new RoomPeople({
      room,
      clock,
      observer,
      ask: (payload) => requests.request(room, "get", payload, { timeoutMs: LIST_TIMEOUT_MS }),
    });
    this.#selfPing = new SelfPing({
      clock,
      silenceMs,
      ping: () => requests.request(`${room}/${this.ownNick}`, "get", xml("ping", { xmlns: NS_PING })),
      onForgotten: () => this.#comeBack(),
    });
  }

  get isJoined(): boolean {
    return this.#isServed;
  }

  get ownNick(): string {
    return this.#visit?.ownNick ?? this.#nick;
  }

  get ownAffiliation(): Affiliation {
    return this.#visit?.ownAffiliation ?? "none";
  }

  get state(): RoomState {
    return this.#state;
  }

  get isNonAnonymous(): boolean {
    return this.#isServed && this.#visit?.isNonAnonymous === true;
  }

  get status(): RoomStatus {
    return {
      state: this.#state,
      code: this.#reason?.code,
      text: this.#reason?.text,
      nick: this.ownNick,
      ownAffiliation: this.#visit?.isIn === true ? this.ownAffiliation : undefined,
      lists: this.#people.lists,
    };
  }

  occupants(): readonly Occupant[] {
    return this.#isServed ? Array.from(this.#visit?.occupants.all() ?? []) : [];
  }

  /** Who has this nick now. */
  occupant(nick: string): Occupant | undefined {
    return this.#isServed ? this.#visit?.occupants.get(nick) : undefined;
  }

  on<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  request(type: "get" | "set", payload: Element): Promise<Element> {
    if (!this.#isServed) return Promise.reject(new StreamDownError("the bot is not in the room"));
    return new Promise((resolve, reject) => {
      this.#unanswered.add(reject);
      void this.#around.requests
        .request(this.room, type, payload)
        .then(resolve, reject)
        .finally(() => this.#unanswered.delete(reject));
    });
  }

  async setOwnPayload(payload: Element | undefined): Promise<void> {
    this.#payload = payload;
    if (!this.#isServed || this.#visit === undefined) throw new StreamDownError("the bot is not in the room");
    await this.#visit.update();
  }

  /** There is a new session: whatever was before is gone. */
  online(): void {
    if (this.#state === "left") return;
    this.offline();
    this.#around.observer.wantsToEnter(this);
  }

  /** The session is gone for good. */
  offline(): void {
    if (this.#state === "left") return;
    this.#visit?.abandon();
    this.#out();
    this.#setState("offline");
  }

  /** Goes in; called when it is this room's turn, and without effect where there is nothing to do. */
  enter(): void {
    if (this.#state !== "offline" && this.#state !== "refused") return;
    const { clock, stream, requests } = this.#around;
    this.#cancelRetry();
    this.#visit = new RoomVisit({
      room: this.room,
      nick: this.#nick,
      clock,
      send: (stanza) => stream.send(stanza),
      ask: (type, payload) => requests.request(this.room, type, payload),
      extras: () => this.#extras(),
      host: this.#host,
    });
    this.#setState("joining");
    void this.#visit.begin();
  }

  /** Leaves and does not come back. */
  leave(): void {
    this.#visit?.leave();
    this.#out();
    this.#setState("left");
  }

  /** Takes the room as it is now for the one to serve, whatever was known of it. */
  admit(): void {
    const { memory, observer } = this.#around;
    memory.keep(this.room, undefined);
    if (this.#state !== "suspended") return;
    if (this.#visit?.isIn === true) {
      memory.keep(this.room, this.#markNow());
      this.#serve(this.#visit, false);
    } else {
      this.#setState("offline");
      observer.wantsToEnter(this);
    }
  }

  /** Takes a presence from `room/nick`; the nick is empty for one from the room itself. */
  receivePresence(nick: string, stanza: Element): void {
    this.#selfPing.heard();
    if (this.#visit === undefined) this.#refuseStray(nick, stanza);
    else this.#visit.receivePresence(nick, stanza);
  }

  /** Takes a message from the room or from an occupant; only one from the room itself is the room's word. */
  receiveMessage(nick: string, stanza: Element): void {
    this.#selfPing.heard();
    if (nick === "") this.#visit?.receiveMessage(stanza);
  }

  /**
   * The room's word on a person, made sure of before it would lead to a refusal.
   *
   * @throws HatsError list-unreadable, room-not-ready
   */
  async affiliation(user: BareJid): Promise<Affiliation> {
    await this.#untilReady();
    return this.#people.affiliation(user);
  }

  /** What is known of a person now, without asking the room. */
  lastKnownAffiliation(user: BareJid): Affiliation | undefined {
    return this.#isServed ? this.#people.lastKnown(user) : undefined;
  }

  /**
   * Owners, admins and members, as far as lists and presence tell.
   *
   * @throws HatsError list-unreadable, room-not-ready
   */
  async affiliated(): Promise<ReadonlyMap<BareJid, Affiliation>> {
    await this.#untilReady();
    return this.#people.affiliated();
  }

  readonly #host: VisitHost = {
    entered: () => this.#entered(),
    ended: (reason) => this.#ended(reason),
    present: (occupant, change, presence) => {
      if (!this.#isServed) return;
      if (change === "replaced") this.#around.observer.occupancyEnded(this.room, occupant.nick);
      this.#listeners.tell("occupant", occupant, presence);
    },
    departed: ({ nick }) => {
      if (!this.#isServed) return;
      this.#around.observer.occupancyEnded(this.room, nick);
      this.#listeners.tell("occupant-left", nick);
    },
    told: (user, affiliation, isChange) => {
      if (this.#isServed) this.#people.tell(user, affiliation, isChange);
    },
    ownAffiliation: (affiliation) => {
      if (!this.#isServed) return;
      this.#around.memory.keep(this.room, this.#markNow());
      this.#listeners.tell("own-affiliation", affiliation);
      void this.#people.readAnew();
    },
    configured: () => {
      if (this.#isServed) this.#listeners.tell("configuration");
    },
  };

  #entered(): void {
    const { memory, clock } = this.#around;
    const visit = this.#visit;
    if (visit === undefined) return;
    this.#enteredAt = clock.now();
    this.#selfPing.start();
    const mark = memory.recall(this.room);
    const recognition = recognise(mark, this.#markNow());
    if (recognition === "new" || recognition === "same" || recognition === "unsure") {
      memory.keep(this.room, this.#markNow());
      this.#serve(visit, recognition === "same");
    } else this.#suspend(recognition, mark);
  }

  #ended(reason: RoomRefusal): void {
    const { clock, memory, observer } = this.#around;
    const mark = memory.recall(this.room);
    if (this.#isServed && clock.now() - this.#enteredAt > LONG_STAY_MS) this.#backoff = undefined;
    this.#out();
    if (reason.code === "created") {
      this.#suspend("created", mark);
      return;
    }
    if (mark !== undefined && reason.code === "no-such-room")
      memory.keep(this.room, { ...mark, wasMissing: true });
    if (mark !== undefined && reason.code === "destroyed")
      memory.keep(this.room, { ...mark, suspended: mark.suspended ?? "destroyed" });
    this.#cancelRetry = clock.after(this.#retryIn(ROOM_REFUSALS[reason.code].retry), () =>
      observer.wantsToEnter(this),
    );
    this.#setState("refused", reason);
  }

  /* The lists are read before the room counts as ready; whether they could be read is another matter. */
  #serve(visit: RoomVisit, isSameRoom: boolean): void {
    this.#isServed = true;
    this.#setState("joining");
    this.#people.meet(visit.occupants, visit.ownUser, isSameRoom);
    this.#listeners.tell("joined");
    if (this.#payload !== undefined) visit.update().catch(() => undefined);
    void this.#becomeReady(visit);
  }

  async #becomeReady(visit: RoomVisit): Promise<void> {
    await this.#people.read();
    if (this.#visit !== visit || this.#state !== "joining") return;
    this.#setState("ready");
  }

  #suspend(code: SuspensionCode, mark: RoomMark | undefined): void {
    this.#around.memory.keep(this.room, { ...(mark ?? this.#markNow()), suspended: code });
    this.#setState("suspended", { code, text: SUSPENSIONS[code] });
  }

  #comeBack(): void {
    this.#around.log.warn({ room: this.room }, "the room forgot the bot; it enters again");
    this.online();
  }

  /* Out of the room: nothing of the visit holds any more. */
  #out(): void {
    const visit = this.#visit;
    const wasServed = this.#isServed;
    this.#isServed = false;
    this.#visit = undefined;
    this.#selfPing.stop();
    this.#cancelRetry();
    this.#people.part();
    for (const reject of this.#unanswered) reject(new StreamDownError("the bot left the room"));
    this.#unanswered.clear();
    if (!wasServed || visit === undefined) return;
    for (const { nick } of visit.occupants.all()) this.#around.observer.occupancyEnded(this.room, nick);
    this.#listeners.tell("left");
  }

  /* COMPAT: ejabberd takes a presence that was under way when the bot was put out for a new entrance, into a room that
     may not exist any more. */
  #refuseStray(nick: string, stanza: Element): void {
    const presence = nick === "" ? undefined : parseOccupantPresence(stanza);
    if (presence?.available !== true || !presence.statuses.has(STATUS.self)) return;
    this.#around.stream.send(buildLeave(`${this.room}/${nick}`)).catch(() => undefined);
    if (!presence.statuses.has(STATUS.created)) return;
    this.#cancelRetry();
    this.#suspend("created", this.#around.memory.recall(this.room));
  }

  #markNow(): RoomMark {
    return { ownId: this.#visit?.ownId, ownAffiliation: this.ownAffiliation };
  }

  /* A room that is only being entered may be another one, which must not see what the payload tells. */
  #extras(): readonly Element[] {
    const extras = this.#around.extras();
    return this.#isServed && this.#payload !== undefined ? [...extras, this.#payload] : extras;
  }

  #retryIn(bounds: BackoffBounds): number {
    if (this.#backoff?.bounds !== bounds)
      this.#backoff = { bounds, waits: new Backoff(bounds, this.#around.random) };
    return this.#backoff.waits.next();
  }

  #setState(state: RoomState, reason?: Reason): void {
    this.#state = state;
    this.#reason = reason;
    this.#around.observer.stateChanged(this);
    if (!this.isOnItsWay) this.#readiness.wake();
  }

  /** Whether it may be ready shortly: it is being entered, or there is no session yet. */
  get isOnItsWay(): boolean {
    return this.#state === "joining" || this.#state === "offline";
  }

  /* Waits while the room is on its way, for a bounded time. */
  async #untilReady(): Promise<void> {
    if (this.isOnItsWay) await this.#readiness.wait();
    if (this.#state !== "ready") throw this.#notReady();
  }

  #notReady(): HatsError {
    if (this.#state !== "suspended") return new HatsError("room-not-ready");
    return new HatsError("room-not-ready", {
      text: "this room is suspended, nothing changed; whoever runs the desk can say whether it is the right one",
    });
  }
}
