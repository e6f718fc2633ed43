/** One client on the server in memory, from both sides, and what all parts of the server need to know of stanzas. */
import type { Element } from "../../src/stanza/xml.ts";
import { parseStanzas } from "./xml-text.ts";

/** One connected client, as the server sees it. */
export interface Session {
  readonly jid: string;
  readonly bareJid: string;
  /** Hands a stanza to the client. */
  receive(stanza: Element): void;
}

/** What a client, or a bot's stream, may do on the server. */
export interface Uplink {
  readonly jid: string;
  send(stanza: Element): void;
  /** Ends the session as the server sees a client go. */
  end(): void;
}

/** Opens a session; `receive` gets every stanza to it. */
export type OpenSession = (user: string, resource: string, receive: (stanza: Element) => void) => Uplink;

/** Whether somebody waits for an answer to this stanza. */
export function isRequest({ name, attrs }: Element): boolean {
  return name === "iq" && (attrs["type"] === "get" || attrs["type"] === "set");
}

/** A copy by way of text, which fails on what no server could read. */
export function copyStanza(stanza: Element): Element {
  const [copy] = parseStanzas(stanza.toString());
  if (copy === undefined) throw new Error("there is no stanza to copy");
  return copy;
}

/** The JID without its resource. */
export function bareOf(jid: string): string {
  const slash = jid.indexOf("/");
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** What a JID has after its first slash; empty where it has none. */
export function resourceOf(jid: string): string {
  return jid.slice(bareOf(jid).length + 1);
}

/** The domain of a JID. */
export function domainOf(jid: string): string {
  const bare = bareOf(jid);
  return bare.slice(bare.indexOf("@") + 1);
}
