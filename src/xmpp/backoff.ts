/**
 * How long to wait before the next attempt: twice as long each time up to a limit, less a random part, so that a
 * thousand bots do not come back to a restarted server in the same instant.
 */

/** The bounds of the waits, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Counts failed attempts and says how long to wait after each. */
export class Backoff {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #attempts = 0;

  /** `random` gives numbers from 0 up to but not including 1. */
  constructor(bounds: BackoffBounds, random: () => number) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** The wait before the next attempt: between half of the full wait and the full wait. */
  next(): number {
    const full = Math.min(this.#bounds.firstMs * 2 ** this.#attempts, this.#bounds.maxMs);
    this.#attempts += 1;
    return full / 2 + this.#random() * (full / 2);
  }

  /** Starts again from the first wait. */
  reset(): void {
    this.#attempts = 0;
  }
}
