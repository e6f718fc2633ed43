/** Placeholders in the stanzas of a conversation: `{room}`, `{alice.full}`, `{any}`, or a name for what is captured. */

/** What placeholders stand for, by name. */
export type Bindings = ReadonlyMap<string, string>;

/** The placeholders that every conversation has; `{any}` and `{none}` stand in patterns only. */
export const BUILT_IN: readonly string[] = ["any", "none", "bot", "bot.bare", "domain", "service", "room"];

/** The names that a captured value may have. */
export const CAPTURE = /^[a-z][a-z0-9-]*$/;

const PLACEHOLDER = /\{([^{}\s]+)\}/g;

/** The names of the placeholders in a text. */
export function placeholdersIn(text: string): string[] {
  return Array.from(text.matchAll(PLACEHOLDER), ([, name = ""]) => name);
}

/** Puts the values in place of the placeholders; throws where one has none. */
export function fillIn(text: string, bindings: Bindings): string {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    const value = bindings.get(name);
    if (value === undefined) throw new Error(`{${name}} stands for nothing yet`);
    return value;
  });
}

/**
 * Compares a text with a pattern: `{any}` takes everything, a name without a value captures what stands there.
 * Gives the bindings together with what was captured, or undefined where the text is another one.
 */
export function matchText(pattern: string, text: string, bindings: Bindings): Bindings | undefined {
  const captured: string[] = [];
  const source = unindent(pattern)
    .split(PLACEHOLDER)
    .map((part, at) => {
      if (at % 2 === 0) return escape(part);
      if (part === "any") return "[^]*?";
      const value = bindings.get(part);
      if (value !== undefined) return escape(value);
      captured.push(part);
      return "([^]+?)";
    })
    .join("");
  const found = new RegExp(`^${source}$`).exec(unindent(text));
  if (found === null) return undefined;
  return new Map([...bindings, ...captured.map((name, at) => [name, found[at + 1] ?? ""] as const)]);
}

/* Lines of a text are indented in a conversation as its elements are. */
function unindent(text: string): string {
  return text.replace(/\n\s+/g, "\n");
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
