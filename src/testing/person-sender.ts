/** A test client as the sender of ad-hoc commands (xmpp/adhoc-client.ts), which fails as every sender does. */
import { isSameJid } from "../stanza/jid.ts";
import { parseStanzaError } from "../stanza/stanza-error.ts";
import { type Element, xml } from "../stanza/xml.ts";
import type { IqSender } from "../xmpp/adhoc-client.ts";
import type { IqSenderOptions } from "../xmpp/iq-sender.ts";
import { RequestTimeout } from "../xmpp/requests.ts";
import { serialise } from "../xmpp/stream/stanza-guard.ts";
import { StreamDownError } from "../xmpp/stream/stream.ts";
import { NothingCame } from "./inbox.ts";
import type { StanzaExchange } from "./stanza-exchange.ts";

/* A test that waits has failed already. */
const TIMEOUT_MS = 30_000;

/**
 * Lets a person run commands. An answer is waited for 30 s, unless said otherwise.
 *
 * Rejects with StanzaError (the answer was an error), RequestTimeout, StreamDownError and UnsendableError.
 */
export function senderOf(person: StanzaExchange, { timeoutMs = TIMEOUT_MS }: IqSenderOptions = {}): IqSender {
  const ask = async (to: string, iq: Element): Promise<Element> => {
    serialise(iq);
    try {
      return await person.request(iq, { timeout: timeoutMs });
    } catch (error) {
      const failure = error instanceof NothingCame ? new RequestTimeout(to, timeoutMs) : downBy(error);
      throw Object.assign(failure, { cause: error });
    }
  };
  return {
    async request(to, type, payload) {
      const answer = await ask(to, xml("iq", { type, to }, payload));
      const { from } = answer.attrs as { from?: string };
      if (from === undefined || !isSameJid(from, to))
        throw new Error(`${from} answered in the place of ${to}`);
      if (answer.attrs["type"] === "error") throw parseStanzaError(answer);
      return answer;
    },
  };
}

/* Whatever else goes wrong is the connection's: it is not there to send on, or it ended before the answer. */
function downBy(error: unknown): StreamDownError {
  return new StreamDownError(error instanceof Error ? error.message : String(error));
}
