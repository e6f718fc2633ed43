/** The clock of this machine. */
import type { Clock } from "../core/clock.ts";

/* What a timer of Node's holds, 24.8 days; anything above, Infinity too, it takes for one millisecond. */
const LONGEST_MS = 2 ** 31 - 1;

/** Changes of the date do not touch it. A delay of more than 24 days ends then. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, LONGEST_MS));
    return () => clearTimeout(timer);
  },
};
