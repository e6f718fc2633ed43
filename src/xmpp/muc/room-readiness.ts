/** Lets callers wait for a room that is on its way, for a bounded time. */
import type { Clock } from "../../core/clock.ts";

export class RoomReadiness {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  readonly #waiters = new Set<() => void>();
  #isOver = false;

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  /** Resolves when somebody calls `wake`, or when patience ends; at once after `giveUp`. */
  wait(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const go = (): void => {
        cancel();
        this.#waiters.delete(go);
        resolve();
      };
      const cancel = this.#clock.after(this.#patienceMs, go);
      this.#waiters.add(go);
    });
  }

  /** Lets everybody go on who waits, and nobody wait from now on. */
  giveUp(): void {
    this.#isOver = true;
    this.wake();
  }

  /** Lets everybody go on who waits. */
  wake(): void {
    for (const go of Array.from(this.#waiters)) go();
  }
}
