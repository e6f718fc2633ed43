/**
 * One value for entries that are written alike.
 *
 * Most people have one of a few sets of hats in the same way. Each such set is read once, and kept once: a million that
 * say the same would be most of the memory. Whoever shares them may, since values are replaced and never altered.
 */
import type { Parsed } from "../json/parse-json.ts";

/** How many kinds are kept to compare with: where almost all differ, that only costs. */
export const MOST = 20_000;

/** See the head of this file. */
export class SharedEntries<V> {
  readonly #parse: (raw: unknown) => Parsed<V>;
  readonly #known = new Map<string, Parsed<V>>();

  constructor(parse: (raw: unknown) => Parsed<V>) {
    this.#parse = parse;
  }

  /** The value of an entry's JSON. Throws SyntaxError where it is none. */
  read(json: string): Parsed<V> {
    const known = this.#known.get(json);
    if (known !== undefined) return known;
    const parsed = this.#parse(JSON.parse(json));
    if (this.#known.size < MOST) this.#known.set(json, parsed);
    return parsed;
  }
}
