/** The clock of this machine. */
import type { Clock } from "../core/clock.ts";

/** Changes of the date do not touch it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
