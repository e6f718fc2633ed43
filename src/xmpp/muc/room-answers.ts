/** What one room says of people to whoever asks, once it is ready: commands wait for a room that is on its way. */
import type { Clock } from "../../core/clock.ts";
import { HatsError } from "../../core/errors.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import type { RoomPeople } from "./room-people.ts";
import { RoomReadiness } from "./room-readiness.ts";
import type { RoomState } from "./room-states.ts";
import type { ServedRoom } from "./served-room.ts";

/** How long a command waits for a room that is on its way to being ready. */
const PATIENCE_MS = 10_000;

/** The room itself, as it stands now. */
export interface AnsweringRoom {
  readonly state: RoomState;
  readonly isOnItsWay: boolean;
  readonly link: Pick<ServedRoom, "isJoined">;
}

export interface RoomAnswersOptions {
  readonly room: AnsweringRoom;
  readonly people: RoomPeople;
  readonly clock: Clock;
}

export class RoomAnswers {
  readonly #room: AnsweringRoom;
  readonly #people: RoomPeople;
  readonly #readiness: RoomReadiness;

  constructor({ room, people, clock }: RoomAnswersOptions) {
    this.#room = room;
    this.#people = people;
    this.#readiness = new RoomReadiness(clock, PATIENCE_MS);
  }

  /** The room is in another state, so that whoever waits may go on. */
  stateChanged(): void {
    if (!this.#room.isOnItsWay) this.#readiness.wake();
  }

  /** Nobody waits for the room from now on. */
  giveUp(): void {
    this.#readiness.giveUp();
  }

  /**
   * The room's word on a person, made sure of before it would lead to a refusal: by lists that are not older than
   * `freshMs`.
   *
   * @throws HatsError list-unreadable, room-not-ready
   */
  affiliation(user: BareJid, freshMs?: number): Promise<Affiliation> {
    if (this.#room.state === "ready") return this.#people.affiliation(user, freshMs);
    return this.#untilReady().then(() => this.#people.affiliation(user, freshMs));
  }

  /** What `affiliation` would say, where nothing has to be waited for. */
  sureAffiliation(user: BareJid): Affiliation | undefined {
    return this.#room.state === "ready" ? this.#people.sureAffiliation(user) : undefined;
  }

  /** Whether an occupant still has their nick. Throws HatsError room-not-ready. */
  hasNick(occupant: Occupant): Promise<boolean> | boolean {
    return this.#people.hasNick(occupant);
  }

  /** What is known of a person now, without asking the room. */
  lastKnownAffiliation(user: BareJid): Affiliation | undefined {
    return this.#room.link.isJoined ? this.#people.lastKnown(user) : undefined;
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

  /* Waits while the room is on its way, for a bounded time. */
  async #untilReady(): Promise<void> {
    if (this.#room.isOnItsWay) await this.#readiness.wait();
    if (this.#room.state !== "ready") throw this.#notReady();
  }

  #notReady(): HatsError {
    if (this.#room.state !== "suspended") return new HatsError("room-not-ready");
    return new HatsError("room-not-ready", { explanation: { code: "room-suspended" } });
  }
}
