/** Counts attempts that failed, for whoever comes back again and again. */
import { type BackoffBounds, backoffDelay } from "../core/backoff.ts";

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
    this.#attempts += 1;
    return backoffDelay(this.#attempts, this.#bounds, this.#random);
  }

  /** Starts again from the first wait. */
  reset(): void {
    this.#attempts = 0;
  }
}
