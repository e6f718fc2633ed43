/** Requests under way by address, so that an answer reaches nobody who took the address over meanwhile. */
import { HatsError } from "../../core/errors.ts";

interface Stay {
  hasEnded: boolean;
}

/** Knows which requests outlived the stay of whoever sent them. */
export class Stays {
  readonly #underway = new Map<string, Set<Stay>>();

  /**
   * Does the work; where the address was given up before it was done, the result is discarded.
   *
   * A refusal names people and hats, as a result does: it is not for whoever has the address by then, either.
   *
   * @throws HatsError session-expired
   */
  async during<Result>(
    address: string,
    work: () => Promise<Result>,
    discard: (result: Result) => void,
  ): Promise<Result> {
    const stay: Stay = { hasEnded: false };
    const underway = this.#underway.get(address) ?? new Set();
    this.#underway.set(address, underway.add(stay));
    try {
      const result = await work();
      if (!stay.hasEnded) return result;
      discard(result);
    } catch (error) {
      if (!stay.hasEnded || !(error instanceof HatsError)) throw error;
    } finally {
      underway.delete(stay);
      if (underway.size === 0) this.#underway.delete(address);
    }
    throw new HatsError("session-expired");
  }

  /** Says that whoever has this address from now on is somebody else. */
  end(address: string): void {
    for (const stay of this.#underway.get(address) ?? []) stay.hasEnded = true;
  }
}
