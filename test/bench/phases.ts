/** Bounds on what a benchmark waits for: one that stands still ends, and says where it stood and what was outstanding. */
import type { BotProcess } from "../support/bot-process.ts";
import type { LeanClient } from "./lean-client.ts";

/* Several times what the longest phase takes on a busy machine. */
const PHASE_MS = 120_000;
const LAST_LINES = 5;

/** Runs one phase; rejects when it is not over in time, or the bot ends meanwhile. */
export type RunPhase = <Result>(phase: string, act: () => Promise<Result>) => Promise<Result>;

/** Watches the phases of a benchmark of this bot, with these clients. */
export function watchPhases(
  bot: Pick<BotProcess, "ended" | "lines">,
  clients: readonly LeanClient[],
  phaseMs = PHASE_MS,
): RunPhase {
  const describe = (): string =>
    [...clients.map((client) => client.outstanding), ...bot.lines.slice(-LAST_LINES)].join("\n  ");

  return async (phase, act) => {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`not over within ${phaseMs} ms`), phaseMs);
    });
    const end = bot.ended.then(() => "the bot ended");
    const trouble = Promise.race([deadline, end]).then((what): never => {
      throw new Error(`${phase}: ${what}\n  ${describe()}`);
    });
    try {
      return await Promise.race([act(), trouble]);
    } finally {
      clearTimeout(timer);
    }
  };
}
