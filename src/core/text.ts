/**
 * Which strings may enter the desk.
 *
 * A character that XML 1.0 forbids (section 2.2) cannot be escaped: once stored, it would end every stream it is sent
 * on. So it is refused here, where text enters, and not where it leaves.
 */

/* XML 1.0's Char: no C0 controls but tab, line feed and carriage return; not U+FFFE or U+FFFF; no lone surrogates. */
const XML_TEXT = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/* One line of text: also no tab, no line break of any kind, no C1 control, no marks that turn the text around it. */
const FORBIDDEN_IN_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** Whether a string can be written into a stanza at all. */
export function isXmlText(text: string): boolean {
  return XML_TEXT.test(text);
}

/** Whether a string is one line that can be shown beside a name: XML text without control or direction characters. */
export function isLine(text: string): boolean {
  return isXmlText(text) && text.search(FORBIDDEN_IN_LINE) < 0;
}

/** A text of somebody's, which nobody here could refuse, as one line: `instead` stands for what a line may not hold. */
export function asLine(text: string, instead = " "): string {
  return text.replace(FORBIDDEN_IN_LINE, instead);
}

/** The first so many characters of a text at most, the last of them a mark where there are more. */
export function inBrief(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : text;
}

/** What somebody wrote, as it is repeated to them: one line, of 60 characters at most. */
export function quote(text: string): string {
  return inBrief(asLine(text.trim()), 60);
}

/** The order of texts by code unit, so that every machine sorts alike. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
