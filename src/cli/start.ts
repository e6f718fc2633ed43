/** `milliner start`: the bot, until it is told to stop or cannot go on. */
import { pino } from "pino";
import { startBot } from "../bot.ts";
import { type ConfigSources, loadConfig } from "../config/config.ts";
import { EXIT_OK } from "./exit.ts";
import { logLines } from "./log-lines.ts";
import type { Output } from "./output.ts";
import { secretWarning } from "./secret-file.ts";

/** Runs the bot; resolves with the exit status once it has stopped in good order. */
export async function start(_output: Output, sources: ConfigSources): Promise<number> {
  const config = loadConfig(sources);
  const log = pino({ level: config.logLevel, base: null }, logLines());
  const warning = secretWarning(config);
  if (warning !== undefined) log.warn({ file: config.secretFile }, warning);
  const asked = untilAskedToStop();
  const bot = await startBot({ config, log, stopAsked: asked });
  try {
    const signal = await Promise.race([asked, bot.failed]);
    log.info({ signal }, "stopping");
  } finally {
    await bot.stop();
  }
  log.info({}, "stopped");
  return EXIT_OK;
}

/* SIGHUP is a terminal that is closed, or somebody who expects the configuration to be read anew, as it is at the next start. */
function untilAskedToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
      process.once(signal, () => resolve(signal));
  });
}
