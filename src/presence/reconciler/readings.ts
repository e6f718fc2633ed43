/**
 * When a room's own lists are read again: now and then, soon where something looks strange, and again after a failure.
 *
 * One reading at a time. Leaves out what is read, and what follows from it.
 */
import { retryDelay, type Timing } from "../timing.ts";

/** How long a room is left alone where nothing looks strange: somebody absent may have got a hat. */
const PERIOD_MS = 10 * 60_000;

/** How long a room rests between two readings that something strange asks for. */
const REST_MS = 5_000;

/** The readings of one room, after the first. */
export class Readings {
  readonly #read: () => Promise<void>;
  readonly #timing: Timing;
  #underWay: Promise<unknown> = Promise.resolve();
  #lastAt: number;
  #due: number | undefined;
  #callOff: (() => void) | undefined;
  #failures = 0;
  #error: unknown;
  #isStopped = false;

  constructor(read: () => Promise<void>, timing: Timing) {
    this.#read = read;
    this.#timing = timing;
    this.#lastAt = timing.clock.now();
  }

  /** Why the last one failed; undefined where it did not. */
  get lastError(): unknown {
    return this.#error;
  }

  /** A reading was made just now. */
  start(): void {
    this.#lastAt = this.#timing.clock.now();
    this.#planIn(PERIOD_MS);
  }

  /** Reads now, after what is being read; rejects where it cannot be read. */
  now(): Promise<void> {
    const reading = this.#underWay.then(() => this.#readOnce());
    this.#underWay = reading.catch(() => undefined);
    return reading;
  }

  /** Reads as soon as the room has rested. */
  soon(): void {
    this.#planIn(Math.max(0, this.#lastAt + REST_MS - this.#timing.clock.now()));
  }

  /** What was read could not be used: reads again after a wait that grows. */
  failed(error: unknown): void {
    this.#failures += 1;
    this.#error = error;
    this.#planIn(retryDelay(this.#failures, this.#timing.random, PERIOD_MS));
  }

  /** What was read could be used. */
  worked(): void {
    this.#failures = 0;
    this.#error = undefined;
  }

  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
  }

  async #readOnce(): Promise<void> {
    if (this.#isStopped) return;
    this.#callOff?.();
    this.#due = undefined;
    try {
      await this.#read();
      this.start();
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /* An earlier reading that is planned stays. */
  #planIn(delayMs: number): void {
    const due = this.#timing.clock.now() + delayMs;
    if (this.#isStopped || (this.#due !== undefined && this.#due <= due)) return;
    this.#callOff?.();
    this.#due = due;
    this.#callOff = this.#timing.clock.after(delayMs, () => {
      this.#due = undefined;
      this.now().catch(() => undefined);
    });
  }
}
