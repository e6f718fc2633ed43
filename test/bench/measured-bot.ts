/**
 * The bot that is measured: as `npm run build` made it, with its log in a file.
 *
 * Who reads a log line by line as it comes uses a tenth of the processor time of a command, which would be taken from the
 * bot and the server: so nobody reads it, but for the line that says that the bot is ready.
 */
import { closeSync, openSync, readFileSync, watch } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildProcess, startChild } from "../../src/testing/child-process.ts";
import { within } from "../support/deadline.ts";
import { type BotProcess, writeHome } from "../support/bot-process.ts";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** A bot that is measured. */
export interface MeasuredBot extends Pick<BotProcess, "ended" | "pid"> {
  /** Its log so far, read at each access. */
  readonly lines: readonly string[];
  /** Ends it in good order, and removes all of it. */
  stop(): Promise<void>;
}

/** Starts a bot in a home of its own; resolves when it says that it is ready. */
export async function startMeasuredBot(config: Readonly<Record<string, unknown>>): Promise<MeasuredBot> {
  const { folder, file } = writeHome(config);
  const log = join(folder, "log");
  const stdout = openSync(log, "a");
  const child = startChild({ command: process.execPath, args: [CLI, "start", "--config", file], stdout });
  closeSync(stdout);
  await within(untilReady(log, child), "the bot is ready");
  return {
    pid: child.pid,
    ended: child.ended,
    get lines() {
      return [...readFileSync(log, "utf8").trimEnd().split("\n"), ...child.lines];
    },
    async stop() {
      child.signal("SIGTERM");
      await within(child.ended, "the end of the bot");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/* Resolves when the log says so; rejects when the bot ends before. */
async function untilReady(log: string, child: ChildProcess): Promise<void> {
  let stop = (): void => undefined;
  const seen = new Promise<void>((resolve) => {
    const look = (): void => {
      if (readFileSync(log, "utf8").includes('"msg":"ready"')) resolve();
    };
    const watcher = watch(log, look);
    stop = () => watcher.close();
    look();
  });
  const end = child.ended.then((): never => {
    throw new Error(`the bot ended:\n${[readFileSync(log, "utf8"), ...child.lines].join("\n")}`);
  });
  try {
    await Promise.race([seen, end]);
  } finally {
    stop();
  }
}
