/**
 * How much all rooms are told together: the bot's account is one, and its server reads only so much of it.
 *
 * Whatever waits in the server for the bot to be read holds up all that comes after it: answers to commands, too. And a
 * server that reads 3,000 bytes a second, as ejabberd does by default, has read a few hundred questions by the time that
 * the first of them counts as unanswered, so that they would all be asked again. So only so many questions are under way
 * at a time, to one room and to all; a room that does not answer keeps its places among all for a while only. Payloads of
 * the bot's own presence take half of what is read.
 */
import type { Clock } from "../core/clock.ts";
import type { Explanation } from "../core/explanations.ts";
import type { AskableRoom } from "./room-link.ts";

/* What a room works through one after the other: only the way there and back has to be covered. */
const AT_ONCE_A_ROOM = 32;
const AT_ONCE = 64;
/* Half of what a question is waited for. */
const LENT_MS = 15_000;

const BYTES_PER_MS = 1.5;
/* So much may go at once after a time of nothing; what is larger is paid for afterwards. */
const BURST_BYTES = 3_000;

/** It was never the turn of a question. */
class NotAsked extends Error {
  readonly explanation: Explanation = { code: "no-answer" };
}

/** What all rooms share. */
export interface Paces {
  readonly requests: RequestPace;
  readonly payloads: PayloadPace;
}

/** One room, asked when it is its turn. */
export interface PacedLink extends AskableRoom {
  /** What has not been asked yet is not asked any more, and rejects when its turn comes. */
  close(): void;
}

/** The questions to all rooms. */
export class RequestPace {
  readonly #clock: Clock;
  readonly #places: Places;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#places = new Places(AT_ONCE);
  }

  /** A way to ask one room as its link does, when it is its turn. */
  asking(link: AskableRoom): PacedLink {
    const own = new Places(AT_ONCE_A_ROOM);
    let isClosed = false;
    return {
      request: async (type, payload) => {
        await own.take();
        await this.#places.take();
        const giveBack = this.#lend();
        try {
          if (isClosed) throw new NotAsked();
          return await link.request(type, payload);
        } finally {
          giveBack();
          own.giveBack();
        }
      },
      close() {
        isClosed = true;
      },
    };
  }

  #lend(): () => void {
    let isLent = true;
    const giveBack = (): void => {
      if (isLent) this.#places.giveBack();
      isLent = false;
      callOff();
    };
    const callOff = this.#clock.after(LENT_MS, giveBack);
    return giveBack;
  }
}

/* Places for so many; whoever comes first has the next one that is free. */
class Places {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  take(): Promise<void> | undefined {
    if (this.#free === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#free -= 1;
    return undefined;
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** The payloads of all rooms. */
export class PayloadPace {
  readonly #clock: Clock;
  /* When all that was sent would have been sent at that pace. */
  #paidUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long to wait before sending anything, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#paidUntil - this.#clock.now());
  }

  /** Notes that so much is sent now. */
  spend(bytes: number): void {
    const saved = this.#clock.now() - BURST_BYTES / BYTES_PER_MS;
    this.#paidUntil = Math.max(this.#paidUntil, saved) + bytes / BYTES_PER_MS;
  }
}
