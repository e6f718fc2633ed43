/** The whole bot in rooms of a real server, with its waits shortened, its store kept over restarts, and an admin. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bot, startBot } from "../../src/bot.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import type { TestServer } from "../../src/testing/index.ts";
import { connect, type Connection } from "../../src/xmpp/stream/connection.ts";
import { configOfHats } from "./bot-config.ts";
import { within } from "./deadline.ts";

/* How many seconds pass for the bot in one of ours. */
const HURRY = 60;

const hurriedClock: Clock = {
  now: () => performance.now() * HURRY,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs / HURRY);
    return () => clearTimeout(timer);
  },
};

/** A bot that can be stopped and started again on its store. */
export interface LivingBot {
  readonly bot: Bot;
  /** The titles of somebody's hats in a room, as the desk has them. */
  titles(user: string, room: string): string[];
  /** Resolves as soon as the condition holds: it is looked at whenever a stanza comes or something changes. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Resolves as soon as a room is in this state; with a code, for this reason. */
  untilRoom(room: string, state: string, code?: string): Promise<void>;
  /** Resolves as soon as nothing is left to tell a room, in this way of showing hats. */
  untilShown(room: string, dialect?: string): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes its store. */
  end(): Promise<void>;
}

/** Starts the account `hats` in these rooms; `ops` is an admin of the configuration. */
export async function startLivingBot(server: TestServer, rooms: readonly string[]): Promise<LivingBot> {
  const data = await mkdtemp(join(tmpdir(), "milliner-life-"));
  let running = await startOnce(server, rooms, data);

  const until: LivingBot["until"] = (condition, what) => {
    const { bot, stream } = running;
    const event = new Promise<void>((resolve) => {
      const look = (): void => {
        if (condition()) resolve();
      };
      look();
      stream.on("stanza", () => setImmediate(look));
      bot.rooms.on("state", () => setImmediate(look));
      bot.desk.on("change", () => setImmediate(look));
    });
    return within(event, what);
  };
  return {
    get bot() {
      return running.bot;
    },
    titles(user, room) {
      const hats = Object.values(running.bot.desk.userHats(user, room));
      return hats.map(({ title }) => title ?? "").toSorted();
    },
    until,
    untilRoom(room, state, code) {
      const status = () => running.bot.rooms.status(room as RoomJid);
      const isThere = () => status()?.state === state && (code === undefined || status()?.code === code);
      return until(isThere, `${room} ${state} ${code ?? ""}`).catch((error: unknown) => {
        throw new Error(`${String(error)}; it is ${JSON.stringify(status())}`);
      });
    },
    untilShown(room, dialect) {
      const status = () => running.bot.presence.status(room as RoomJid);
      const isShown = () =>
        status()?.pending === 0 &&
        (dialect === undefined ? status()?.dialect !== undefined : status()?.dialect === dialect);
      return until(isShown, `${room} shown by ${dialect ?? "any dialect"}`).catch((error: unknown) => {
        throw new Error(`${String(error)}; it is ${JSON.stringify(status())}`);
      });
    },
    stop: () => running.bot.stop(),
    async start() {
      running = await startOnce(server, rooms, data);
    },
    async end() {
      await running.bot.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function startOnce(
  server: TestServer,
  rooms: readonly string[],
  data: string,
): Promise<{ readonly bot: Bot; readonly stream: Connection }> {
  const config = configOfHats(server, { data, rooms, admins: [`ops@${server.domain}`] });
  const { jid, password, resource, service } = config;
  const stream = connect({ jid, password, resource, service });
  return { bot: await startBot({ config, stream, clock: hurriedClock }), stream };
}
