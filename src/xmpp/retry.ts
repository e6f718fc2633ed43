/** When something is tried again: each kind of trouble with a wait of its own that grows, and a long success that ends it. */
import { type BackoffBounds, backoffDelay } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";

export class Retry {
  readonly #clock: Clock;
  readonly #random: () => number;
  /* Of the trouble at hand. */
  #bounds: BackoffBounds | undefined;
  #failures = 0;
  #callOff: () => void = () => undefined;

  /** `random` gives numbers from 0 up to but not including 1. */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Acts after the next wait within these bounds, and not on what was planned before. */
  plan(bounds: BackoffBounds, act: () => void): void {
    this.cancel();
    if (this.#bounds !== bounds) this.reset();
    this.#bounds = bounds;
    this.#failures += 1;
    this.#callOff = this.#clock.after(backoffDelay(this.#failures, bounds, this.#random), act);
  }

  /** Does not act after all. */
  cancel(): void {
    this.#callOff();
    this.#callOff = () => undefined;
  }

  /** All went well for long enough: the next wait is a first one. */
  reset(): void {
    this.#failures = 0;
  }
}
