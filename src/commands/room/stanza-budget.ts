/** Keeps answers within what a stanza carries: 128 KB, with room for markup and for text that is said twice. */

/** How many bytes of table rows fit an answer, which says them as a table and as text. */
export const ROW_BUDGET = 40 * 1024;

/** How many bytes of options fit a form, in all its lists together. */
export const OPTION_BUDGET = 64 * 1024;

/** How many bytes of values fit a form, or the answer to one. */
export const VALUE_BUDGET = 96 * 1024;

/* Tags and attributes around one row or option. */
const MARKUP_BYTES = 64;

const VALUE_TAG_BYTES = Buffer.byteLength("<value></value>");

/* The most that one of a string's units can become. */
const BYTES_A_UNIT = 6;

/** As many items, from the first on, as their texts fit a budget of bytes. */
export function takeWithin<Item>(
  items: readonly Item[],
  budget: number,
  textsOf: (item: Item) => readonly string[],
): readonly Item[] {
  if (isSurelyWithin(items, budget, textsOf)) return items;
  let left = budget;
  const end = items.findIndex((item) => {
    left -= MARKUP_BYTES;
    for (const text of textsOf(item)) left -= bytesInXml(text);
    return left < 0;
  });
  return end < 0 ? items : items.slice(0, end);
}

/* Without counting: most answers are one line. */
function isSurelyWithin<Item>(
  items: readonly Item[],
  budget: number,
  textsOf: (item: Item) => readonly string[],
): boolean {
  let left = budget;
  for (const item of items) {
    left -= MARKUP_BYTES;
    for (const text of textsOf(item)) left -= text.length * BYTES_A_UNIT;
    if (left < 0) return false;
  }
  return true;
}

/** How many bytes a text takes at most as a value of a form. */
export function bytesOfValue(text: string): number {
  return bytesInXml(text) + VALUE_TAG_BYTES;
}

/** How many bytes a text takes at most: none of the five characters that are written as entities takes more than six. */
export function bytesInXml(text: string): number {
  const entities = /["&'<>]/.test(text) ? text.replace(/["&'<>]/g, "&quot;") : text;
  return Buffer.byteLength(entities);
}
