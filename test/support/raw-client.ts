/**
 * @xmpp/client as it comes, with none of what src/xmpp puts around it: shows the faults that the guards are for.
 *
 * Its reconnecting is off, so that nothing is left running, and an `error` listener is there, without which any fault
 * would end the process.
 */
import { type Client, client } from "@xmpp/client";

/** The library's client, which keeps its errors. */
export type RawClient = Client & { readonly errors: Error[] };

/** The library's client for an account whose password is `secret`. */
export function buildRawClient(service: string, domain = "milliner.test", username = "bot"): RawClient {
  const raw = client({ service, domain, username, password: "secret", resource: "raw" });
  const errors: Error[] = [];
  raw.reconnect.stop();
  raw.on("error", (error: Error) => errors.push(error));
  return Object.assign(raw, { errors });
}

/** Ends a raw client at once, and whatever it waits for. */
export function cutRawClient(raw: Client): void {
  for (const waiting of raw.iqCaller.handlers.values()) waiting.reject(new Error("the test is over"));
  const { socket } = raw as unknown as { socket: { destroy?(): void; socket?: { destroy(): void } } | null };
  if (socket?.destroy) socket.destroy();
  else socket?.socket?.destroy();
}
