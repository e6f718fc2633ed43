/**
 * Where a server is: `xmpp://host:port` (TCP, with STARTTLS) and `xmpps://host:port` (direct TLS, XEP-0368).
 *
 * Leaves out finding it by DNS (SRV records) and WebSocket.
 */
import { domainToASCII } from "node:url";
import type { StreamTarget } from "./stream-socket.ts";

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "xmpp:": 5222, "xmpps:": 5223 };

/** What a service looks like, to be told to whoever wrote another thing. */
export const SERVICE_SHAPE =
  "xmpp://host:port or xmpps://host:port, the port from 1 to 65535, such as xmpp://127.0.0.1:5222";

/** Reads a service, or returns undefined where it is none; without a port it is the usual one, 5222 or 5223. */
export function parseService(text: string): StreamTarget | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const defaultPort = url && DEFAULT_PORTS[url.protocol];
  const host = url && readHost(url.hostname);
  if (url === undefined || defaultPort === undefined || host === "" || host === undefined || url.port === "0")
    return undefined;
  return {
    host,
    port: url.port === "" ? defaultPort : Number(url.port),
    directTls: url.protocol === "xmpps:",
  };
}

/* Of a scheme that it does not know, URL takes a name apart into the bytes of what is beyond ASCII. */
function readHost(hostname: string): string | undefined {
  const name = hostname.replace(/^\[(.*)\]$/, "$1");
  if (!name.includes("%")) return name;
  try {
    return domainToASCII(decodeURIComponent(name));
  } catch {
    return undefined;
  }
}

/** Whether an IP address is this very machine. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\./i.test(address);
}
