/**
 * Finds out that the other side is gone although the socket still looks open: a ping (XEP-0199) at intervals, and
 * anything at all must have come back in time.
 *
 * Any sign of life counts, not only the reply: a server that is slowed down by its own rate limits still talks, and a
 * reply stands behind a list of megabytes for as long as that takes to come.
 */
import type { Clock } from "../../core/clock.ts";

/** The times of a keepalive, in milliseconds. */
export interface KeepaliveTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** What a keepalive does to its stream. */
export interface KeepaliveActions {
  ping(): void;
  /** Nothing came back after a ping. */
  silence(): void;
}

/** Watches one stream while it is online. */
export class Keepalive {
  readonly #clock: Clock;
  readonly #times: KeepaliveTimes;
  readonly #actions: KeepaliveActions;
  #cancelNext: () => void;
  #cancelDeadline: (() => void) | undefined;

  constructor(clock: Clock, times: KeepaliveTimes, actions: KeepaliveActions) {
    this.#clock = clock;
    this.#times = times;
    this.#actions = actions;
    this.#cancelNext = this.#schedule();
  }

  /** Something came in. */
  heard(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
  }

  stop(): void {
    this.heard();
    this.#cancelNext();
  }

  #schedule(): () => void {
    return this.#clock.after(this.#times.intervalMs, () => {
      this.#cancelNext = this.#schedule();
      this.#cancelDeadline ??= this.#clock.after(this.#times.timeoutMs, () => this.#actions.silence());
      this.#actions.ping();
    });
  }
}
