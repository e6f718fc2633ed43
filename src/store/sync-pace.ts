/**
 * Chooses how to secure a write: blocking, while the disk is quick, or aside, while it is slow.
 *
 * A sync aside takes a thread and two turns of the event loop, which costs more than the sync itself where that takes
 * some tens of microseconds; a blocking one on a slow disk would stop everything else that the program does.
 */

/* Milliseconds that the event loop may be blocked, on average. */
const QUICK = 0.3;
/* How much the latest sync counts against those before it. */
const WEIGHT = 1 / 8;

/** Remembers how long syncs take. */
export class SyncPace {
  #average = QUICK;

  /** Whether the next sync should block. */
  get mayBlock(): boolean {
    return this.#average < QUICK;
  }

  /** Notes how long a sync took, in milliseconds. */
  note(duration: number): void {
    this.#average += (duration - this.#average) * WEIGHT;
  }
}
