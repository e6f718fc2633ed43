/**
 * Texts by language, and the choice among them: XEP-0050, section 3.7, and RFC 4647, section 3.4 (lookup).
 *
 * A language that is not there is answered in English, never refused. What depends on a number has a text for each of
 * the language's plural categories, and lists are joined as the language joins them (both by Unicode's CLDR, as the
 * runtime has it). Times stay as XEP-0082 writes them, since people hand them on to scripts.
 */
import { type Explanation, EXPLANATIONS, sayExplanation } from "../../core/explanations.ts";

/** The language that is always there. */
export const ENGLISH = "en";

/** A text with `{name}` for values; where it depends on `{count}`, one for each plural category, `other` at least. */
export type Template = string | { readonly [Category in Intl.LDMLPluralRule]?: string | undefined };

/** How much of a language range is looked at: tags are shorter (RFC 5646, section 4.4.1), a stranger's are what they are. */
const LONGEST_RANGE = 64;

type Values = Readonly<Record<string, number | string>>;

/** Speaks one language. */
export interface Phrases {
  readonly lang: string;
  /** Says a phrase by its key, with `{name}` replaced; of several plurals that of the value `count`. */
  say(key: string, values?: Values): string;
  /** Says why something is refused. */
  explain(explanation: Explanation): string;
  /** Joins things as in a sentence: `a, b and c`. */
  list(things: readonly string[]): string;
}

/** What a language has to say: by key, and of what is refused by code. */
export interface Wording {
  readonly phrases: ReadonlyMap<string, Template>;
  readonly explanations: ReadonlyMap<string, string>;
}

/**
 * The nearest language that there is to the range asked for: `de-AT`, else `de`, else English.
 *
 * COMPAT: some clients hand on the locale of their system as it is written there, `de_AT` or `de_AT.UTF-8`.
 */
export function chooseLanguage(wanted: string, available: ReadonlySet<string>): string {
  if (available.has(wanted)) return wanted;
  const parts = wanted
    .slice(0, LONGEST_RANGE)
    .toLowerCase()
    .replace(/[.@].*$/, "")
    .split(/[-_]/);
  for (let length = parts.length; length > 0; length -= 1) {
    const tag = parts.slice(0, length).join("-");
    if (available.has(tag)) return tag;
  }
  return ENGLISH;
}

/** Phrases of a language; what is missing there is said in English. */
export function phrasesIn(lang: string, own: Wording, english: Wording): Phrases {
  const plurals = new Intl.PluralRules(lang);
  const lists = new Intl.ListFormat(lang, { type: "conjunction" });
  const phrases = new Map(
    [...english.phrases, ...own.phrases].map(([key, template]) => [key, parseTemplate(template)]),
  );
  return {
    lang,
    say(key, values = {}) {
      const forms = phrases.get(key);
      if (forms === undefined) throw new Error(`no phrase ${key}`);
      const category = forms.size > 1 ? plurals.select(Number(values["count"])) : "other";
      return fill(forms.get(category) ?? forms.get("other") ?? [], values);
    },
    explain: (explanation) =>
      sayExplanation(explanation, (code) => own.explanations.get(code) ?? EXPLANATIONS[code]),
    list(things) {
      const [only = "", other] = things;
      return other === undefined ? only : lists.format(things);
    },
  };
}

/* A text, and the name of the value that follows it. */
interface TemplatePart {
  readonly before: string;
  readonly name: string | undefined;
}

function parseTemplate(template: Template): ReadonlyMap<string, readonly TemplatePart[]> {
  const forms = typeof template === "string" ? { other: template } : template;
  return new Map(Object.entries(forms).map(([category, text = ""]) => [category, parseText(text)]));
}

function parseText(text: string): readonly TemplatePart[] {
  const pieces = text.split(/\{(\w+)\}/);
  return pieces.flatMap((before, at) => (at % 2 === 0 ? [{ before, name: pieces[at + 1] }] : []));
}

function fill(parts: readonly TemplatePart[], values: Values): string {
  let text = "";
  for (const { before, name } of parts) {
    text += before;
    if (name !== undefined) text += values[name] ?? `{${name}}`;
  }
  return text;
}
