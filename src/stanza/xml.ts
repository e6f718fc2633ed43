/**
 * The XML element every codec builds and reads (ltx, through @xmpp/xml).
 *
 * Kept in one place so that the rest of the code names one type, and so that no other folder needs to know which
 * XML library is in use. Building and writing are done here and not by ltx, which copies the attributes of an element
 * three times, and calls a function for each piece of text that it writes: that was a quarter of the bot's work.
 * Leaves out parsing from text: that is the connection's work.
 */
import { Element as LtxElement, escapeXML, escapeXMLText } from "@xmpp/xml";

export type Element = LtxElement;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
type Child = Element | string | number | null | undefined | false | readonly Child[];

const NEEDS_ESCAPE = /["&'<>]/;

/** Builds an element; undefined attributes and null, undefined or false children are left out, arrays are flattened. */
export function xml(name: string, attributes: Attributes = {}, ...children: readonly Child[]): Element {
  const element = new LtxElement(name);
  for (const key in attributes) {
    const value = attributes[key];
    if (value !== undefined) element.attrs[key] = String(value);
  }
  append(element, children);
  return element;
}

/** Builds an element with just these attributes, which are its own from now on. */
export function bareElement(name: string, attributes: Record<string, string>): Element {
  const element = new LtxElement(name);
  element.attrs = attributes;
  return element;
}

/** Writes an element as text, as it goes over a stream. */
export function toText(element: Element): string {
  let text = `<${element.name}`;
  for (const name in element.attrs) {
    const value: string | undefined = element.attrs[name];
    if (value !== undefined) text += ` ${name}="${escapeAttribute(value)}"`;
  }
  if (element.children.length === 0) return `${text}/>`;
  text += ">";
  for (const child of element.children) text += typeof child === "string" ? escapeText(child) : toText(child);
  return `${text}</${element.name}>`;
}

/** An attribute as text, which it is not in every element that a program built; undefined where there is none. */
export function attribute(element: Element, name: string): string | undefined {
  const value = element.attrs[name];
  return value === undefined || value === null ? undefined : String(value);
}

/** The element children of an element, text left out. */
export function elements(parent: Element): Element[] {
  return parent.children.filter((child): child is Element => typeof child !== "string");
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    if (Array.isArray(child)) append(parent, child as readonly Child[]);
    else parent.cnode(typeof child === "number" ? String(child) : (child as Element));
  }
}

function escapeAttribute(value: string): string {
  return NEEDS_ESCAPE.test(value) ? escapeXML(value) : value;
}

function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? escapeXMLText(text) : text;
}
