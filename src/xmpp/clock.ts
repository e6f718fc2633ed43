/** Time as a port, so that tests can turn the clock themselves. */

/** Tells the time and wakes up once. */
export interface Clock {
  /** Milliseconds that only ever go forward; their zero means nothing. */
  now(): number;
  /** Calls back once after so many milliseconds; the returned function calls it off. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The clock of this machine; changes of the date do not touch it. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
