/** The command line as a shell runs it: one process, its exit status, and what it printed. */
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

/** How a run of the command line ended. */
export interface CliRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line to its end; where the reader is closed nobody reads what it prints.
 *
 * Of this process's environment it gets only what a program needs to start.
 */
export async function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  reader: "closed" | "open" = "open",
): Promise<CliRun> {
  const child = spawn(process.execPath, ["--import", "tsx", CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  if (reader === "closed") child.stdout.destroy();
  const [status, stdout, stderr] = await Promise.all([
    ended,
    reader === "closed" ? "" : text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}
