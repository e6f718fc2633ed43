/** Lets so many through at a time, in the order in which they came, so that a thousand rooms do not ask at once. */

export class Turnstile<Guest> {
  readonly #places: number;
  readonly #letIn: (guest: Guest) => void;
  readonly #inside = new Set<Guest>();
  readonly #queue = new Set<Guest>();

  constructor(places: number, letIn: (guest: Guest) => void) {
    this.#places = places;
    this.#letIn = letIn;
  }

  /** Lets a guest in as soon as there is a place; one who waits already keeps the place in the queue. */
  queue(guest: Guest): void {
    this.#queue.add(guest);
    this.#advance();
  }

  /** A guest needs the place no more, or waits no more. */
  release(guest: Guest): void {
    const wasInside = this.#inside.delete(guest);
    this.#queue.delete(guest);
    if (wasInside) this.#advance();
  }

  #advance(): void {
    for (const guest of this.#queue) {
      if (this.#inside.size >= this.#places) return;
      this.#queue.delete(guest);
      this.#inside.add(guest);
      this.#letIn(guest);
    }
  }
}
