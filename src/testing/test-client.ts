/**
 * A person at an XMPP client, played by a test: connect, send, ask, wait for what comes, and act in rooms.
 *
 * Leaves out rosters, reconnects and everything that decides something by itself; only IQs that ask this client are
 * answered, by @xmpp/client, with service-unavailable or a pong.
 */
import { xml, type Element } from "../stanza/xml.ts";
import type { Inbox } from "./inbox.ts";
import { buildPlainClient, close, cut } from "./plain-connection.ts";
import { roomActions, type RoomActions } from "./room-actions.ts";
import type { TestServer } from "./server.ts";
import { exchangeOver, receiveFrom, type StanzaExchange } from "./stanza-exchange.ts";

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
  const arrivals = receiveFrom(xmpp, user);
  const jid = String(await xmpp.start());
  const exchange = exchangeOver(xmpp, jid, arrivals);
  if (available) await exchange.send(xml("presence"));
  return {
    ...exchange,
    ...roomActions(exchange),
    bareJid: jid.slice(0, jid.indexOf("/")),
    received: arrivals.received,
    forget: arrivals.inbox.forget,
    disconnected: arrivals.disconnected,
    close: () => close(xmpp),
    cut: () => cut(xmpp),
  };
}
