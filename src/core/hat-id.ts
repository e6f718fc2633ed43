/**
 * Hat identifiers: absolute URIs, as XEP-0317 (section 3) and the seed ask.
 *
 * Compared character by character: nothing is normalised, since two clients must agree on the identity of a hat
 * without knowing anything about its scheme.
 */
import { badField } from "./errors.ts";
import type { HatId } from "./model.ts";

/* RFC 3986: scheme ":" and at least one character of hier-part; brackets only as the IP literal of an authority. */
const CHARACTER = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})";
const AUTHORITY = `//(?:[^/?#@\\[\\]\\s]*@)?\\[[0-9A-Fa-f:.]+\\](?::[0-9]*)?(?=[/?#]|$)`;
const URI = new RegExp(
  `^[A-Za-z][A-Za-z0-9+.-]*:(?:${AUTHORITY}|(?=[^?#]))${CHARACTER}*(?:\\?(?:${CHARACTER}|\\?)*)?(?:#(?:${CHARACTER}|\\?)*)?$`,
);

/** The longest hat id the desk takes, in characters. */
export const MAX_HAT_ID_LENGTH = 1024;

/** Whether a string is an absolute URI that can name a hat. */
export function isHatId(text: string): text is HatId {
  return text.length <= MAX_HAT_ID_LENGTH && URI.test(text);
}

/** Reads a hat id, or refuses it naming `field`. */
export function parseHatId(text: string, field = "hat"): HatId {
  if (isHatId(text)) return text;
  if (text.length > MAX_HAT_ID_LENGTH) throw badField(field, "too-long", { max: MAX_HAT_ID_LENGTH });
  throw badField(field, "not-a-hat-id");
}
