/** How often something may happen for one person: so many times in so much time, and bounded memory for all people. */

export interface AllowanceOptions {
  /** How many times. */
  readonly times: number;
  /** In how many milliseconds. */
  readonly withinMs: number;
  /** How many people are remembered at a time; whoever comes beyond them may not. */
  readonly people: number;
}

interface Used {
  readonly since: number;
  readonly times: number;
}

/** Counts by person. */
export class Allowance {
  readonly #options: AllowanceOptions;
  readonly #now: () => number;
  /* In the order in which their time began. */
  readonly #used = new Map<string, Used>();

  constructor(options: AllowanceOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
  }

  /** Takes one for a person, or says that there is none left now. */
  take(person: string): boolean {
    const { times, people } = this.#options;
    this.#expire();
    const used = this.#used.get(person);
    if (used === undefined && this.#used.size >= people) return false;
    if (used !== undefined && used.times >= times) return false;
    this.#used.set(person, { since: used?.since ?? this.#now(), times: (used?.times ?? 0) + 1 });
    return true;
  }

  #expire(): void {
    const ended = this.#now() - this.#options.withinMs;
    for (const [person, { since }] of this.#used) {
      if (since > ended) break;
      this.#used.delete(person);
    }
  }
}
