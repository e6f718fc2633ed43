/** Lets a limited number through at the same time, in the order they came, or one alone. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  readonly #width: number;
  #inside = 0;
  #isClosed = false;
  #whenEmpty: (() => void) | undefined;
  #lastAlone: Promise<unknown> = Promise.resolve();

  constructor(width: number) {
    this.#width = width;
  }

  /** Does something as soon as there is room for it. */
  async pass<Value>(act: () => Promise<Value>): Promise<Value> {
    if (!this.#isClosed && this.#inside < this.#width) this.#inside += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await act();
    } finally {
      this.#inside -= 1;
      this.#admit();
    }
  }

  /** Does something while nobody is inside: those who are finish first, others wait, one after the other. */
  alone<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#lastAlone.then(() => this.#actAlone(act));
    this.#lastAlone = done.catch(() => undefined);
    return done;
  }

  async #actAlone<Value>(act: () => Promise<Value>): Promise<Value> {
    this.#isClosed = true;
    try {
      if (this.#inside > 0) await new Promise<void>((resolve) => (this.#whenEmpty = resolve));
      return await act();
    } finally {
      this.#isClosed = false;
      this.#whenEmpty = undefined;
      this.#admit();
    }
  }

  #admit(): void {
    if (this.#isClosed) {
      if (this.#inside === 0) this.#whenEmpty?.();
      return;
    }
    while (this.#inside < this.#width) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#inside += 1;
      next();
    }
  }
}
