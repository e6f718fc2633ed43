/** The bot as an operator runs it: a process of its own, started by the command line, read by its log. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ChildProcess, startChild } from "../../src/testing/child-process.ts";

const SOURCE = ["--import", "tsx", fileURLToPath(new URL("../../src/cli.ts", import.meta.url))];

/** A bot that runs, or did. */
export interface BotProcess {
  readonly pid: number;
  readonly lines: readonly string[];
  /** Resolves when it has ended, whatever the reason. */
  readonly ended: Promise<unknown>;
  /** Waits for a line of the log. */
  until(pattern: RegExp): Promise<string>;
  /** Ends it at once, as a power failure of the process would (SIGKILL). */
  kill(): Promise<unknown>;
  /** Ends it in good order (SIGTERM); resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** A configuration file and the folder of the store, kept over restarts of the bot. */
export interface BotHome {
  readonly folder: string;
  /** Starts the bot and resolves when it says that it is ready. */
  start(): Promise<BotProcess>;
  /** Ends the bot if it still runs, and removes all of it. */
  remove(): Promise<void>;
}

/** Makes a home for a bot; `data` is set to a folder in it. */
export function makeBotHome(config: Readonly<Record<string, unknown>>): BotHome {
  const { folder, file } = writeHome(config);
  let last: ChildProcess | undefined;
  return {
    folder,
    async start() {
      const child = startChild({
        command: process.execPath,
        args: [...SOURCE, "start", "--config", file],
      });
      last = child;
      await child.until(/"msg":"ready"/);
      return botProcess(child);
    },
    async remove() {
      last?.signal("SIGKILL");
      await last?.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes the folder of a bot's home, with its configuration in `file`. */
export function writeHome(config: Readonly<Record<string, unknown>>): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), "milliner-bot-"));
  const file = join(folder, "milliner.json");
  writeFileSync(file, JSON.stringify({ ...config, data: "data" }));
  return { folder, file };
}

function botProcess(child: ChildProcess): BotProcess {
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.signal(signal);
    return child.ended;
  };
  return {
    pid: child.pid,
    lines: child.lines,
    ended: child.ended,
    until: (pattern) => child.until(pattern),
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}
