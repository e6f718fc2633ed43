/**
 * Chooses how to secure a write: blocking, while the disk is quick, or aside, while it is slow.
 *
 * A sync aside takes a thread and two turns of the event loop, which costs more than the sync itself where that takes
 * some tens of microseconds; a blocking one on a slow disk would stop everything else that the program does. How long
 * the disk takes is known from blocking syncs only, so when syncs aside look quick, one that blocks is tried.
 */

/* Milliseconds that a sync may block the event loop, on average. */
const QUICK = 0.3;
/* A sync aside that takes no longer than this, in milliseconds, speaks for trying one that blocks; so many do. */
const PROMISING = 2;
const PROMISING_RUN = 16;
/* How much the latest sync counts against those before it. */
const WEIGHT = 1 / 8;

/** Says how to secure the next write, and learns from the last. */
export interface Pace {
  /** Whether the next sync should block. */
  readonly mayBlock: boolean;
  /** Notes how long a blocking sync took, in milliseconds. */
  noteBlocking(duration: number): void;
  /** Notes how long a sync aside took, in milliseconds. */
  noteAside(duration: number): void;
}

/** Remembers how long syncs take; one stall is forgotten as soon as the disk is quick again. */
export class SyncPace implements Pace {
  #average = 0;
  #promising = 0;

  get mayBlock(): boolean {
    return this.#average < QUICK || this.#promising >= PROMISING_RUN;
  }

  noteBlocking(duration: number): void {
    this.#promising = 0;
    this.#average = Math.min(QUICK, this.#average + (duration - this.#average) * WEIGHT);
  }

  noteAside(duration: number): void {
    this.#promising = duration < PROMISING ? this.#promising + 1 : 0;
  }
}
