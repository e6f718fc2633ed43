/**
 * Chooses how to secure a write: blocking, while the disk is quick, or aside, while it is slow or more is on its way.
 *
 * A sync aside takes a thread and two turns of the event loop, which costs more than the sync itself where that takes
 * some tens of microseconds; a blocking one on a slow disk would stop everything else that the program does. How long
 * the disk takes is known from blocking syncs only, so when syncs aside look quick, one that blocks is tried.
 *
 * A few entries together are the beginning of many that come one after the other: aside, the next ones gather meanwhile.
 * One alone has nobody to wait for, and many have gathered already.
 */

/* Milliseconds that a typical sync may block the event loop. */
const QUICK = 0.5;
/* Nothing is quicker; so a disk that becomes slow is noticed after a dozen blocking syncs. */
const LEAST = 0.03;
/* A sync aside that takes no longer than this, in milliseconds, speaks for trying one that blocks; so many do. */
const PROMISING = 2;
const PROMISING_RUN = 16;
/* Entries together that are many. */
const MANY = 32;
/* A sync that took longer than is typical raises what is typical by this factor, a shorter one lowers it. */
const STEP = 1.25;

/** Says how to secure the next write, and learns from the last. */
export interface Pace {
  /** Whether the next sync, of so many entries, should block. */
  mayBlock(entries: number): boolean;
  /** Notes how long a blocking sync took, in milliseconds. */
  noteBlocking(duration: number): void;
  /** Notes how long a sync aside took, in milliseconds. */
  noteAside(duration: number): void;
}

/** Follows the median of how long syncs take, so that one stall does not count for more than any slow sync. */
export class SyncPace implements Pace {
  #typical = QUICK / 2;
  #promising = 0;

  mayBlock(entries: number): boolean {
    if (entries > 1 && entries < MANY) return false;
    return this.#typical < QUICK || this.#promising >= PROMISING_RUN;
  }

  noteBlocking(duration: number): void {
    this.#promising = 0;
    this.#typical = Math.min(QUICK, duration > this.#typical ? this.#typical * STEP : this.#typical / STEP);
    this.#typical = Math.max(LEAST, this.#typical);
  }

  noteAside(duration: number): void {
    this.#promising = duration < PROMISING ? this.#promising + 1 : 0;
  }
}
