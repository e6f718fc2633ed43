/** A clock that stands still until a test turns it. */
import type { Clock } from "../../src/core/clock.ts";
import { within } from "./deadline.ts";

interface Wake {
  readonly at: number;
  readonly callback: () => void;
}

/** Time in the hands of a test. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #wakes = new Set<Wake>();
  readonly #asked: { readonly delayMs: number; readonly resolve: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const wake = { at: this.#now + delayMs, callback };
    this.#wakes.add(wake);
    for (const asked of this.#asked) if (asked.delayMs === delayMs) asked.resolve();
    return () => this.#wakes.delete(wake);
  }

  /** Resolves when somebody next asks to be woken after exactly this delay. */
  untilAsked(delayMs: number): Promise<void> {
    const asked = new Promise<void>((resolve) => this.#asked.push({ delayMs, resolve }));
    return within(asked, `a wait of ${delayMs} ms`);
  }

  /** Goes forward, waking everybody who is due, in order, also those who came to be due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      this.#now = next.at;
      this.#wakes.delete(next);
      next.callback();
    }
    this.#now = end;
  }

  /** How many wait to be woken. */
  get waiting(): number {
    return this.#wakes.size;
  }

  /** How long the next one has to wait; undefined where nobody does. */
  get nextMs(): number | undefined {
    const next = this.#earliest(Number.POSITIVE_INFINITY);
    return next && next.at - this.#now;
  }

  #earliest(end: number): Wake | undefined {
    const due = Array.from(this.#wakes).filter((wake) => wake.at <= end);
    return due.toSorted((a, b) => a.at - b.at)[0];
  }
}
