/**
 * A clock that goes many times as fast as that of the machine, but never faster than the process keeps up.
 *
 * What waits for two seconds waits for a few hundredths of one, in the same order. On a busy machine a process stands
 * still now and then, and its events come late: were time to go on meanwhile, a bot would find that nobody answered it for
 * seconds, before it could read the answers. So each turn of the event loop is at most TURN_MS long for it.
 */
import type { Clock } from "../../src/core/clock.ts";

/* The longest that one turn of the event loop counts, in milliseconds of the machine. */
const TURN_MS = 2;

interface Wake {
  readonly at: number;
  readonly callback: () => void;
}

/** The time of one or several bots in haste. */
export class HastyClock implements Clock {
  readonly #haste: number;
  readonly #wakes = new Set<Wake>();
  #now = 0;
  #countedAt = performance.now();
  #ticking: NodeJS.Timeout | undefined;

  /** `haste` is how many milliseconds pass in one of the machine's. */
  constructor(haste: number) {
    this.#haste = haste;
  }

  now(): number {
    /* While nobody waits, nobody can be kept waiting: then it is the machine's time. */
    if (this.#ticking === undefined) this.#count(Number.POSITIVE_INFINITY);
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const wake = { at: this.now() + delayMs, callback };
    this.#wakes.add(wake);
    this.#ticking ??= setInterval(() => this.#tick(), 1);
    return () => {
      this.#wakes.delete(wake);
      this.#rest();
    };
  }

  #tick(): void {
    this.#count(TURN_MS);
    const due = [...this.#wakes].filter(({ at }) => at <= this.#now).toSorted((a, b) => a.at - b.at);
    for (const wake of due) if (this.#wakes.delete(wake)) wake.callback();
    this.#rest();
  }

  #count(mostMs: number): void {
    const now = performance.now();
    this.#now += Math.min(now - this.#countedAt, mostMs) * this.#haste;
    this.#countedAt = now;
  }

  #rest(): void {
    if (this.#wakes.size > 0) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}
