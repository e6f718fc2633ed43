/** A test client as the sender of ad-hoc commands (xmpp/adhoc-client.ts). */
import { isSameJid } from "../stanza/jid.ts";
import { parseStanzaError } from "../stanza/stanza-error.ts";
import { xml } from "../stanza/xml.ts";
import type { IqSender } from "../xmpp/adhoc-client.ts";
import type { StanzaExchange } from "./stanza-exchange.ts";

/** Lets a person run commands; rejects with StanzaError where the answer is an error. */
export function senderOf(person: StanzaExchange): IqSender {
  return {
    async request(to, type, payload) {
      const answer = await person.request(xml("iq", { type, to }, payload));
      const { from } = answer.attrs as { from?: string };
      if (from === undefined || !isSameJid(from, to))
        throw new Error(`${from} answered in the place of ${to}`);
      if (answer.attrs["type"] === "error") throw parseStanzaError(answer);
      return answer;
    },
  };
}
