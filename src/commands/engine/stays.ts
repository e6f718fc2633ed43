/** Requests under way by address, so that an answer reaches nobody who took the address over meanwhile. */
import { HatsError } from "../../core/errors.ts";

interface Stay {
  hasEnded: boolean;
}

/** What became of the work for somebody, and whether they are still who asked. */
export type Outlived<Result> =
  | { readonly result: Result; readonly hasEnded: boolean }
  | { readonly result: undefined; readonly hasEnded: true };

/** Knows which requests outlived the stay of whoever sent them. */
export class Stays {
  readonly #underway = new Map<string, Set<Stay>>();

  /**
   * Does the work; `hasEnded` says whether the address was given up before it was done, with or without a result.
   *
   * A refusal names people and hats, as a result does: it is not for whoever has the address by then.
   */
  async during<Result>(address: string, work: () => Promise<Result>): Promise<Outlived<Result>> {
    const stay: Stay = { hasEnded: false };
    const underway = this.#underway.get(address) ?? new Set();
    this.#underway.set(address, underway.add(stay));
    try {
      const result = await work();
      return { result, hasEnded: stay.hasEnded };
    } catch (error) {
      if (stay.hasEnded && error instanceof HatsError) return { result: undefined, hasEnded: true };
      throw error;
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
