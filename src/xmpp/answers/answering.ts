/** Answers under way: whoever is about to leave the stream waits for them. */
export class Answering {
  readonly #underway = new Set<Promise<void>>();

  /** Notes that something is being answered; hands on the promise, for whoever has to hear of a failure. */
  begin(answer: Promise<void>): Promise<void> {
    const forget = (): unknown => this.#underway.delete(answer);
    this.#underway.add(answer);
    answer.then(forget, forget);
    return answer;
  }

  /** Resolves when everything that was asked by now has its answer. */
  async untilAnswered(): Promise<void> {
    await Promise.allSettled(this.#underway);
  }
}
