/** Where the program prints, as a port, so that a test can read it. */
import { EXIT_USAGE } from "./exit.ts";

export interface Output {
  /** How many columns the terminal has; undefined where the answer goes into a pipe or a file. */
  readonly width?: number | undefined;
  /** One piece of the answer, a line break added. */
  out(text: string): void;
  /** One line about what went wrong. */
  err(text: string): void;
}

/** The terminal. */
export const terminal: Output = {
  get width() {
    return process.stdout.isTTY ? process.stdout.columns : undefined;
  },
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
};

/**
 * Says what happens where nothing can be printed.
 *
 * A reader such as `head` may close the pipe when it has enough: that is no failure of what was asked. A full disk is one,
 * since whoever reads the file would take a part for all of it. Of stderr there is nobody to tell.
 */
export function heedFaultsOfPrinting(): void {
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    terminal.err(
      `stdout cannot be written (${code ?? message}), so the answer is lost; what was asked may be done`,
    );
    process.exit(EXIT_USAGE);
  });
  process.stderr.on("error", () => undefined);
}
