/** What is wrong with a document, place by place, told together so that one attempt mends it all. */
import { badField, HatsError } from "../../core/errors.ts";
import type { Explained, Explanation, ExplanationCode } from "../../core/explanations.ts";
import { asLine, inBrief, isXmlText } from "../../core/text.ts";

/* As many as somebody reads before mending. */
const MOST_TOLD = 10;
/* As many as are worth looking for. */
const MOST_COUNTED = 1_000;

/* As much of a key or a value as tells it from others. */
const MOST_QUOTED = 400;

/** Where in a document: a line of it, or the keys that lead there. */
export type Place = Explanation | string;

/** A line, counted from 1. */
export function lineAt(line: number): Explanation {
  return { code: "line", values: { line } };
}

/** What is wrong, gathered while a document is read. */
export class Problems {
  readonly #told: Explanation[] = [];
  #count = 0;

  /** Notes what is wrong at a place. */
  add(place: Place, code: ExplanationCode, values: Readonly<Record<string, Explained>> = {}): void {
    this.#note(place, { code, values });
  }

  /** What `read` returns; undefined, and noted, where it refuses with a HatsError. */
  take<T>(place: Place, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof HatsError)) throw error;
      this.#note(place, error.whole);
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
    if (more > 0) throw badField("document", "problems-more", { problems: this.#told, count: more });
    throw badField("document", "several", { all: this.#told });
  }

  #note(place: Place, what: Explanation): void {
    this.#count += 1;
    if (this.#told.length < MOST_TOLD) this.#told.push(inShort({ code: "at", values: { place, what } }));
  }
}

/* What stands in a document may be of any length, and hold what no stanza can carry. */
function inShort({ code, values = {} }: Explanation): Explanation {
  const shown = Object.entries(values).map(([name, value]) => [name, valueInShort(value)] as const);
  return { code, values: Object.fromEntries(shown) };
}

function valueInShort(value: Explained): Explained {
  if (typeof value === "string") {
    const characters = Array.from(asLine(inBrief(value, MOST_QUOTED)));
    return characters.map((character) => (isXmlText(character) ? character : " ")).join("");
  }
  if (typeof value === "number") return value;
  return "code" in value ? inShort(value) : value.map(inShort);
}
