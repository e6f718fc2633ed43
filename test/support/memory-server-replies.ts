/** The answers that every part of the server in memory gives (RFC 6120, sections 8.2.3 and 8.3). */
import { xml, type Element } from "../../src/stanza/xml.ts";

const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";

/** Builds the result of an IQ. */
export function result(request: Element, ...payload: readonly Element[]): Element {
  return xml("iq", { type: "result", ...addressesBack(request) }, ...payload);
}

/** Builds the error for an IQ or a presence. */
export function refusal(request: Element, type: string, condition: string): Element {
  return xml(
    request.name,
    { type: "error", ...addressesBack(request) },
    xml("error", { type }, xml(condition, { xmlns: NS_STANZAS })),
  );
}

function addressesBack(request: Element): Record<string, string | undefined> {
  const { id, from, to } = request.attrs as Record<string, string | undefined>;
  return { id, from: to, to: from };
}
