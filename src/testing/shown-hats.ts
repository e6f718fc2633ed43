/** The hats that a room shows in somebody's presence, in whichever namespace it speaks (XEP-0317, section 3). */
import { parseHats, type ShownHat } from "../stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../stanza/namespaces.ts";
import type { Element } from "../stanza/xml.ts";

/** Reads the hats of a presence from a room; none where it shows none. For hats in the desk's own: `readOwnHats`. */
export function shownHats(presence: Element): readonly ShownHat[] {
  const hats = parseHats(presence, NS_HATS);
  return hats.length > 0 ? hats : parseHats(presence, NS_HATS_LEGACY);
}
