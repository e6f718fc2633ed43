/**
 * Texts by language, and the choice among them: XEP-0050, section 3.7.
 *
 * A language that is not there is answered in English, never refused.
 */

/** The language that is always there. */
export const ENGLISH = "en";

/** Says a phrase by its key, with `{name}` replaced. */
export interface Phrases {
  readonly lang: string;
  say(key: string, values?: Readonly<Record<string, number | string>>): string;
}

/** The nearest language that there is to the one asked for: `de-AT`, else `de`, else English (RFC 4647, lookup). */
export function chooseLanguage(wanted: string, available: ReadonlySet<string>): string {
  const parts = wanted.toLowerCase().split("-");
  for (let length = parts.length; length > 0; length -= 1) {
    const tag = parts.slice(0, length).join("-");
    if (available.has(tag)) return tag;
  }
  return ENGLISH;
}

/** Phrases over their templates; one that is missing in a language is said in English. */
export function phrasesIn(
  lang: string,
  templates: ReadonlyMap<string, string>,
  english: ReadonlyMap<string, string>,
): Phrases {
  return {
    lang,
    say(key, values = {}) {
      const template = templates.get(key) ?? english.get(key);
      if (template === undefined) throw new Error(`no phrase ${key}`);
      return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
    },
  };
}
