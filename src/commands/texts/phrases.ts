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
  if (available.has(wanted)) return wanted;
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
  const phrases = new Map(
    [...english, ...templates].map(([key, template]) => [key, parseTemplate(template)]),
  );
  return {
    lang,
    say(key, values = {}) {
      const parts = phrases.get(key);
      if (parts === undefined) throw new Error(`no phrase ${key}`);
      let text = "";
      for (const { before, name } of parts) {
        text += before;
        if (name !== undefined) text += values[name] ?? `{${name}}`;
      }
      return text;
    },
  };
}

/* A text, and the name of the value that follows it. */
interface TemplatePart {
  readonly before: string;
  readonly name: string | undefined;
}

function parseTemplate(template: string): readonly TemplatePart[] {
  const pieces = template.split(/\{(\w+)\}/);
  return pieces.flatMap((before, at) => (at % 2 === 0 ? [{ before, name: pieces[at + 1] }] : []));
}
