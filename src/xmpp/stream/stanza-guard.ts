/**
 * The last look at what goes out: a character that XML forbids, or a stanza larger than servers take, does not spoil
 * one stanza but ends the whole stream (RFC 6120, section 4.9.3), and sent again ends the next one too.
 *
 * Texts are checked where they enter the desk; whatever is caught here slipped through there.
 */
import { isXmlText } from "../../core/text.ts";
import { type Element, toText } from "../../stanza/xml.ts";
import { UnsendableError } from "./stream.ts";

/* Prosody and ejabberd end the stream above 262,144 bytes by default. */
const MAX_BYTES = 250_000;
/* The most that one of a string's units can become in UTF-8. */
const BYTES_A_UNIT = 3;

/** Writes a stanza as text, or throws UnsendableError where that text would end the stream. */
export function serialise(stanza: Element): string {
  const text = toText(stanza);
  if (!isXmlText(text)) throw new UnsendableError("it holds a character that XML forbids");
  const bytes = text.length * BYTES_A_UNIT > MAX_BYTES ? Buffer.byteLength(text) : 0;
  if (bytes > MAX_BYTES) throw new UnsendableError(`it has ${bytes} bytes, more than ${MAX_BYTES}`);
  return text;
}
