/**
 * Cuts the characters of a stream into stanzas, whatever they are.
 *
 * It stands in for @xmpp/xml's parser, which throws out of the socket on an illegal character or entity, reports one
 * fault many times, builds elements of any depth (whose serialisation then overflows the stack), keeps each whitespace
 * ping forever, reads a long text anew with each packet, and misses the end of a declaration or comment whose last
 * character comes in the next packet. Here:
 * - Whatever is not well-formed is one failure, after which nothing more is read: the stream cannot be mended.
 * - What lies deeper than `maxDepth` elements in a stanza is left out, and the rest of the stanza is handed on. Anybody
 *   may send such a stanza through any server, so it must not cost the stream; and nothing that is read
 *   lies that deep.
 * - A stanza longer than `maxLength` characters is handed on without its content, a result as an error, so that nobody
 *   takes it for an empty one. A room's owner can make the lists of that room as long as they like, and its server sends
 *   each in one piece: that must not cost the other rooms the stream.
 * - Text is held back until a `>` comes, without which nothing can end; a piece longer than `maxLength` is a failure, as
 *   servers cut people's stanzas long before.
 */
import { EventEmitter } from "node:events";
import { buildProtocolError } from "../../stanza/stanza-error.ts";
import { attribute, bareElement, type Element } from "../../stanza/xml.ts";
import { XmlReader, type XmlSink } from "./xml-reader.ts";

/** How deep and how long (in UTF-16 units) a stanza may be. */
export interface StanzaLimits {
  readonly maxDepth: number;
  readonly maxLength: number;
}

/** Where a parser brings what it read. */
export interface ParserSink {
  /** The stream header was read. */
  opened(): void;
  /** A child of the stream was read; true takes it, false leaves it to @xmpp/client. */
  element(element: Element): boolean;
  /** The other side closed its stream. */
  ended(): void;
  /** No further element will be read. */
  failed(error: Error): void;
}

/** Reads one XML stream; emits to @xmpp/client what it waits for: `start` with the header, `element` with what is left. */
export class StanzaParser extends EventEmitter implements XmlSink {
  /** The stream header, once it was read. */
  root: Element | null = null;
  /** The element that is being read. */
  cursor: Element | null = null;
  readonly #limits: StanzaLimits;
  readonly #sink: ParserSink;
  readonly #reader = new XmlReader(this);
  #depth = 0;
  #leftOut = 0;
  #length = 0;
  #isTooLong = false;
  #held: string[] = [];
  #heldLength = 0;
  #isOver = false;

  constructor(limits: StanzaLimits, sink: ParserSink) {
    super();
    this.#limits = limits;
    this.#sink = sink;
  }

  /** Reads on; text may end anywhere but inside a character. Never throws. */
  write(text: string): void {
    if (this.#isOver || this.#isPing(text)) return;
    const { maxLength } = this.#limits;
    this.#length += text.length;
    const end = text.lastIndexOf(">") + 1;
    if (end === 0) this.#held.push(text);
    else {
      this.#feed(this.#held.join("") + text.slice(0, end));
      this.#held = end === text.length ? [] : [text.slice(end)];
      this.#heldLength = 0;
    }
    this.#heldLength += text.length - end;
    if (this.#heldLength + this.#reader.unread > maxLength)
      this.#fail(new Error(`a text or tag is longer than ${maxLength} characters`));
    else if (this.#length > maxLength) this.#leaveOutContent();
  }

  /** Reads nothing more, not even of what is being read. */
  close(): void {
    this.#isOver = true;
  }

  onStartElement(name: string, attributes: Record<string, string>): void {
    if (this.#isOver) return;
    if (this.#leftOut > 0 || this.#depth > this.#limits.maxDepth || this.#isTooLong) {
      this.#leftOut += 1;
      return;
    }
    const element = bareElement(name, attributes);
    if (this.#depth > 1) this.cursor?.cnode(element);
    this.cursor = element;
    this.#depth += 1;
    if (this.#depth === 1) this.#open(element);
  }

  onEndElement(name: string): void {
    if (this.#isOver) return;
    if (this.#leftOut > 0) {
      this.#leftOut -= 1;
      return;
    }
    const closing = this.cursor;
    if (closing === null || name !== closing.name) {
      this.#fail(new Error(`</${name}> closes nothing`));
      return;
    }
    this.#depth -= 1;
    if (this.#depth === 0) this.#sink.ended();
    else if (this.#depth === 1) this.#finishStanza(closing);
    else this.cursor = closing.parent;
  }

  onText(text: string): void {
    if (this.#isOver || this.#leftOut > 0 || this.#isTooLong || this.#depth === 1) return;
    if (this.#depth === 0) {
      if (text.trim() !== "") this.#fail(new Error("text outside of the stream"));
      return;
    }
    this.cursor?.t(text);
  }

  /* White space between stanzas (RFC 6120, section 4.6.1). */
  #isPing(text: string): boolean {
    const isBetween = this.#depth === 1 && this.#held.length === 0 && this.#reader.unread === 0;
    return isBetween && text.trim() === "";
  }

  #feed(text: string): void {
    try {
      this.#reader.write(text);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #open(header: Element): void {
    this.root = header;
    this.#length = 0;
    this.emit("start", header);
    this.#sink.opened();
  }

  /* Of the stanza that is being read, for as long as it goes on. */
  #leaveOutContent(): void {
    if (this.#depth < 2 || this.#isTooLong) return;
    let stanza = this.cursor;
    while (stanza?.parent) stanza = stanza.parent;
    this.#isTooLong = true;
    this.#leftOut += this.#depth - 2;
    this.#depth = 2;
    this.cursor = stanza;
    if (stanza !== null) stanza.children = [];
  }

  #finishStanza(stanza: Element): void {
    if (this.#isTooLong && attribute(stanza, "type") === "result") makeError(stanza);
    this.#length = 0;
    this.#isTooLong = false;
    stanza.parent = this.root;
    this.cursor = this.root;
    if (!this.#sink.element(stanza)) this.emit("element", stanza);
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sink.failed(error);
  }
}

/* An answer whose content was left out is none (RFC 6120, section 8.3.3.12). */
function makeError(result: Element): void {
  result.attrs["type"] = "error";
  result.cnode(buildProtocolError("modify", "policy-violation"));
}
