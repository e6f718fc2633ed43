/** Time as a port: whoever waits or expires is given a clock, so that a test can turn it. */

/** Tells the time and wakes up once. */
export interface Clock {
  /** Milliseconds that only ever go forward; their zero means nothing. */
  now(): number;
  /** Calls back once after so many milliseconds; the returned function calls it off. */
  after(delayMs: number, callback: () => void): () => void;
}
