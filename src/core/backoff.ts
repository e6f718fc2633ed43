/**
 * How long to wait before the next attempt: twice as long each time up to a limit, less a random part, so that what
 * failed together does not come back together.
 */

/** The bounds of the waits, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly maxMs: number;
}

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
