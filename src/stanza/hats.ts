/**
 * Hats in presence: XEP-0317 0.3.1, section 3.1, its predecessor, and the desk's own payload.
 *
 * What a room builds names one wearer's hats. The desk's own payload, `<hats xmlns='urn:milliner:hats:0'>`, stands in
 * the presence of the bot and names the hats of everybody present; any occupant can write one, so a reader must know
 * whose presence it was. Leaves out xml:lang of titles and custom children of `<hat/>`. The room's commands are in
 * hat-commands.ts.
 */
import { NS_HATS, NS_HATS_LEGACY, NS_MILLINER } from "./namespaces.ts";
import { attribute, type Element, xml } from "./xml.ts";

/** The two namespaces in which rooms show hats. */
export type HatsNamespace = typeof NS_HATS | typeof NS_HATS_LEGACY;

/** A hat as presence shows it. */
export interface ShownHat {
  readonly uri: string;
  readonly title: string;
  /** Degrees, 0 to 360 (XEP-0392). */
  readonly hue?: number;
}

/** Somebody present and the hats they show, in the order they are shown. */
export interface PresentWearer {
  readonly nick: string;
  /** XEP-0421, where the room has them. */
  readonly occupantId?: string;
  readonly hats: readonly ShownHat[];
}

/** The desk's own payload. */
export interface OwnHats {
  readonly wearers: readonly PresentWearer[];
  /** Whether wearers were left out because there is no room for all. */
  readonly truncated: boolean;
}

/** Builds `<hats/>` as a room shows them. */
export function buildHats(hats: readonly ShownHat[], ns: HatsNamespace = NS_HATS): Element {
  return xml("hats", { xmlns: ns }, hats.map(hatBuilder()));
}

/** Reads the hats that a presence shows in one namespace; none where it has no `<hats/>` there. */
export function parseHats(presence: Element, ns: HatsNamespace = NS_HATS): ShownHat[] {
  return presence.getChild("hats", ns)?.getChildren("hat").flatMap(parseHat) ?? [];
}

/** Builds the desk's own payload. */
export function buildOwnHats({ wearers, truncated }: OwnHats): Element {
  return xml(
    "hats",
    { xmlns: NS_MILLINER, truncated: truncated ? true : undefined },
    wearers.map(buildOwnWearer),
  );
}

/** Builds the part of one wearer in the desk's own payload. */
export function buildOwnWearer({ nick, occupantId, hats }: PresentWearer): Element {
  return xml("wearer", { nick, id: occupantId }, hats.map(hatBuilder(NS_HATS)));
}

/** Reads the desk's own payload out of a presence; undefined where there is none. */
export function parseOwnHats(presence: Element): OwnHats | undefined {
  const hats = presence.getChild("hats", NS_MILLINER);
  if (hats === undefined) return undefined;
  const truncated = attribute(hats, "truncated");
  return {
    wearers: hats.getChildren("wearer").flatMap(parseOwnWearer),
    truncated: truncated === "true" || truncated === "1",
  };
}

/** Reads a hue; undefined where the text is no angle. COMPAT: ejabberd 26.07 writes a missing hue as an empty one. */
export function parseHue(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,3}(?:\.\d+)?$/.test(text)) return undefined;
  const hue = Number(text);
  return hue <= 360 ? hue : undefined;
}

function hatBuilder(ns?: string): (hat: ShownHat) => Element {
  return ({ uri, title, hue }) => xml("hat", { xmlns: ns, uri, title, hue });
}

function parseHat(hat: Element): ShownHat[] {
  const uri = attribute(hat, "uri");
  if (!uri) return [];
  const hue = parseHue(attribute(hat, "hue"));
  return [{ uri, title: attribute(hat, "title") || uri, ...(hue === undefined ? {} : { hue }) }];
}

function parseOwnWearer(wearer: Element): PresentWearer[] {
  const nick = attribute(wearer, "nick");
  const id = attribute(wearer, "id");
  if (!nick) return [];
  return [
    {
      nick,
      ...(id ? { occupantId: id } : {}),
      hats: wearer.getChildren("hat", NS_HATS).flatMap(parseHat),
    },
  ];
}
