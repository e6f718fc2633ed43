/** The bot's connection to a real server, over a wire that can be cut. */
import { connect, type Connection, type ConnectionOptions } from "../../src/xmpp/stream/connection.ts";
import type { TestServer } from "../../src/testing/index.ts";
import { next } from "./connected.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/** A connection and the wire it goes over. */
export interface ServerBot {
  readonly bot: Connection;
  readonly wire: TcpProxy;
  /** All events but stanzas, by name. */
  readonly events: string[];
}

const endings: (() => Promise<void>)[] = [];

/** Ends all bots and wires; for `suite.after.each`. */
export async function endServerBots(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end();
}

/** The account `bot` with the password `bot`, connecting; the waits between attempts are short. */
export async function startServerBot(
  server: TestServer,
  options: Partial<ConnectionOptions> = {},
): Promise<ServerBot> {
  const wire = await TcpProxy.start(server.c2sPort);
  const bot = connect({
    jid: `bot@${server.domain}`,
    password: "bot",
    resource: "milliner",
    service: `xmpp://127.0.0.1:${wire.port}`,
    backoff: { firstMs: 50, maxMs: 500 },
    ...options,
  });
  const events: string[] = [];
  bot.on("online", () => events.push("online"));
  bot.on("resumed", () => events.push("resumed"));
  bot.on("offline", () => events.push("offline"));
  bot.on("fatal", ({ code }) => events.push(`fatal ${code}`));
  endings.push(async () => {
    await bot.stop();
    await wire.stop();
  });
  return { bot, wire, events };
}

/** As `startServerBot`, with the bot online. */
export async function onlineServerBot(
  server: TestServer,
  options: Partial<ConnectionOptions> = {},
): Promise<ServerBot> {
  const started = await startServerBot(server, options);
  await next(started.bot, "online");
  return started;
}
