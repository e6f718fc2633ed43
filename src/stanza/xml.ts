/**
 * The XML element every codec builds and reads (ltx, through @xmpp/xml).
 *
 * Kept in one place so that the rest of the code names one type, and so that no other folder needs to know which
 * XML library is in use. Leaves out parsing from text: that is the connection's work.
 */
import xmlFactory from "@xmpp/xml";
import type { Element as LtxElement } from "@xmpp/xml";

export type Element = LtxElement;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Element | string | number | null | undefined | false | readonly Child[];

/** Builds an element; undefined attributes and null, undefined or false children are left out, arrays are flattened. */
export function xml(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Element {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) kept[key] = String(value);
  return xmlFactory(name, kept, ...flatten(children));
}

/** The element children of an element, text left out. */
export function elements(parent: Element): Element[] {
  return parent.children.filter((child): child is Element => typeof child !== "string");
}

function flatten(children: readonly Child[]): (Element | string)[] {
  return children.flatMap((child): (Element | string)[] => {
    if (child === null || child === undefined || child === false) return [];
    if (Array.isArray(child)) return flatten(child as readonly Child[]);
    return [typeof child === "number" ? String(child) : (child as Element | string)];
  });
}
