/**
 * A language that marks its words: English, with every piece of text between ⟦ and ⟧.
 *
 * Whatever somebody reads in it outside of the marks is a value, or was never looked up in a language.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Forms, FORMS_FOLDER, loadForms } from "../../src/commands/texts/forms.ts";
import { EXPLANATIONS } from "../../src/core/explanations.ts";
import { languageSource } from "./command-forms.ts";

/** The tag of the language; its plurals and lists are those of English. */
export const MARKED = "en-x-marked";

/** Pieces in marks; one at the end may be cut off, as long titles are. */
const IN_MARKS = /⟦([^⟦⟧]*)(?:⟧|$)/g;

/** The forms of the package, in the marked language too, and all pieces that the language has. */
export function markedForms(): { readonly forms: Forms; readonly pieces: ReadonlySet<string> } {
  const folder = mkdtempSync(join(tmpdir(), "milliner-marked-"));
  try {
    cpSync(FORMS_FOLDER, folder, { recursive: true });
    const { language: _tag, ...english } = languageSource("en");
    const texts = markAll({ ...english, explanations: EXPLANATIONS });
    const language = JSON.stringify({ ...(texts as object), language: MARKED });
    writeFileSync(join(folder, "texts", `${MARKED}.json`), language);
    return { forms: loadForms(folder), pieces: new Set(insideMarks(language)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is outside of the marks, without what joins a list. */
export function outsideMarks(text: string): string {
  return text.replaceAll(IN_MARKS, " ").replaceAll(/ and |…$/g, " ");
}

/** The pieces in marks. */
export function insideMarks(text: string): string[] {
  return [...text.matchAll(IN_MARKS)].map(([, piece = ""]) => piece);
}

/* The words of the chat are several, with commas between them. */
function markAll(texts: unknown, key = ""): unknown {
  if (typeof texts === "string") {
    const isWords = key.startsWith("chat-verb-") || key.startsWith("chat-word-");
    return isWords ? texts.split(", ").map(markPieces).join(", ") : markPieces(texts);
  }
  return Object.fromEntries(
    Object.entries(texts as object).map(([name, text]) => [name, markAll(text, name)]),
  );
}

/* Each piece of a text in marks, but for its `{values}`. */
function markPieces(text: string): string {
  return text.replaceAll(/(\{\w+\})|[^{}]+/g, (piece: string, value?: string) =>
    value !== undefined || !/\p{L}/u.test(piece) ? piece : `⟦${piece}⟧`,
  );
}
