/**
 * Reads the hats that the desk's bot tells of in a room without hats of its own, and nobody else's claims.
 *
 * Any occupant can send `<hats xmlns='urn:milliner:hats:0'>`. So a reader must know the bot: by its real JID, which the
 * room itself writes into presences where it shows real JIDs (XEP-0045 1.35, section 7.2.3), or by its nick in the room,
 * which is the bot's only as long as the bot is there. Leaves out rooms that show hats themselves: there each wearer's
 * own presence is what counts.
 */
import { type OwnHats, parseOwnHats } from "./hats.ts";
import { parseJid } from "./jid.ts";
import { parseOccupantPresence } from "./muc-presence.ts";
import { attribute, type Element } from "./xml.ts";

/** Whom to believe: at least one of `nick` and `jid`; of both, both must fit. */
export interface OwnHatsSource {
  /** The room's bare JID. */
  readonly room: string;
  /** The bot's nick there. */
  readonly nick?: string;
  /** The bot's real JID; a presence that shows none is then nobody's word. */
  readonly jid?: string;
}

const NONE: OwnHats = { wearers: [], truncated: false };

/**
 * The hats of everybody present, by this presence of the bot's; they replace what an earlier one said.
 *
 * None where the bot carries nothing or left. Undefined where the presence is somebody else's or cannot be read: it says
 * nothing about hats. `presence` is the whole stanza, as xmpp.js hands it out.
 *
 * @throws TypeError where neither nick nor jid is given, or an address is none
 */
export function readOwnHats(presence: Element, source: OwnHatsSource): OwnHats | undefined {
  const { room, nick, jid } = prepare(source);
  const from = attribute(presence, "from") ?? "";
  if (presence.name !== "presence" || parseJid(from)?.bare !== room) return undefined;
  /* The nick counts as the room writes it, byte by byte. */
  if (nick !== undefined && from.slice(from.indexOf("/") + 1) !== nick) return undefined;
  const said = parseOccupantPresence(presence);
  if (said === undefined || (jid !== undefined && said.realJid !== jid)) return undefined;
  return said.available ? (parseOwnHats(presence) ?? NONE) : NONE;
}

function prepare({ room, nick, jid }: OwnHatsSource): { room: string; nick?: string; jid?: string } {
  if (nick === undefined && jid === undefined) throw new TypeError("say who the bot is: its nick or its jid");
  const address = (text: string): string => {
    const parsed = parseJid(text);
    if (parsed === undefined) throw new TypeError(`not a JID: ${text}`);
    return parsed.bare;
  };
  return {
    room: address(room),
    ...(nick === undefined ? {} : { nick }),
    ...(jid === undefined ? {} : { jid: address(jid) }),
  };
}
