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
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) kept[key] = String(value);
  }
  return xmlFactory(name, kept, ...flatten(children, []));
}

/** The element children of an element, text left out. */
export function elements(parent: Element): Element[] {
  return parent.children.filter((child): child is Element => typeof child !== "string");
}

/* Written for speed: every stanza that goes out is built through here. */
function flatten(children: readonly Child[], flat: (Element | string)[]): (Element | string)[] {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) flatten(child as readonly Child[], flat);
    else flat.push(typeof child === "number" ? String(child) : (child as Element | string));
  }
  return flat;
}
