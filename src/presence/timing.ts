/** When to try again what failed, in a way that a test can repeat. */
import type { Clock } from "../core/clock.ts";

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
