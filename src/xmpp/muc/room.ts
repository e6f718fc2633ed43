/**
 * One kept room over all visits to it: enters, comes back after each loss, and leaves, by the table of room-states.ts.
 *
 * Leaves out the protocol of one visit (room-visit.ts), whether the room is served meanwhile and who hears of it
 * (room-serving.ts), what it says of people (room-answers.ts), and all that spans rooms (rooms.ts).
 */
import type { Explanation } from "../../core/explanations.ts";
import type { RoomJid } from "../../core/jid.ts";
import { parseOccupantPresence, STATUS } from "../../stanza/muc-presence.ts";
import { NS_PING } from "../../stanza/namespaces.ts";
import { type Element, xml } from "../../stanza/xml.ts";
import { PresenceSender } from "./presence-sender.ts";
import { RoomAnswers } from "./room-answers.ts";
import { RoomIdentity } from "./room-identity.ts";
import { refusal, ROOM_REFUSALS, type RoomRefusal } from "./room-refusal.ts";
import { Retry } from "../retry.ts";
import { RoomServing } from "./room-serving.ts";
import { canHappen, nextState, type RoomEvent, type RoomState } from "./room-states.ts";
import type { RoomStatus } from "./room-status.ts";
import type { RoomSurroundings } from "./room-surroundings.ts";
import { RoomVisit } from "./room-visit.ts";
import { SelfPing } from "./self-ping.ts";
import type { ServedRoom } from "./served-room.ts";

/** A stay that lasted this long makes up for the failures before it. */
const LONG_STAY_MS = 10 * 60_000;

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
  readonly #identity: RoomIdentity;
  readonly #serving: RoomServing;
  readonly #sender: PresenceSender;
  readonly #selfPing: SelfPing;
  readonly #retry: Retry;
  #nick: string;
  #state: RoomState = "offline";
  #reason: Reason | undefined;
  #visit: RoomVisit | undefined;
  #enteredAt = 0;
  /* The room could not be asked for the nick, as the stream is interrupted. */
  #isNickUnasked = false;

  constructor(room: RoomJid, nick: string, around: RoomSurroundings) {
    const { archive, clock, extras, log, memory, random, requests, stream } = around;
    this.room = room;
    this.#nick = nick;
    this.#around = around;
    this.#identity = new RoomIdentity({ room, memory, archive, log });
    this.#retry = new Retry(clock, random);
    this.#serving = new RoomServing({
      room,
      around,
      identity: this.#identity,
      retry: this.#retry,
      host: {
        state: () => this.#state,
        read: () => this.#become("read"),
        doubted: (code) => this.#become("doubt", { code, why: { code: `suspended-${code}` } }),
        settled: () => this.#become("settled"),
      },
    });
    this.link = this.#serving.link;
    this.answers = new RoomAnswers({ room: this, people: this.#serving.people, clock });
    this.#sender = new PresenceSender({
      room,
      stream,
      extras: () => [...extras(), ...this.link.payload],
    });
    this.#selfPing = new SelfPing({
      clock,
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
      lists: this.#serving.people.lists,
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

  /** The session goes on after an interruption: a room that is kept since then has not been entered. */
  resumed(): void {
    if (this.#state === "offline") this.online();
    else this.link.resumed();
    if (this.#isNickUnasked) this.#askForNick();
  }

  /** Goes in; called when it is this room's turn, and without effect where there is nothing to do. */
  enter(): void {
    if (!canHappen(this.#state, "enter")) return;
    const { clock, requests } = this.#around;
    this.#retry.cancel();
    const visit = new RoomVisit({
      nick: this.#nick,
      clock,
      sender: this.#sender,
      ask: (type, payload) => requests.request(this.room, type, payload),
      host: { entered: () => this.#entered(visit), ended: (reason) => this.#ended(reason) },
      hearer: this.#serving,
    });
    this.#visit = visit;
    this.#become("enter");
    void visit.begin();
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
    const isAnother = nick !== this.#nick;
    this.#nick = nick;
    this.#askForNick();
    /* That may be all that kept the bot out. */
    if (!isAnother || this.#state !== "refused") return;
    this.#retry.cancel();
    this.#retry.reset();
    this.#around.observer.wantsToEnter(this);
  }

  /**
   * Takes a config admin's word on a room that may be another one: it is the one that the desk knows, or not, and then
   * what the desk has is archived.
   *
   * @throws HatsError store-unwritable, outcome-unknown
   */
  settleDoubt(isSameRoom: boolean): Promise<void> {
    return this.#serving.settleDoubt(isSameRoom);
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

  #askForNick(): void {
    this.#isNickUnasked = !this.#around.stream.online;
    this.#visit?.wantNick(this.#nick);
  }

  #entered(visit: RoomVisit): void {
    this.#enteredAt = this.#around.clock.now();
    this.#selfPing.start();
    this.#serving.meet(visit);
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

  #out(): void {
    this.#visit = undefined;
    this.#selfPing.stop();
    this.#retry.cancel();
    this.#serving.part();
  }

  /* COMPAT: ejabberd takes a presence that was under way when the bot was put out for a new entrance, into a room that
     may not exist any more. */
  #refuseStray(nick: string, stanza: Element): void {
    const presence = nick === "" ? undefined : parseOccupantPresence(stanza);
    if (presence?.available !== true || !presence.statuses.has(STATUS.self)) return;
    this.#sender.leave(nick);
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
