/**
 * The bot as a process of its own whose waits are short: a clock that runs faster than the machine's.
 *
 * Rooms, presence and lapses go by it; the stream and its requests go by real time, as the server does. Run with the
 * configuration file as the only argument.
 */
import { pino } from "pino";
import { startBot } from "../../../src/bot.ts";
import { loadConfig } from "../../../src/config/config.ts";
import type { Clock } from "../../../src/core/clock.ts";

/** How many seconds pass for the bot in one of ours. */
const HURRY = 40;

const clock: Clock = {
  now: () => performance.now() * HURRY,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs / HURRY);
    return () => clearTimeout(timer);
  },
};

const log = pino({ level: "info", base: null }, pino.destination({ fd: 1, sync: true }));
const config = loadConfig({ file: process.argv[2]!, env: {} });
const stopAsked = new Promise((resolve) => process.once("SIGTERM", resolve));
const bot = await startBot({ config, log, clock, stopAsked });
await Promise.race([stopAsked, bot.failed]);
await bot.stop();
