/** Starts the real bot for a conversation, with a store of its own that goes with it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bot, type BotOptions, startBot } from "../../src/bot.ts";
import type { Config } from "../../src/config/config.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Log } from "../../src/core/log.ts";
import type { BotPart, PlayedBot } from "./conversation-world.ts";
import { PlayedTime } from "./played-time.ts";

/** The resource of every bot in a conversation. */
export const BOT_RESOURCE = "milliner";

/** Where the bot connects: a domain and its service. */
interface Place {
  readonly domain: string;
  readonly service: string;
  /** The PEM file of the authority to trust. */
  readonly caPath?: string | undefined;
}

/** Starts the bot; `options` may bring a stream. */
export async function startPlayedBot(
  part: BotPart,
  { domain, service, caPath }: Place,
  options: Omit<BotOptions, "config" | "log" | "time"> = {},
): Promise<PlayedBot> {
  const data = await mkdtemp(join(tmpdir(), "milliner-conversation-"));
  const config: Config = {
    jid: `${part.user}@${domain}` as BareJid,
    password: part.user,
    passwordFrom: "the test",
    service,
    resource: BOT_RESOURCE,
    data,
    admins: part.admins as BareJid[],
    rooms: part.rooms.map((jid) => ({ jid: jid as RoomJid, nick: part.nick, presence: "auto" })),
    ca: caPath === undefined ? undefined : await readFile(caPath, "utf8"),
    limits: {},
    logLevel: "warn",
  };
  const problems: string[] = [];
  const time = new PlayedTime();
  const bot = await startBot({ ...options, config, time, log: bugLog(problems) });
  return {
    address: bot.address,
    passTime: (ms) => time.pass(ms),
    stop: () => stopAndReport(bot, data, problems),
  };
}

/* What the bot logs as an error is a bug or a broken machine, and no conversation is about those. */
function bugLog(problems: string[]): Log {
  const ignore = (): void => undefined;
  return {
    info: ignore,
    warn: ignore,
    error: (fields, message) => {
      const cause = fields["err"] ?? fields["error"] ?? fields["cause"];
      problems.push(
        `${message} ${cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(fields)}`,
      );
    },
  };
}

async function stopAndReport(bot: Bot, data: string, problems: readonly string[]): Promise<void> {
  await bot.stop();
  await rm(data, { recursive: true, force: true });
  if (problems.length > 0) throw new Error(`the bot logged:\n${problems.join("\n")}`);
}
