/** When to try again what failed, in a way that a test can repeat. */
import { backoffDelay } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";

/** What makes waiting repeatable in a test. */
export interface Timing {
  readonly clock: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;

/** How long to wait after so many failures in a row, the first being 1: up to `longestMs`. */
export function retryDelay(failures: number, random: () => number, longestMs = LONGEST_MS): number {
  return backoffDelay(failures, { firstMs: FIRST_MS, maxMs: longestMs }, random);
}
