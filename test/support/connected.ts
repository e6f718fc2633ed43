/** A connection of the bot to a server under a test's control. */
import { connect, type Connection, type ConnectionOptions } from "../../src/xmpp/stream/connection.ts";
import type { Stream, StreamEvents } from "../../src/xmpp/stream/stream.ts";
import { within } from "./deadline.ts";
import type { FakePeer } from "./fake-server-peer.ts";
import { type FakeBehaviour, FakeServer } from "./fake-server.ts";
import { ManualClock } from "./manual-clock.ts";
import { buildRawClient, cutRawClient, type RawClient } from "./raw-client.ts";

/** The next event of this name, with what its listeners get. */
export function next<Name extends keyof StreamEvents>(
  stream: Stream,
  name: Name,
): Promise<StreamEvents[Name]> {
  const event = new Promise<StreamEvents[Name]>((resolve) => {
    const listener = (...values: StreamEvents[Name]): void => {
      stream.off(name, listener);
      resolve(values);
    };
    stream.on(name, listener);
  });
  return within(event, `the event ${name}`);
}

/** The bot's options for a fake server; the waits between attempts are exactly 1, 2, 4 … s. */
export function fakeOptions(server: FakeServer, clock: ManualClock): ConnectionOptions {
  return {
    jid: "bot@milliner.test",
    password: "secret",
    resource: "milliner",
    service: server.service,
    backoff: { firstMs: 1_000, maxMs: 60_000 },
    random: () => 1,
    clock,
  };
}

/** A fake server, a clock, and the bot connecting to the one by the other. */
export interface Scene {
  readonly server: FakeServer;
  readonly clock: ManualClock;
  readonly bot: Connection;
  /** All events but stanzas, as `name value`. */
  readonly events: string[];
}

const endings: (() => Promise<unknown> | void)[] = [];

/** Ends everything that was staged; for `suite.after.each`, so that a failing test leaves nothing behind. */
export async function endScenes(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end();
}

/** A fake server alone, ended with the scenes. */
export async function stageServer(behaviour: FakeBehaviour = {}): Promise<FakeServer> {
  const server = await FakeServer.start(behaviour);
  endings.push(() => server.stop());
  return server;
}

/** @xmpp/client alone on a fake server; it has not connected yet. */
export async function stageRaw(
  behaviour: FakeBehaviour = {},
): Promise<{ server: FakeServer; raw: RawClient }> {
  const server = await stageServer(behaviour);
  const raw = buildRawClient(server.service);
  endings.push(() => cutRawClient(raw));
  return { server, raw };
}

/** Starts a fake server and the bot, which has not connected yet. */
export async function stage(
  behaviour: FakeBehaviour = {},
  options: Partial<ConnectionOptions> = {},
): Promise<Scene> {
  const server = await stageServer(behaviour);
  const clock = new ManualClock();
  const bot = connect({ ...fakeOptions(server, clock), ...options });
  const events: string[] = [];
  bot.on("online", (address) => events.push(`online ${address}`));
  bot.on("resumed", () => events.push("resumed"));
  bot.on("offline", (reason, mayResume) =>
    events.push(`offline ${mayResume ? "for now" : "for good"}: ${reason}`),
  );
  bot.on("fatal", (reason) => events.push(`fatal ${reason.code}`));
  endings.push(() => {
    const stopped = bot.stop();
    clock.advance(60_000);
    return stopped;
  });
  return { server, clock, bot, events };
}

/** As `stage`, with the bot online. */
export async function stageOnline(
  behaviour: FakeBehaviour = {},
  options: Partial<ConnectionOptions> = {},
): Promise<Scene & { peer: FakePeer }> {
  const scene = await stage(behaviour, options);
  const online = next(scene.bot, "online");
  const peer = await scene.server.nextPeer();
  await online;
  return { ...scene, peer };
}
