/** Maps in which what has no value is not there. */

/** Sets a key; undefined takes it away. */
export function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

/** Sets a key of a map within a map, which comes to be with its first key. */
export function putWithin<K, L, V>(map: Map<K, Map<L, V>>, key: K, inner: L, value: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Map([[inner, value]]));
  else known.set(inner, value);
}
