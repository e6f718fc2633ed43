/**
 * JSON that people write by hand: read, or refused with the place where it stops being JSON.
 *
 * The engine's own words are of no use here: they repeat what is in the text, and one of the values is a password.
 */
import { invalid } from "./config-fault.ts";

const SPACE = /[ \t\r\n]*/y;
const TEXT = /"(?:[^"\\\p{Cc}]|[\u007F-\u009F]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/uy;
const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/* The second is what is left of one of UTF-16, read as UTF-8. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\uFFFD\uFFFD)/;

/**
 * Reads a JSON text; `where` names its file or variable, `example` is one of what belongs there.
 *
 * @throws OperatorError config-invalid
 */
export function parseJson(written: string, where: string, example: string): unknown {
  if (BYTE_ORDER_MARK.test(written)) {
    throw invalid(where, "begins with a byte order mark; save it as UTF-8 without one");
  }
  if (written.trim() === "") throw invalid(where, `is empty; write for example ${example}`);
  try {
    return JSON.parse(written);
  } catch {
    const before = written.slice(0, new Reader(written).faultAt()).split("\n");
    const place = `line ${before.length}, column ${Array.from(before.at(-1) ?? "").length + 1}`;
    const mend = `look there, and just before, for a quote, comma or bracket; it looks like ${example}`;
    throw invalid(where, `is not valid JSON, ${place}: ${mend}`);
  }
}

/* Something here cannot stand where it is. */
class Misplaced extends Error {}

/* Goes through a text by the grammar of RFC 8259 and keeps nothing of it. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the first piece begins that no JSON can have there; the length of the text where it ends too soon. */
  faultAt(): number {
    try {
      this.#readValue();
      this.#skip(SPACE);
    } catch (error) {
      if (!(error instanceof Misplaced)) throw error;
    }
    return this.#at;
  }

  #readValue(): void {
    if (this.#take("{")) this.#readList("}", () => this.#readMember());
    else if (this.#take("[")) this.#readList("]", () => this.#readValue());
    else if (!this.#skip(TEXT) && !this.#skip(WORD)) throw new Misplaced();
  }

  #readMember(): void {
    this.#skip(SPACE);
    if (!this.#skip(TEXT) || !this.#take(":")) throw new Misplaced();
    this.#readValue();
  }

  #readList(end: string, readItem: () => void): void {
    if (this.#take(end)) return;
    do readItem();
    while (this.#take(","));
    if (!this.#take(end)) throw new Misplaced();
  }

  /* Whether this character comes next, and is now behind. */
  #take(character: string): boolean {
    this.#skip(SPACE);
    const isNext = this.#text[this.#at] === character;
    if (isNext) this.#at += 1;
    return isNext;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const isNext = pattern.test(this.#text);
    if (isNext) this.#at = pattern.lastIndex;
    return isNext;
  }
}
