/** Time as a port, so that tests can turn the clock themselves. */

/** Tells the time and wakes up once; the connection's clock fits as it is. */
export interface Clock {
  /** Milliseconds that only ever go forward; their zero means nothing. */
  now(): number;
  /** Calls back once after so many milliseconds; the returned function calls it off. */
  after(delayMs: number, callback: () => void): () => void;
}

/** What makes waiting repeatable in a test. */
export interface Timing {
  readonly clock: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/**
 * How long to wait after so many failures in a row, the first being 1: twice as long each time, up to `longestMs`, less
 * a random part, so that what failed together does not come back together.
 */
export function retryDelay(failures: number, random: () => number, longestMs = LONGEST_MS): number {
  const full = Math.min(FIRST_MS * 2 ** (failures - 1), longestMs);
  return full / 2 + random() * (full / 2);
}
