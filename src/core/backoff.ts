/**
 * How long to wait before the next attempt: twice as long each time up to a limit, less a random part, so that what
 * failed together does not come back together.
 */

/** The bounds of the waits, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** A disk that cannot be written mostly waits for somebody to make room on it. */
export const UNWRITABLE: BackoffBounds = { firstMs: 5_000, maxMs: 5 * 60_000 };

/**
 * The wait after so many failures in a row, the first being 1: between half of the full wait and the full wait.
 *
 * `random` gives numbers from 0 up to but not including 1.
 */
export function backoffDelay(
  failures: number,
  { firstMs, maxMs }: BackoffBounds,
  random: () => number,
): number {
  const full = Math.min(firstMs * 2 ** (failures - 1), maxMs);
  return full / 2 + random() * (full / 2);
}
