/**
 * Which language a dialogue is in.
 *
 * Few people's programs say a language, and servers say one for those that do not (RFC 6120, section 8.1.5): Prosody
 * says English. So a verb of a language tells more than a message that says the same as the one before it.
 */
import type { Forms } from "../texts/forms.ts";
import { ENGLISH } from "../texts/phrases.ts";

/** The language of one dialogue, as it is heard. */
export class SpokenLanguage {
  readonly #forms: Pick<Forms, "phrases">;
  #lang = "";
  /* What the last message said of itself. */
  #said = "";

  constructor(forms: Pick<Forms, "phrases">) {
    this.#forms = forms;
  }

  /** The language that is spoken; empty before the first line. */
  get lang(): string {
    return this.#lang;
  }

  /** Hears a message: what it says it is in, or empty; what is under way goes on in its own language. */
  hear(said: string, underWay: string | undefined): void {
    const isAsBefore = said === "" || said === this.#said;
    this.#said = said;
    this.#lang = this.#nearest(underWay ?? (isAsBefore ? this.#lang : said));
  }

  /** Hears words that begin something; English ones say nothing where the message says a language. */
  begin(lang: string): void {
    this.#lang = this.#said !== "" && lang === ENGLISH ? this.#nearest(this.#said) : lang;
  }

  #nearest(lang: string): string {
    return this.#forms.phrases(lang).lang;
  }
}
