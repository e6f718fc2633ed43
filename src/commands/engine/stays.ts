/** Requests under way by address, so that an answer reaches nobody who took the address over meanwhile. */

interface Stay {
  hasEnded: boolean;
}

/** Knows which requests outlived the stay of whoever sent them. */
export class Stays {
  readonly #underway = new Map<string, Set<Stay>>();

  /** Does the work; `hasEnded` says whether the address was given up before it was done. */
  async during<Result>(
    address: string,
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly hasEnded: boolean }> {
    const stay: Stay = { hasEnded: false };
    const underway = this.#underway.get(address) ?? new Set();
    this.#underway.set(address, underway.add(stay));
    try {
      const result = await work();
      return { result, hasEnded: stay.hasEnded };
    } finally {
      underway.delete(stay);
      if (underway.size === 0) this.#underway.delete(address);
    }
  }

  /** Says that whoever has this address from now on is somebody else. */
  end(address: string): void {
    for (const stay of this.#underway.get(address) ?? []) stay.hasEnded = true;
  }
}
