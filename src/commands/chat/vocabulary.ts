/**
 * Which words mean what, in every language.
 *
 * Whoever writes a verb of another language than their message says it is in is answered in that one: few clients say
 * a language at all. English is always understood.
 */
import { foldTitle } from "../../core/titles.ts";
import type { Forms } from "../texts/forms.ts";
import { ENGLISH } from "../texts/phrases.ts";
import { AND_WORDS, OPENING_SIGNALS, type Signal, SIGNALS, TIME_WORDS, type Verb, VERBS } from "./verbs.ts";

/** A line that begins something. */
export interface Opening {
  readonly lang: string;
  /** What comes behind the first word. */
  readonly rest: string;
  readonly means: Signal | Verb;
}

/** Two words are one when these are equal: where two titles are. */
export function foldWord(text: string): string {
  return foldTitle(text).trim();
}

/* Spanish opens a question or an exclamation; French has a space before the mark that ends one. */
const LINE = /^[¿¡]*(\S+)(?:\s+([^]*))?$/u;
/* A question mark may be the word. Both begin at the first mark alone: a line of nothing but marks is looked at once. */
const MARKS_BEHIND_VERB = /(?<=[^.!?:,]|^\?)[.!?:,]+$/u;
const MARKS_OF_SIGNAL = /^¡+|(?<=[^.!])[.!]+$/gu;
const ONLY_MARKS = /^[.!?…]+$/u;

/** The words of the chat. */
export class Vocabulary {
  readonly #forms: Pick<Forms, "languages" | "phrases">;

  constructor(forms: Pick<Forms, "languages" | "phrases">) {
    this.#forms = forms;
  }

  /** Understands a line where nothing is asked; undefined where it means nothing. */
  open(line: string, lang: string): Opening | undefined {
    const [, first = "", behind = ""] = LINE.exec(line.trim()) ?? [];
    const word = first.replace(MARKS_BEHIND_VERB, "");
    const rest = behind.trim().replace(ONLY_MARKS, "");
    for (const spoken of new Set([lang, ENGLISH, ...this.#forms.languages])) {
      const verb = VERBS.find(({ words }) => this.#words(words, spoken).includes(foldWord(word)));
      const means = verb ?? OPENING_SIGNALS.find((signal) => this.#isIn(signal, word, spoken));
      if (means !== undefined) return { lang: spoken, rest, means };
    }
    return undefined;
  }

  /** Whether a text is just this signal, in the language or in English. */
  says(signal: Signal, text: string, lang: string): boolean {
    const word = text.trim().replace(MARKS_OF_SIGNAL, "");
    return this.#isIn(signal, word, lang) || this.#isIn(signal, word, ENGLISH);
  }

  /** The words that may stand between a hat and how long it is worn, in the language or in English. */
  timeWords(lang: string): readonly string[] {
    const words = [...this.#words(TIME_WORDS, lang), ...this.#words(TIME_WORDS, ENGLISH)];
    return words.toSorted((a, b) => b.length - a.length);
  }

  /** Whether a word may stand between two names in place of a comma. */
  isAnd(word: string, lang: string): boolean {
    return this.#words(AND_WORDS, lang).includes(foldWord(word));
  }

  /** The word to show for a verb or a signal. */
  word(means: Signal | Verb, lang: string): string {
    return this.#words(typeof means === "string" ? SIGNALS[means] : means.words, lang)[0] ?? "";
  }

  #isIn(signal: Signal, word: string, lang: string): boolean {
    return this.#words(SIGNALS[signal], lang).includes(foldWord(word));
  }

  #words(key: string, lang: string): readonly string[] {
    return this.#forms.phrases(lang).say(key).split(/,\s*/);
  }
}
