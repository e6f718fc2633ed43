/**
 * Service discovery: XEP-0030 2.5.0, with the extended information of XEP-0128.
 *
 * Leaves out result set management (XEP-0059): the desk's lists are short.
 */
import { parseForm, type Form } from "./data-form.ts";
import { NS_DATA_FORM, NS_DISCO_INFO, NS_DISCO_ITEMS } from "./namespaces.ts";
import { attribute, type Element, xml } from "./xml.ts";

/** What an entity is. */
export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
  readonly lang?: string;
}

/** What an entity says of itself. */
export interface DiscoInfo {
  readonly identities: readonly Identity[];
  readonly features: readonly string[];
  readonly forms: readonly Form[];
}

/** Something that belongs to an entity. */
export interface DiscoItem {
  readonly jid: string;
  readonly node?: string;
  readonly name?: string;
}

/** Builds the answer to disco#info; `forms` holds built `<x/>` elements. */
export function buildDiscoInfo(
  info: Pick<DiscoInfo, "identities" | "features">,
  node?: string,
  forms: readonly Element[] = [],
): Element {
  return xml(
    "query",
    { xmlns: NS_DISCO_INFO, node },
    info.identities.map(({ category, type, name, lang }) =>
      xml("identity", { category, type, name, "xml:lang": lang }),
    ),
    info.features.map((feature) => xml("feature", { var: feature })),
    forms,
  );
}

/** Builds the answer to disco#items. */
export function buildDiscoItems(items: readonly DiscoItem[], node?: string): Element {
  return xml(
    "query",
    { xmlns: NS_DISCO_ITEMS, node },
    items.map((item) => xml("item", { jid: item.jid, node: item.node, name: item.name })),
  );
}

/** Builds a question of either kind; with a language, that is the one that names are wanted in. */
export function buildDiscoQuery(
  ns: typeof NS_DISCO_INFO | typeof NS_DISCO_ITEMS,
  node?: string,
  lang?: string,
): Element {
  return xml("query", { xmlns: ns, node, "xml:lang": lang });
}

/** Reads the `<query/>` of a disco#info answer. */
export function parseDiscoInfo(query: Element): DiscoInfo {
  return {
    identities: query.getChildren("identity").map(parseIdentity),
    features: query.getChildren("feature").map((feature) => attribute(feature, "var") ?? ""),
    forms: query.getChildren("x", NS_DATA_FORM).map(parseForm),
  };
}

/** Reads the `<query/>` of a disco#items answer. */
export function parseDiscoItems(query: Element): DiscoItem[] {
  return query.getChildren("item").map((item) => ({
    jid: attribute(item, "jid") ?? "",
    ...optional("node", attribute(item, "node")),
    ...optional("name", attribute(item, "name")),
  }));
}

function parseIdentity(identity: Element): Identity {
  return {
    category: attribute(identity, "category") ?? "",
    type: attribute(identity, "type") ?? "",
    ...optional("name", attribute(identity, "name")),
    ...optional("lang", attribute(identity, "xml:lang")),
  };
}

function optional<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [key in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: string });
}
