/**
 * A room as service discovery describes it: XEP-0045 1.35, section 6.4, and the way out of a room made by mistake
 * (section 10.1.3).
 *
 * Leaves out the room's configuration form; that is room-configuration.ts.
 */
import { parseDiscoInfo } from "./disco.ts";
import { NS_DATA_FORM, NS_DISCO_INFO, NS_MUC, NS_MUC_OWNER, NS_OCCUPANT_ID } from "./namespaces.ts";
import { type Element, xml } from "./xml.ts";

/** What the desk wants to know of a room from outside. */
export interface RoomTraits {
  /** Everybody in the room sees real JIDs. */
  readonly isNonAnonymous: boolean;
  /** Occupant-ids are written by the room (XEP-0421), so that no occupant can write them. */
  readonly hasOccupantIds: boolean;
  /** The language that its owners say is spoken there, as they wrote it; empty where they do not say. */
  readonly lang: string;
}

/* Section 15.5.3, of what is said in the answer to disco#info. */
const LANGUAGE_FIELD = "muc#roominfo_lang";

/** Reads the answer to disco#info; undefined where what answered is not a room. */
export function parseRoomTraits(result: Element): RoomTraits | undefined {
  const query = result.getChild("query", NS_DISCO_INFO);
  if (query === undefined) return undefined;
  const { features, forms } = parseDiscoInfo(query);
  if (!features.includes(NS_MUC)) return undefined;
  const language = forms.flatMap(({ fields }) => fields).find((field) => field.var === LANGUAGE_FIELD);
  return {
    isNonAnonymous: features.includes("muc_nonanonymous"),
    hasOccupantIds: features.includes(NS_OCCUPANT_ID),
    lang: language?.values?.[0] ?? "",
  };
}

/** Builds what a creator sends who does not want the new room after all. */
export function buildCreationCancelled(): Element {
  return xml("query", { xmlns: NS_MUC_OWNER }, xml("x", { xmlns: NS_DATA_FORM, type: "cancel" }));
}
