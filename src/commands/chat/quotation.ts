/**
 * What stands in quotation marks, and which pieces several things with commas between them have.
 *
 * Keyboards put in whichever marks their language has, some of which open in one language and close in another; so any of
 * the double ones closes what any of them opened, and the same goes for the single ones. Inside of the one kind stands the
 * other, `"O'Brien"`, and a mark within a word closes nothing. What stands in quotes is never divided.
 */

const WHOLE = /^(?:["“”„‟«»][^]+["“”‟«»]|['‘’‚‛‹›][^]+['‘’‛‹›])$/u;
const HEAD = /^(?:["“”„‟«»][^]+?["“”‟«»]|['‘’‚‛‹›][^]+?['‘’‛‹›])(?=[\s,;]|$)/u;

/** A text without the quotation marks around all of it, and trimmed. */
export function unquote(text: string): string {
  const trimmed = text.trim();
  return WHOLE.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed;
}

/** What a text begins with in quotes, with the marks; empty where it does not. */
export function quotedHead(text: string): string {
  return HEAD.exec(text)?.[0] ?? "";
}

/** The pieces of a text with commas, semicolons or line breaks between them; numbers need but spaces. */
export function piecesOf(text: string): string[] {
  if (/^[\d\s,;]+$/u.test(text)) return text.split(/[\s,;]+/u).filter((piece) => piece !== "");
  const pieces: string[] = [];
  for (let rest = afterSeparators(text); rest !== ""; ) {
    const quoted = quotedHead(rest);
    const [unquoted = ""] = /^[^,;\n]*/u.exec(rest.slice(quoted.length)) ?? [];
    pieces.push(`${quoted}${unquoted}`.trim());
    rest = afterSeparators(rest.slice(quoted.length + unquoted.length));
  }
  return pieces;
}

/** The parts of a text that words between them join, as `and` does; all of it where nothing is before or behind one. */
export function partsOf(text: string, isBetween: (word: string) => boolean): string[] {
  const parts: string[][] = [[]];
  for (let rest = text.trim(); rest !== ""; ) {
    const quoted = quotedHead(rest);
    const [word = ""] = quoted === "" ? (/^\S+/u.exec(rest) ?? []) : [quoted];
    if (quoted === "" && isBetween(word)) parts.push([]);
    else parts.at(-1)?.push(word);
    rest = rest.slice(word.length).trim();
  }
  return parts.every((words) => words.length > 0) ? parts.map((words) => words.join(" ")) : [text.trim()];
}

/** The first of the things that a text begins with, one word or quoted text each, with commas between them. */
export function firstThings(text: string): string {
  let end = 0;
  for (;;) {
    const rest = text.slice(end);
    const [word = ""] = /^[^\s,;]+/u.exec(rest) ?? [];
    end += (quotedHead(rest) || word).length;
    const [between = ""] = /^\s*[,;]\s*(?=[^\s,;])/u.exec(text.slice(end)) ?? [];
    if (between === "") return text.slice(0, end);
    end += between.length;
  }
}

function afterSeparators(text: string): string {
  return text.replace(/^[\s,;]+/u, "");
}
