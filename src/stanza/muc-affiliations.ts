/**
 * Affiliations as a room tells them: lists (XEP-0045 1.35, sections 9.4 to 9.8 and 10.3 to 10.8) and messages about
 * people who are not present (section 9.3).
 *
 * Leaves out changing affiliations, which the desk never does, and lists by role.
 */
import type { BareJid } from "../core/jid.ts";
import type { Affiliation } from "../core/model.ts";
import { parseJid } from "./jid.ts";
import { isAffiliation, parseStatuses } from "./muc-presence.ts";
import { NS_MUC_ADMIN, NS_MUC_USER } from "./namespaces.ts";
import { attribute, type Element, elements, xml } from "./xml.ts";

/** The lists a room keeps; there is none of people without affiliation. */
export const LIST_NAMES = ["owner", "admin", "member", "outcast"] as const;
export type ListName = (typeof LIST_NAMES)[number];

/** What a room says to the occupants by a message of its own. */
export interface RoomNotice {
  /** Changed affiliations of people who are not present. */
  readonly affiliations: readonly (readonly [BareJid, Affiliation])[];
  readonly statuses: ReadonlySet<number>;
}

/** Builds the question for one list. */
export function buildListQuery(list: ListName): Element {
  return xml("query", { xmlns: NS_MUC_ADMIN }, xml("item", { affiliation: list }));
}

/**
 * Reads the addresses of one list from the result; they are bare JIDs, or domains of which everybody is meant.
 *
 * Undefined where there is no list in it, which is another thing than an empty list.
 */
export function parseList(result: Element, list: ListName): string[] | undefined {
  const query = result.getChild("query", NS_MUC_ADMIN);
  if (query === undefined) return undefined;
  const addresses: string[] = [];
  for (const item of elements(query)) {
    const jid = attribute(item, "affiliation") === list ? parseJid(attribute(item, "jid") ?? "") : undefined;
    if (jid !== undefined && jid.bare !== "") addresses.push(jid.bare);
  }
  return addresses;
}

/**
 * Reads a message that came from the bare JID of a room.
 *
 * Undefined for errors, invitations and whatever else is not the room's own word: an invitation is worded by the one
 * who invites.
 */
export function parseRoomNotice(message: Element): RoomNotice | undefined {
  const [x, ...others] = message.getChildren("x", NS_MUC_USER);
  if (x === undefined || others.length > 0 || attribute(message, "type") === "error") return undefined;
  if (x.getChild("invite") !== undefined || x.getChild("decline") !== undefined) return undefined;
  return { affiliations: x.getChildren("item").flatMap(parseItem), statuses: parseStatuses(x) };
}

function parseItem(item: Element): (readonly [BareJid, Affiliation])[] {
  const affiliation = attribute(item, "affiliation");
  const jid = parseJid(attribute(item, "jid") ?? "");
  if (jid === undefined || jid.bare === "" || !isAffiliation(affiliation)) return [];
  return [[jid.bare as BareJid, affiliation]];
}
