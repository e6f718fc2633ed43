/** Reads stanzas from text, naming the line at which the text is no XML. */
import type { Element } from "../../src/stanza/xml.ts";
import { StanzaParser } from "../../src/xmpp/stream/stanza-parser.ts";

/** The text is not XML; `line` counts from 0. */
export class XmlTextError extends Error {
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/** Reads the elements that stand one after another in a text, as children of a client's stream. */
export function parseStanzas(text: string): Element[] {
  const stanzas: Element[] = [];
  const sink = {
    opened: () => undefined,
    ended: () => undefined,
    failure: undefined as string | undefined,
    element(element: Element): boolean {
      stanzas.push(element);
      return true;
    },
    failed(error: Error): void {
      sink.failure = error.message;
    },
  };
  const parser = new StanzaParser({ maxDepth: 1000, maxLength: 1_000_000 }, sink);
  parser.write("<stream xmlns='jabber:client'>");
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    parser.write(`${line}${at < lines.length - 1 ? "\n" : ""}`);
    if (sink.failure !== undefined) throw new XmlTextError(at, sink.failure);
  }
  if (parser.cursor !== parser.root) {
    throw new XmlTextError(lines.length - 1, `<${parser.cursor?.name ?? ""}> is not closed`);
  }
  return stanzas;
}

/** Writes a stanza for people, an element a line. */
export function indentStanza(element: Element, indent = ""): string {
  const opening = element
    .toString()
    .slice(0, element.children.length === 0 ? undefined : openingLength(element));
  const children = element.children.filter((child) => typeof child !== "string" || child.trim() !== "");
  if (children.every((child) => typeof child === "string")) return `${indent}${element.toString()}`;
  const inner = children.map((child) =>
    typeof child === "string" ? `${indent}  ${child.trim()}` : indentStanza(child, `${indent}  `),
  );
  return [`${indent}${opening}`, ...inner, `${indent}</${element.name}>`].join("\n");
}

/* ltx escapes > in attribute values, so the first one ends the tag. */
function openingLength(element: Element): number {
  return element.toString().indexOf(">") + 1;
}
