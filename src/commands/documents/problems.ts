/** What is wrong with a document, place by place, told together so that one attempt mends it all. */
import { badField, HatsError } from "../../core/errors.ts";

/* As many as somebody reads before mending. */
const MOST_TOLD = 10;
/* As many as are worth looking for. */
const MOST_COUNTED = 1_000;

export class Problems {
  readonly #told: string[] = [];
  #count = 0;

  /** Notes what is wrong at a place: `line 7` of a list, or the keys that lead there. */
  add(place: string, text: string): void {
    this.#count += 1;
    if (this.#told.length < MOST_TOLD) this.#told.push(`${place}: ${text}`);
  }

  /** What `read` returns; undefined, and noted, where it refuses with a HatsError. */
  take<T>(place: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof HatsError)) throw error;
      this.add(place, error.text);
      return undefined;
    }
  }

  /** Whether there are so many that looking further is of no use. */
  get areMany(): boolean {
    return this.#count >= MOST_COUNTED;
  }

  /** Whether anything is wrong. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** Refuses the document if anything is wrong with it. Throws HatsError bad-field naming `document`. */
  refuse(): void {
    if (!this.any) return;
    const more = this.#count - this.#told.length;
    throw badField("document", this.#told.join("; ") + (more > 0 ? `; and ${more} more` : ""));
  }
}
