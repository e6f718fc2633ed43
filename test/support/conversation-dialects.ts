/**
 * How each kind of server shows hats in room presence, so that a conversation says what is seen and not how.
 *
 * XEP-0317, section 3.1, and what stands in for it elsewhere.
 */
import type { Element } from "../../src/stanza/xml.ts";

/** The dialects of src/presence. */
export type Dialect = "xep-0317" | "prosody-hats" | "own-presence";

/** Where and how hats are seen. */
export interface HatsView {
  /** Whether the room adds them to the wearer's presence; else the bot tells them in its own. */
  readonly isInWearersPresence: boolean;
  /** What the presence says of the occupant with this nick: the titles, sorted. */
  read(presence: Element, nick: string): readonly string[];
}

/** The views by dialect. */
export const HATS_VIEWS: Readonly<Record<Dialect, HatsView>> = {
  "xep-0317": {
    isInWearersPresence: true,
    read: (presence) => titlesIn(presence.getChild("hats", "urn:xmpp:hats:0")),
  },
  "prosody-hats": {
    isInWearersPresence: true,
    read: (presence) => titlesIn(presence.getChild("hats", "xmpp:prosody.im/protocol/hats:1")),
  },
  "own-presence": {
    isInWearersPresence: false,
    read(presence, nick) {
      const wearers = presence.getChild("hats", "urn:milliner:hats:0")?.getChildren("wearer") ?? [];
      return titlesIn(wearers.find(({ attrs }) => attrs["nick"] === nick));
    },
  },
};

function titlesIn(parent: Element | undefined): string[] {
  const hats = parent?.getChildren("hat") ?? [];
  return hats.map(({ attrs }) => String(attrs["title"])).toSorted();
}
