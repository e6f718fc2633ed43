/** What is written and secured together, with everybody who waits for it. */
import type { Entry } from "../../core/entry.ts";
import type { HatsError } from "../../core/errors.ts";

export class Batch {
  readonly entries: Entry[] = [];
  /** Resolves when all of it is durable. */
  readonly done: Promise<void>;
  resolve!: () => void;
  reject!: (error: HatsError) => void;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }
}
