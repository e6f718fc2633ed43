/** What the command line's library prints by itself. */
import type { Output } from "../../src/cli/output.ts";
import { run } from "../../src/cli.ts";

/** Runs a command line that asks for help: the exit status, the help, and what went to stderr. */
export async function runForHelp(
  argv: readonly string[],
): Promise<{ readonly status: number; readonly help: string; readonly stderr: readonly string[] }> {
  const { info } = console;
  const printed: unknown[] = [];
  const stderr: string[] = [];
  const output: Output = { out: () => undefined, err: (text) => void stderr.push(text) };
  console.info = (text: unknown) => printed.push(text);
  try {
    return { status: await run(argv, output, {}), help: printed.join("\n"), stderr };
  } finally {
    console.info = info;
  }
}
