/** Chance that a number repeats: the same seed gives the same choices. */

/** Makes choices. */
export interface Chance {
  /** A number from 0 up to but not including 1. */
  next(): number;
  /** One of several, all alike. */
  pick<T>(from: readonly T[]): T;
  /** One of several, by their weights. */
  pickWeighted<T extends { readonly weight: number }>(from: readonly T[]): T;
}

/** Makes a source of choices (mulberry32: 32 bits of state, which is plenty for a test). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    pick: (from) => from[Math.floor(next() * from.length)]!,
    pickWeighted(from) {
      let left = next() * from.reduce((sum, { weight }) => sum + weight, 0);
      return from.find(({ weight }) => (left -= weight) < 0) ?? from.at(-1)!;
    },
  };
}
