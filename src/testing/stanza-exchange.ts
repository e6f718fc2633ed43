/** Stanzas sent over one client and what comes back: answers go to who asked, the rest to whoever waits for it. */
import { randomUUID } from "node:crypto";
import type { Element } from "../stanza/xml.ts";
import { type Deadline, type Inbox, openInbox } from "./inbox.ts";

/** Stanzas out and in; `RoomActions` are built on it. */
export interface StanzaExchange {
  /** The full JID. */
  readonly jid: string;
  /** Sends a stanza; rejects once the connection has ended. */
  send(stanza: Element): Promise<void>;
  /** Sends an iq, with an id of its own if it has none, and resolves with its answer, a result or an error. */
  request(iq: Element, deadline?: Deadline): Promise<Element>;
  /** Like `request`, but rejects when the answer is an error. */
  demand(iq: Element, deadline?: Deadline): Promise<Element>;
  next: Inbox["next"];
}

/** As much of an @xmpp/client as is needed; its own types are not among what comes with the package. */
export interface StanzaClient {
  send(stanza: Element): Promise<void>;
  on(event: "stanza", listener: (stanza: Element) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  once(event: "disconnect", listener: () => void): unknown;
}

/** What came in, sorted into what was asked for and the rest. */
export interface Arrivals {
  readonly received: readonly Element[];
  readonly inbox: Inbox;
  /** Answers to our own requests, so that no wait for other stanzas can take them. */
  readonly answers: Inbox;
  /** Ids of requests that have no answer yet. */
  readonly asked: Set<string>;
  readonly disconnected: Promise<Error>;
  /** Throws the reason once the connection has ended. */
  readonly assertConnected: () => void;
}

/** Takes everything that comes to a client from now on. */
export function receiveFrom(xmpp: StanzaClient, user: string): Arrivals {
  const received: Element[] = [];
  const asked = new Set<string>();
  const inbox = openInbox(user);
  const answers = openInbox(user);
  xmpp.on("stanza", (stanza: Element) => {
    received.push(stanza);
    const isAnswer = stanza.name === "iq" && asked.delete(stanza.attrs.id as string);
    (isAnswer ? answers : inbox).put(stanza);
  });
  let lastError: Error | undefined;
  let ended: Error | undefined;
  xmpp.on("error", (error: Error) => {
    lastError = error;
  });
  const disconnected = new Promise<Error>((resolve) => {
    xmpp.once("disconnect", () => {
      const reason = new Error(`the connection of ${user} ended`, { cause: lastError });
      ended = reason;
      for (const box of [inbox, answers]) box.end(reason);
      resolve(reason);
    });
  });
  const assertConnected = (): void => {
    if (ended !== undefined) throw ended;
  };
  return { received, inbox, answers, asked, disconnected, assertConnected };
}

/** Builds the exchange of a client that is online as `jid`. */
export function exchangeOver(
  xmpp: StanzaClient,
  jid: string,
  { inbox, answers, asked, assertConnected }: Arrivals,
): StanzaExchange {
  const exchange: StanzaExchange = {
    jid,
    // Of itself @xmpp/client says "Cannot read properties of null".
    async send(stanza) {
      assertConnected();
      await xmpp.send(stanza);
    },
    async request(iq, deadline) {
      const id = (iq.attrs.id ??= randomUUID()) as string;
      asked.add(id);
      await exchange.send(iq);
      return answers.next((answer) => answer.attrs.id === id, deadline);
    },
    async demand(iq, deadline) {
      const answer = await exchange.request(iq, deadline);
      if (answer.attrs.type === "error")
        throw new Error(`${jid} asked ${String(iq)} and got ${String(answer)}`);
      return answer;
    },
    next: inbox.next,
  };
  return exchange;
}
