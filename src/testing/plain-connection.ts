/**
 * @xmpp/client set up for tests: one connection, no reconnects, no stream management, one way to log in.
 *
 * It logs in by SASL PLAIN, which costs the server nothing, over TLS where the server has it and in clear otherwise:
 * all is loopback. Leaves out everything that Milliner's own connection (src/xmpp) has to do to stay alive.
 */
import { readFileSync } from "node:fs";
import { client, type Client } from "@xmpp/client";
import { xml, type Element } from "../stanza/xml.ts";
import type { TestServer } from "./server.ts";

/** Who connects, and to which server. */
export interface Login {
  readonly server: TestServer;
  readonly user: string;
  readonly password: string;
  readonly resource: string;
}

const NS_SASL2 = "urn:xmpp:sasl:2";
const NS_STREAM_MANAGEMENT = "urn:xmpp:sm:3";
const NS_STREAMS = "http://etherx.jabber.org/streams";

/** Builds a client that is not connected yet; `start()` connects it. */
export function buildPlainClient({ server, user, password, resource }: Login): Client {
  const xmpp = client({
    service: server.tlsService ?? server.service,
    domain: server.domain,
    resource,
    credentials: (authenticate) =>
      authenticate({ username: bytes(user), password: bytes(password) }, "PLAIN", xml("user-agent")),
  });
  xmpp.reconnect.stop();
  if (server.caPath !== undefined) trust(xmpp, server.caPath);
  // COMPAT: @xmpp/client 0.14 sends before stream management is on and miscounts; without the offer it leaves it alone.
  xmpp.prependListener("element", (element: Element) => {
    if (!element.is("features", NS_STREAMS)) return;
    element.remove("sm", NS_STREAM_MANAGEMENT);
    element.remove("authentication", NS_SASL2);
  });
  stayDeafAfterTheEnd(xmpp);
  // COMPAT: @xmpp/client 0.14 decodes UTF-8 chunk by chunk and leaves Nagle's algorithm on.
  xmpp.on("connect", () => {
    const socket = innermostSocket(xmpp);
    socket.setEncoding("utf8");
    socket.setNoDelay(true);
    listenToTheEnd(xmpp, socket);
  });
  return xmpp;
}

/** COMPAT: @xmpp/base64 0.14 encodes one byte a character, so that text has to come as its UTF-8 bytes. */
function bytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/* COMPAT: @xmpp/client 0.14 throws on what comes after the end of the stream, where nobody can catch it. */
function stayDeafAfterTheEnd(xmpp: Client): void {
  const inner = xmpp as unknown as Record<"_onData", (data: unknown) => void> & { readonly parser: unknown };
  const receive = inner["_onData"].bind(xmpp);
  inner["_onData"] = (data) => {
    if (inner.parser !== null) receive(data);
  };
}

/*
 * COMPAT: @xmpp/client 0.14 lets go of a socket that does not close in time, as where the server is frozen. What that
 * socket says afterwards, such as that the server is dead, would end the process of the test.
 */
function listenToTheEnd(xmpp: Client, socket: NetworkSocket): void {
  for (const one of [xmpp.socket as unknown as NetworkSocket, socket]) one.on("error", () => undefined);
}

/** Ends the stream in good order, where there is one; of a server that says nothing to that no socket is left open. */
export async function close(xmpp: Client): Promise<void> {
  const socket = xmpp.socket === null ? undefined : innermostSocket(xmpp);
  if (xmpp.status === "online") await xmpp.stop();
  socket?.destroy();
}

/** Cuts the connection without a word to the server. */
export function cut(xmpp: Client): void {
  if (xmpp.socket !== null) innermostSocket(xmpp).destroy();
}

interface NetworkSocket {
  setEncoding(encoding: "utf8"): void;
  setNoDelay(on: boolean): void;
  on(event: "error", listener: () => void): unknown;
  destroy(): void;
}

/** The TLS socket is wrapped once by @xmpp/tls, the TCP socket is not. */
function innermostSocket(xmpp: Client): NetworkSocket {
  const outer = xmpp.socket as unknown as NetworkSocket & { readonly socket?: NetworkSocket };
  return outer.socket ?? outer;
}

/** Makes direct TLS trust an authority, for this client only. */
function trust(xmpp: Client, caPath: string): void {
  const ca = readFileSync(caPath);
  const parametersFor = xmpp.socketParameters.bind(xmpp);
  xmpp.socketParameters = (service: string) => Object.assign({ ca }, parametersFor(service));
}
