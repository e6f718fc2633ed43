/** Where the program prints, as a port, so that a test can read it. */

export interface Output {
  /** One piece of the answer, a line break added. */
  out(text: string): void;
  /** One line about what went wrong. */
  err(text: string): void;
}

/** The terminal. */
export const terminal: Output = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
};
