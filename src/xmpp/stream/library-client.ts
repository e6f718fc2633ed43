/**
 * The part of @xmpp/client 0.14 that is in use: it writes stream headers and leads through SASL (RFC 6120, sections 4
 * and 6), over the socket and the parser and by the mechanisms given to it.
 *
 * One client serves one attempt only: what it left unfinished (listeners that wait for a SASL challenge, promises)
 * would act in the next attempt. Switched off or never reached: its reconnecting (fixed at 1 s), STARTTLS (goes on without where
 * none is offered, and does not know our authorities), SASL 2 with Bind 2 (makes up the resource, which is the bot's
 * public address), binding, stream management (counts wrong), IQ caller (takes anybody's answers) and callee.
 */
import { type Client, client } from "@xmpp/client";
import { SASL_MECHANISMS, type SaslMechanisms } from "./sasl-mechanisms.ts";
import type { StanzaParser } from "./stanza-parser.ts";
import type { StreamSocket, StreamTarget } from "./stream-socket.ts";

/** Whom to sign in as, and what to build the client on. */
export interface LibraryClientOptions {
  readonly domain: string;
  readonly username: string;
  readonly password: string;
  readonly target: StreamTarget;
  readonly createSocket: () => StreamSocket;
  readonly createParser: () => StanzaParser;
  readonly mechanisms: SaslMechanisms;
}

/* Parts of the client that its types leave out. */
interface ClientParts {
  readonly transports: Transport[];
  readonly saslFactory: { readonly _mechs: { readonly name: string; readonly mech: () => unknown }[] };
}

/* What a transport of @xmpp/client is to the client: only its prototype is ever used. */
interface Transport {
  prototype: { socketParameters(service: string): unknown };
}

/** Creates a client that can `connect`, `open` and `restart`. */
export function createLibraryClient(options: LibraryClientOptions): Client {
  const { domain, username, password } = options;
  const xmpp = client({ service: "xmpp://unused", domain, username, password });
  xmpp.reconnect.stop();
  xmpp.timeout = 0; // Each phase has its own bound, see watchdog.ts.
  const { transports, saslFactory } = xmpp as unknown as ClientParts;
  const mechanisms = SASL_MECHANISMS.map((name) => ({
    name,
    mech: constructorOf(() => options.mechanisms.create(name)),
  }));
  const { _mechs: known } = saslFactory;
  known.splice(0, known.length, ...mechanisms);
  const tcp = transports.find(
    (transport) => transport.prototype.socketParameters("xmpp://any") !== undefined,
  );
  if (tcp === undefined) throw new Error("@xmpp/client has no TCP transport");
  const prototype: unknown = Object.assign(Object.create(tcp.prototype), {
    Socket: constructorOf(options.createSocket),
    Parser: constructorOf(options.createParser),
    socketParameters: () => options.target,
  });
  transports.splice(0, transports.length, { prototype } as Transport);
  return xmpp;
}

/* The client calls `new`, which gives what the function returns. */
function constructorOf<Value>(create: () => Value): () => Value {
  return function construct() {
    return create();
  };
}
