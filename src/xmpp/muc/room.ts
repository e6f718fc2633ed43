/**
 * One kept room over all visits to it: comes back after each loss, and knows the room again.
 *
 * It goes by the table of room-states.ts. Another room of the same name is served bare, once what the desk has of the
 * one before is archived; a room that may be another one is suspended: the bot is in it, but neither commands nor room
 * presence see it, until a config admin says which it is. Leaves out the protocol of one stay (room-visit.ts), who is
 * what there (room-people.ts, room-answers.ts), what room presence sees (served-room.ts), and all that spans rooms
 * (rooms.ts). This file is long because it is the one place where all of these meet.
 */
import type { BackoffBounds } from "../../core/backoff.ts";
import type { Explanation } from "../../core/explanations.ts";
import type { RoomJid } from "../../core/jid.ts";
import { buildLeave, parseOccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import { NS_PING } from "../../stanza/namespaces.ts";
import { type Element, xml } from "../../stanza/xml.ts";
import { RoomAnswers } from "./room-answers.ts";
import { RoomIdentity } from "./room-identity.ts";
import { isReplacement, type Replacement, type RoomMark, type SuspensionCode } from "./room-memory.ts";
import { RoomPeople } from "./room-people.ts";
import { refusal, ROOM_REFUSALS, type RoomRefusal } from "./room-refusal.ts";
import { RoomRetry } from "./room-retry.ts";
import { canHappen, nextState, type RoomEvent, type RoomState } from "./room-states.ts";
import type { RoomStatus } from "./room-status.ts";
import type { RoomSurroundings } from "./room-surroundings.ts";
import { RoomVisit, type VisitHost } from "./room-visit.ts";
import { SelfPing } from "./self-ping.ts";
import { ServedRoom } from "./served-room.ts";

/** Lists may be long; servers send them in one piece. */
const LIST_TIMEOUT_MS = 60_000;
/** A stay that lasted this long makes up for the failures before it. */
const LONG_STAY_MS = 10 * 60_000;
/** A store that cannot be written mostly waits for somebody to make room on the disk. */
const ARCHIVING_AGAIN: BackoffBounds = { firstMs: 1_000, maxMs: 60_000 };

interface Reason {
  readonly code: RoomStatus["code"];
  readonly why: Explanation;
}

export class Room {
  readonly room: RoomJid;
  /** What room presence sees of it. */
  readonly link: ServedRoom;
  /** What it says to whoever asks about people. */
  readonly answers: RoomAnswers;
  readonly #around: RoomSurroundings;
  readonly #people: RoomPeople;
  readonly #identity: RoomIdentity;
  readonly #selfPing: SelfPing;
  readonly #retry: RoomRetry;
  #nick: string;
  #state: RoomState = "offline";
  #reason: Reason | undefined;
  #visit: RoomVisit | undefined;
  #enteredAt = 0;

  constructor(room: RoomJid, nick: string, around: RoomSurroundings) {
    const { archive, clock, log, memory, observer, random, requests, silenceMs, stream } = around;
    this.room = room;
    this.link = new ServedRoom({ room, requests, stream, log });
    this.#nick = nick;
    this.#around = around;
    this.#identity = new RoomIdentity({ room, memory, archive, log });
    this.#retry = new RoomRetry(clock, random);
    this.#people = new RoomPeople({
      room,
      clock,
      observer,
      ask: (payload) => requests.request(room, "get", payload, { timeoutMs: LIST_TIMEOUT_MS }),
    });
    this.answers = new RoomAnswers({ room: this, people: this.#people, clock });
    this.#selfPing = new SelfPing({
      clock,
      silenceMs,
      ping: () => requests.request(`${room}/${this.ownNick}`, "get", xml("ping", { xmlns: NS_PING })),
      onForgotten: () => this.#comeBack(),
    });
  }

  get ownNick(): string {
    return this.#visit?.ownNick ?? this.#nick;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Whether it may be ready shortly: it is being entered, or there is no session yet. */
  get isOnItsWay(): boolean {
    return this.#state === "joining" || this.#state === "offline";
  }

  /** Whether a config admin has to say if it is the room that the desk knows; in every state. */
  get isDoubted(): boolean {
    return this.#identity.isDoubted;
  }

  get status(): RoomStatus {
    return {
      state: this.#state,
      code: this.#reason?.code,
      why: this.#reason?.why,
      nick: this.ownNick,
      ownAffiliation: this.#visit?.isIn === true ? this.#visit.ownAffiliation : undefined,
      lists: this.#people.lists,
    };
  }

  /** There is a new session: whatever was before is gone. */
  online(): void {
    this.offline();
    if (canHappen(this.#state, "enter")) this.#around.observer.wantsToEnter(this);
  }

  /** The session is gone for good. */
  offline(): void {
    if (!canHappen(this.#state, "lost")) return;
    this.#visit?.abandon();
    this.#out();
    this.#become("lost");
  }

  /** The session goes on after an interruption. */
  resumed(): void {
    if (this.link.isJoined) this.link.tell("resumed");
  }

  /** Goes in; called when it is this room's turn, and without effect where there is nothing to do. */
  enter(): void {
    if (!canHappen(this.#state, "enter")) return;
    const { clock, extras, stream, requests } = this.#around;
    this.#retry.cancel();
    this.#visit = new RoomVisit({
      room: this.room,
      nick: this.#nick,
      clock,
      send: (stanza) => stream.send(stanza),
      ask: (type, payload) => requests.request(this.room, type, payload),
      extras: () => [...extras(), ...this.link.payload],
      host: this.#host,
    });
    this.#become("enter");
    void this.#visit.begin();
  }

  /** Leaves and does not come back. */
  leave(): void {
    if (!canHappen(this.#state, "leave")) return;
    this.#visit?.leave();
    this.#out();
    this.#become("leave");
  }

  /** Goes by another nick from now on. */
  rename(nick: string): void {
    this.#nick = nick;
    this.#visit?.wantNick(nick);
  }

  /**
   * Takes a config admin's word on a room that may be another one: it is the one that the desk knows, or not, and then
   * what the desk has is archived.
   *
   * @throws HatsError store-unwritable, outcome-unknown
   */
  async settleDoubt(isSameRoom: boolean): Promise<void> {
    if (!this.isDoubted) return;
    if (!isSameRoom) this.link.forgetPayload();
    await this.#identity.settle(isSameRoom);
    if (this.#state === "suspended") this.#meet();
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

  readonly #host: VisitHost = {
    entered: () => {
      this.#enteredAt = this.#around.clock.now();
      this.#selfPing.start();
      this.#meet();
    },
    ended: (reason) => this.#ended(reason),
    present: (occupant, change, presence) => {
      if (!this.link.isJoined) return;
      if (change === "replaced") this.#around.observer.occupancyEnded(this.room, occupant.nick);
      this.link.tell("occupant", occupant, presence);
    },
    departed: ({ nick }) => {
      if (!this.link.isJoined) return;
      this.#around.observer.occupancyEnded(this.room, nick);
      this.link.tell("occupant-left", nick);
    },
    told: (user, affiliation, isChange) => {
      if (this.link.isJoined) this.#people.tell(user, affiliation, isChange);
    },
    ownAffiliation: (affiliation) => {
      if (!this.link.isJoined || this.#visit === undefined) return;
      this.#identity.keep(markOf(this.#visit));
      this.link.tell("own-affiliation", affiliation);
      void this.#people.readAnew();
    },
    configured: () => {
      if (this.link.isJoined) this.link.tell("configuration");
    },
  };

  /* The bot is in: whether it serves the room depends on which room it is. */
  #meet(): void {
    const visit = this.#visit;
    if (visit?.isIn !== true) return;
    const recognition = this.#identity.recognise(markOf(visit));
    if (recognition === "forgotten") {
      this.#identity.doubt();
      this.#suspend("forgotten");
    } else if (isReplacement(recognition)) void this.#replace(visit, recognition);
    else this.#serve(visit, recognition === "same");
  }

  async #replace(visit: RoomVisit, why: Replacement): Promise<void> {
    this.link.forgetPayload();
    const isReplaced = await this.#identity.replace(why, markOf(visit));
    if (this.#visit !== visit) return;
    if (isReplaced) this.#serve(visit, false);
    else {
      this.#suspend("unarchived");
      this.#retry.plan(ARCHIVING_AGAIN, () => this.#meet());
    }
  }

  /* The lists are read before the room counts as ready; whether they could be read is another matter. */
  #serve(visit: RoomVisit, isSameRoom: boolean): void {
    this.#retry.cancel();
    this.#identity.keep(markOf(visit));
    if (this.#state === "suspended") this.#become("settled");
    this.#people.meet(visit.occupants, visit.ownUser, isSameRoom);
    this.link.open(visit, isSameRoom);
    void this.#becomeReady(visit);
  }

  async #becomeReady(visit: RoomVisit): Promise<void> {
    await this.#people.read();
    if (this.#visit === visit && this.#state === "joining") this.#become("read");
  }

  #suspend(code: SuspensionCode): void {
    if (this.#state !== "suspended") this.#become("doubt", { code, why: { code: `suspended-${code}` } });
  }

  #ended(reason: RoomRefusal): void {
    if (this.link.isJoined && this.#around.clock.now() - this.#enteredAt > LONG_STAY_MS) this.#retry.reset();
    this.#out();
    this.#refuse(reason);
  }

  #refuse(reason: RoomRefusal): void {
    this.#identity.learn(reason.code);
    this.#retry.plan(ROOM_REFUSALS[reason.code], () => this.#around.observer.wantsToEnter(this));
    this.#become("put-out", reason);
  }

  #comeBack(): void {
    this.#around.log.warn({ room: this.room }, "the room forgot the bot; it enters again");
    this.online();
  }

  /* Out of the room: nothing of the visit holds any more. */
  #out(): void {
    const gone = this.link.occupants();
    this.#visit = undefined;
    this.#selfPing.stop();
    this.#retry.cancel();
    this.#people.part();
    for (const { nick } of gone) this.#around.observer.occupancyEnded(this.room, nick);
    this.link.close();
  }

  /* COMPAT: ejabberd takes a presence that was under way when the bot was put out for a new entrance, into a room that
     may not exist any more. */
  #refuseStray(nick: string, stanza: Element): void {
    const presence = nick === "" ? undefined : parseOccupantPresence(stanza);
    if (presence?.available !== true || !presence.statuses.has(STATUS.self)) return;
    this.#around.stream.send(buildLeave(`${this.room}/${nick}`)).catch(() => undefined);
    if (!presence.statuses.has(STATUS.created)) return;
    if (canHappen(this.#state, "put-out")) this.#refuse(refusal("created"));
    else this.#identity.learn("created");
  }

  #become(event: RoomEvent, reason?: Reason): void {
    this.#state = nextState(this.#state, event);
    this.#reason = reason;
    this.#around.observer.stateChanged(this);
    this.answers.stateChanged();
  }
}

/* What a visit tells of the room. */
function markOf({ ownId, ownAffiliation }: RoomVisit): RoomMark {
  return { ownId, ownAffiliation };
}
