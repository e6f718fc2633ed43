/** Where the program prints, as a port, so that a test can read it. */

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

/** Lets a reader such as `head` close the pipe when it has enough: that is no failure of what was asked. */
export function allowClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
