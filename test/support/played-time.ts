/** The date and the timers of a desk in a conversation: they go on as they do, and a step can let time pass. */
import type { Clock } from "../../src/core/clock.ts";

/** Time that can be made to pass. */
export class PlayedTime {
  #passedMs = 0;
  readonly #waiting = new Set<() => void>();

  readonly now = (): Date => new Date(Date.now() + this.#passedMs);

  readonly clock: Clock = {
    now: () => performance.now() + this.#passedMs,
    after: (delayMs, callback) => {
      const wake = (): void => {
        cancel();
        callback();
      };
      const timer = setTimeout(wake, delayMs);
      const cancel = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
      };
      this.#waiting.add(wake);
      return cancel;
    },
  };

  /** Lets time pass at once; whoever waits is woken, to find out whether it was long enough. */
  pass(ms: number): void {
    this.#passedMs += ms;
    /* Whoever waits again meanwhile does so for the time after. */
    const waiting = Array.from(this.#waiting);
    for (const wake of waiting) wake();
  }
}
