/** Values by key, several a key; a key without values takes no memory. */
export class Groups<Value> {
  readonly #byKey = new Map<string, Set<Value>>();

  /** The values of a key, in the order in which they came. */
  of(key: string): ReadonlySet<Value> {
    return this.#byKey.get(key) ?? new Set();
  }

  /** Of the key that has most values; empty where there is none. Looks at every key. */
  largest(): ReadonlySet<Value> {
    let largest: ReadonlySet<Value> = new Set();
    for (const group of this.#byKey.values()) if (group.size > largest.size) largest = group;
    return largest;
  }

  add(key: string, value: Value): void {
    const group = this.#byKey.get(key);
    if (group === undefined) this.#byKey.set(key, new Set([value]));
    else group.add(value);
  }

  delete(key: string, value: Value): void {
    const group = this.#byKey.get(key);
    group?.delete(value);
    if (group?.size === 0) this.#byKey.delete(key);
  }
}
