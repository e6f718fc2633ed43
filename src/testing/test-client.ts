/**
 * A person at an XMPP client, played by a test: connect, send, ask, wait for what comes, and act in rooms.
 *
 * Leaves out rosters, reconnects and everything that decides something by itself; only IQs that ask this client are
 * answered, by @xmpp/client, with service-unavailable or a pong.
 */
import { randomUUID } from "node:crypto";
import type { Client } from "@xmpp/client";
import { xml, type Element } from "../stanza/xml.ts";
import { openInbox, type Deadline, type Inbox } from "./inbox.ts";
import { buildPlainClient, cut } from "./plain-connection.ts";
import { roomActions, type RoomActions } from "./room-actions.ts";
import type { TestServer } from "./server.ts";

/** Who to play. */
export interface TestClientSettings {
  readonly server: TestServer;
  readonly user: string;
  /** Default: the user name. */
  readonly password?: string;
  /** Default: `test`. */
  readonly resource?: string;
  /** Whether to send initial presence; default true. */
  readonly available?: boolean;
}

/** A stanza exchange that `RoomActions` are built on. */
export interface StanzaExchange {
  /** The full JID. */
  readonly jid: string;
  send(stanza: Element): Promise<void>;
  /** Sends an iq, with an id of its own if it has none, and resolves with its answer, a result or an error. */
  request(iq: Element, deadline?: Deadline): Promise<Element>;
  /** Like `request`, but rejects when the answer is an error. */
  demand(iq: Element, deadline?: Deadline): Promise<Element>;
  next: Inbox["next"];
}

/** A connected client. */
export interface TestClient extends StanzaExchange, RoomActions {
  readonly bareJid: string;
  /** Everything received but stream-level elements, answers to requests included. */
  readonly received: readonly Element[];
  forget: Inbox["forget"];
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  readonly disconnected: Promise<Error>;
  /** Closes the stream in good order; harmless when it is closed already. */
  close(): Promise<void>;
  /** Cuts the connection without a word to the server. */
  cut(): void;
}

/** Makes the account and connects it: for the many tests that need a person and not an account. */
export async function registerAndConnect(settings: TestClientSettings): Promise<TestClient> {
  await settings.server.register(settings.user, settings.password ?? settings.user);
  return connectClient(settings);
}

/** Connects an account that exists; rejects when the login fails. */
export async function connectClient(settings: TestClientSettings): Promise<TestClient> {
  const { server, user, password = user, resource = "test", available = true } = settings;
  const xmpp = buildPlainClient({ server, user, password, resource });
  const arrivals = receive(xmpp, user);
  const jid = String(await xmpp.start());
  const exchange = stanzaExchange(xmpp, jid, arrivals);
  if (available) await exchange.send(xml("presence"));
  return {
    ...exchange,
    ...roomActions(exchange),
    bareJid: jid.slice(0, jid.indexOf("/")),
    received: arrivals.received,
    forget: arrivals.inbox.forget,
    disconnected: arrivals.disconnected,
    async close() {
      if (xmpp.status === "online") await xmpp.stop();
    },
    cut: () => cut(xmpp),
  };
}

interface Arrivals {
  readonly received: readonly Element[];
  readonly inbox: Inbox;
  /** Answers to our own requests, so that no wait for other stanzas can take them. */
  readonly answers: Inbox;
  /** Ids of requests that have no answer yet. */
  readonly asked: Set<string>;
  readonly disconnected: Promise<Error>;
}

function receive(xmpp: Client, user: string): Arrivals {
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
  xmpp.on("error", (error: Error) => {
    lastError = error;
  });
  const disconnected = new Promise<Error>((resolve) => {
    xmpp.once("disconnect", () => {
      const reason = new Error(`the connection of ${user} ended`, { cause: lastError });
      for (const box of [inbox, answers]) box.end(reason);
      resolve(reason);
    });
  });
  return { received, inbox, answers, asked, disconnected };
}

function stanzaExchange(xmpp: Client, jid: string, { inbox, answers, asked }: Arrivals): StanzaExchange {
  const exchange: StanzaExchange = {
    jid,
    send: (stanza) => xmpp.send(stanza),
    async request(iq, deadline) {
      const id = (iq.attrs.id ??= randomUUID()) as string;
      asked.add(id);
      await xmpp.send(iq);
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
