/**
 * Reads XML (1.0, section 2) as far as streams use it (RFC 6120, section 11): tags, attributes and text, in order.
 *
 * Where @xmpp/xml's parser looks at each character and emits an event a piece, this one looks for where a piece ends
 * and calls a method, which takes a third of the time. Leaves out namespaces and whether tags match
 * (stanza-parser.ts); skips comments and processing instructions, and refuses declarations, which no stream may hold.
 */
import { unescapeXML } from "@xmpp/xml";

/** Where a reader brings what it read. */
export interface XmlSink {
  /** The attributes are the sink's own from now on. */
  onStartElement(name: string, attributes: Record<string, string>): void;
  onEndElement(name: string): void;
  /** A text may come in several pieces. */
  onText(text: string): void;
}

const SPACE = 0x20;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;

const CDATA = "<![CDATA[";
const CDATA_END = "]]>";
/* What is skipped, by how it begins and ends. */
const SKIPPED: readonly (readonly [begin: string, end: string])[] = [
  ["<!--", "-->"],
  ["<?", "?>"],
];

/* The shortest string that V8 lets share the characters of another. */
const LEAST_SHARED = 13;

/* The end of what begins here has not come yet. */
const UNFINISHED = -1;

/** Reads text that comes in pieces. */
export class XmlReader {
  readonly #sink: XmlSink;
  /* What has begun and not ended. */
  #rest = "";

  constructor(sink: XmlSink) {
    this.#sink = sink;
  }

  /** How many characters have begun something that has not ended. */
  get unread(): number {
    return this.#rest.length;
  }

  /** Reads on. Each piece must end at a `>`, so that it cuts no entity in two. Throws an Error for what is not XML. */
  write(piece: string): void {
    const text = this.#rest + piece;
    let at = 0;
    while (at < text.length) {
      const next = this.#readOne(text, at);
      if (next === UNFINISHED) break;
      at = next;
    }
    this.#rest = text.slice(at);
  }

  /* These read what begins at `at`, and return where the next begins, or UNFINISHED. */

  #readOne(text: string, at: number): number {
    if (text.charCodeAt(at) !== LESS) return this.#readText(text, at);
    const second = text.charAt(at + 1);
    if (second === "/") return this.#readEndTag(text, at);
    return second === "!" || second === "?" ? this.#readSpecial(text, at) : this.#readStartTag(text, at);
  }

  #readText(text: string, at: number): number {
    const less = text.indexOf("<", at);
    const end = less < 0 ? text.length : less;
    this.#sink.onText(unescapeXML(cutOut(text, at, end)));
    return end;
  }

  #readEndTag(text: string, at: number): number {
    const end = text.indexOf(">", at);
    if (end < 0) return UNFINISHED;
    this.#sink.onEndElement(text.slice(at + 2, end).trimEnd());
    return end + 1;
  }

  #readStartTag(text: string, at: number): number {
    const nameEnd = skipName(text, at + 1);
    if (nameEnd === at + 1) throw new Error("a tag has no name");
    const attributes: Record<string, string> = {};
    let end = skipSpace(text, nameEnd);
    while (text.charCodeAt(end) !== GREATER && text.charCodeAt(end) !== SLASH) {
      const next = readAttribute(text, end, attributes);
      if (next === UNFINISHED) return UNFINISHED;
      end = skipSpace(text, next);
    }
    const name = text.slice(at + 1, nameEnd);
    this.#sink.onStartElement(name, attributes);
    if (text.charCodeAt(end) === GREATER) return end + 1;
    if (text.charCodeAt(end + 1) !== GREATER) throw new Error(`<${name}/ does not end`);
    this.#sink.onEndElement(name);
    return end + 2;
  }

  #readSpecial(text: string, at: number): number {
    if (text.startsWith(CDATA, at)) {
      const end = text.indexOf(CDATA_END, at + CDATA.length);
      if (end < 0) return UNFINISHED;
      this.#sink.onText(cutOut(text, at + CDATA.length, end));
      return end + CDATA_END.length;
    }
    const skipped = SKIPPED.find(([begin]) => text.startsWith(begin, at));
    if (skipped === undefined) throw new Error("there is a declaration");
    const [begin, mark] = skipped;
    const end = text.indexOf(mark, at + begin.length);
    return end < 0 ? UNFINISHED : end + mark.length;
  }
}

function readAttribute(text: string, at: number, attributes: Record<string, string>): number {
  const nameEnd = skipName(text, at);
  const equals = skipSpace(text, nameEnd);
  const open = skipSpace(text, equals + 1);
  if (open >= text.length) return UNFINISHED;
  const quote = text.charAt(open);
  const isAttribute = nameEnd > at && text.charCodeAt(equals) === EQUALS && (quote === '"' || quote === "'");
  if (!isAttribute) throw new Error("a tag holds what is no attribute");
  const close = text.indexOf(quote, open + 1);
  if (close < 0) return UNFINISHED;
  attributes[text.slice(at, nameEnd)] = unescapeXML(cutOut(text, open + 1, close));
  return close + 1;
}

/*
 * V8 cuts a string of 13 characters or more out of another without copying it, so that whoever keeps an address or a
 * title keeps the whole packet that it came in, which strangers can make as large as servers take. Cut out of a string
 * of its own, it keeps one blank.
 */
function cutOut(text: string, from: number, to: number): string {
  const piece = text.slice(from, to);
  return piece.length < LEAST_SHARED ? piece : `${piece} `.slice(0, -1);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}

function skipName(text: string, from: number): number {
  let at = from;
  while (isInName(text.charCodeAt(at))) at += 1;
  return at;
}

/* Not a number beyond the end of the text, and so not in a name either. */
function isInName(code: number): boolean {
  return code > SPACE && code !== GREATER && code !== SLASH && code !== EQUALS && code !== LESS;
}
