/**
 * Which strings may enter the desk.
 *
 * A character that XML 1.0 forbids (section 2.2) cannot be escaped: once stored, it would end every stream it is sent
 * on. So it is refused here, where text enters, and not where it leaves.
 */

/* Everything XML 1.0 forbids: C0 controls but tab, line feed and carriage return; U+FFFE and U+FFFF; lone surrogates. */
const FORBIDDEN_IN_XML = /[^\P{Cc}\t\n\r\u007f-\u009f]|[\ufffe\uffff]|\p{Surrogate}/u;

/* One line of text: also no tab, no line break of any kind, no C1 control, no marks that turn the text around it. */
const FORBIDDEN_IN_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Whether a string can be written into a stanza at all. */
export function isXmlText(text: string): boolean {
  return !FORBIDDEN_IN_XML.test(text);
}

/** Whether a string is one line that can be shown beside a name: XML text without control or direction characters. */
export function isLine(text: string): boolean {
  return isXmlText(text) && !FORBIDDEN_IN_LINE.test(text);
}
