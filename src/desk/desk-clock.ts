/** The clock that a desk goes by where it is given none. */
import type { Clock } from "../core/clock.ts";

/** The clock of this machine; to wait for it keeps no program running. */
export const deskClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
