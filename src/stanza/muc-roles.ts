/**
 * Who has which role in a room, as its admins may ask: XEP-0045 1.35, sections 8.5 and 9.8.
 *
 * Leaves out changing roles, which the desk never does.
 */
import type { BareJid } from "../core/jid.ts";
import type { Role } from "../core/occupant.ts";
import { parseJid } from "./jid.ts";
import { NS_MUC_ADMIN } from "./namespaces.ts";
import { attribute, type Element, elements, xml } from "./xml.ts";

/** Whose real JID each nick stands for; undefined where the room does not say it. */
export type NickHolders = ReadonlyMap<string, BareJid | undefined>;

/** Builds the question for everybody present who has a role. */
export function buildRoleQuery(role: Role): Element {
  return xml("query", { xmlns: NS_MUC_ADMIN }, xml("item", { role }));
}

/** Reads who has that role; undefined where there is no list in the result. */
export function parseRoleList(result: Element, role: Role): NickHolders | undefined {
  const query = result.getChild("query", NS_MUC_ADMIN);
  if (query === undefined) return undefined;
  const holders = new Map<string, BareJid | undefined>();
  for (const item of elements(query)) {
    const nick = attribute(item, "nick");
    if (nick === undefined || attribute(item, "role") !== role) continue;
    holders.set(nick, parseJid(attribute(item, "jid") ?? "")?.bare as BareJid | undefined);
  }
  return holders;
}
