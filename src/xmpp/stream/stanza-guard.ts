/**
 * The last look at what goes out: a character that XML forbids, or a stanza larger than servers take, does not spoil
 * one stanza but ends the whole stream (RFC 6120, section 4.9.3), and sent again ends the next one too.
 *
 * Texts are checked where they enter the desk; whatever is caught here slipped through there.
 */
import { isXmlText } from "../../core/text.ts";
import type { Element } from "../../stanza/xml.ts";
import { UnsendableError } from "./stream.ts";

/* Prosody and ejabberd end the stream above 262,144 bytes by default. */
const MAX_BYTES = 250_000;

/** Writes a stanza as text, or throws UnsendableError where that text would end the stream. */
export function serialise(stanza: Element): string {
  const text = stanza.toString();
  if (!isXmlText(text)) throw new UnsendableError("it holds a character that XML forbids");
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) throw new UnsendableError(`it has ${bytes} bytes, more than ${MAX_BYTES}`);
  return text;
}
