/**
 * Questions over somebody else's @xmpp/client: IQs of type get and set (RFC 6120, section 8.2.3).
 *
 * @xmpp/client's own iqCaller takes an answer from whoever sends one, and its ids come from Math.random; here an answer
 * counts only from the address that was asked, under an id that nobody can guess. Leaves out the connection itself:
 * connecting, reconnecting and ending are the program's own.
 */
import type { Element } from "../stanza/xml.ts";
import type { IqSender } from "./adhoc-client.ts";
import { Requests } from "./requests.ts";
import { Listeners } from "./listeners.ts";
import { serialise } from "./stream/stanza-guard.ts";
import { type Stream, StreamDownError, type StreamEvents } from "./stream/stream.ts";

/** As much of an @xmpp/client as is needed; a client of another version, or a component, fits too. */
export interface XmppClient {
  /** The full JID, once there is one. */
  readonly jid?: { toString(): string } | null | undefined;
  readonly status: string;
  send(stanza: Element): Promise<unknown>;
  on(event: "stanza", listener: (stanza: Element) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
}

/** How long an answer is waited for, in milliseconds; 60 s unless said. */
export interface IqSenderOptions {
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

/**
 * Asks over a client that is, or will be, online; one sender a client is enough for all commands.
 *
 * Its requests reject with StanzaError (the answer was an error), RequestTimeout, StreamDownError (not online, or the
 * connection went before the answer came) and UnsendableError (what no server would take, which would end the stream).
 */
export function iqSender(client: XmppClient, { timeoutMs = TIMEOUT_MS }: IqSenderOptions = {}): IqSender {
  return new Requests(streamOver(client), { timeoutMs });
}

function streamOver(client: XmppClient): Stream {
  const listeners = new Listeners<StreamEvents>(rethrowAside);
  client.on("stanza", (stanza) => listeners.tell("stanza", stanza));
  client.on("disconnect", () => listeners.tell("offline", "the connection ended", false));
  return {
    get address() {
      return client.jid?.toString();
    },
    get online() {
      return client.status === "online";
    },
    async send(stanza) {
      if (client.status !== "online") throw new StreamDownError();
      serialise(stanza);
      await client.send(stanza);
    },
    on: (name, listener) => listeners.add(name, listener),
    off: (name, listener) => listeners.remove(name, listener),
  };
}

/* Requests throws nothing of its own, so this is a bug: it must not pass for a fault of the client's. */
function rethrowAside(_event: string, error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
