/** One at a time: work under the same key waits for the work before it, whatever became of that. */
export class Turns {
  /* The last work of each key that is not done yet. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work when it is its turn, and resolves or rejects as it does. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
