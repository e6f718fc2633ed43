/** When a room is tried again: each kind of trouble with a wait of its own that grows, and a long stay that ends it. */
import type { BackoffBounds } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import { Backoff } from "../backoff.ts";

export class RoomRetry {
  readonly #clock: Clock;
  readonly #random: () => number;
  #backoff: { readonly bounds: BackoffBounds; readonly waits: Backoff } | undefined;
  #callOff: () => void = () => undefined;

  /** `random` gives numbers from 0 up to but not including 1. */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Acts after the next wait within these bounds, and not on what was planned before. */
  plan(bounds: BackoffBounds, act: () => void): void {
    this.cancel();
    if (this.#backoff?.bounds !== bounds)
      this.#backoff = { bounds, waits: new Backoff(bounds, this.#random) };
    this.#callOff = this.#clock.after(this.#backoff.waits.next(), act);
  }

  /** Does not act after all. */
  cancel(): void {
    this.#callOff();
    this.#callOff = () => undefined;
  }

  /** All went well for long enough: the next wait is a first one. */
  reset(): void {
    this.#backoff = undefined;
  }
}
