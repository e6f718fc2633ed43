/** What `--help` says besides the flags, which the command line's library prints by itself. */
import { EXIT_NO_CONNECTION, EXIT_OK, EXIT_REFUSED, EXIT_USAGE } from "./exit.ts";

type Rows = readonly (readonly [name: string, meaning: string])[];

/** A part of the help, as the library has it. */
export interface Section {
  readonly title: string;
  readonly body: string;
}

/** What an argument of `exec` may be; the documentation is compared with it. */
export const VALUES: Rows = [
  ["field=value", "a value; the field named again gives it one more"],
  ["field=@FILE", "the lines of a file, each a value"],
  ["field=-", "the lines that are piped in, each a value; for one field only"],
  ["field=@@value", "a value that begins with an @"],
  ["field=--", "the value -; a row of hyphens is written with one more"],
];

/** What each exit status means; the documentation is compared with it. */
export const EXIT_STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [EXIT_OK, "completed"],
  [EXIT_REFUSED, "refused, with the reason on stderr, or check found what is missing"],
  [
    EXIT_USAGE,
    "the command line, the configuration or the store is wrong, a backup or the answer cannot be written, or a command asks for more",
  ],
  [
    EXIT_NO_CONNECTION,
    "no connection: nobody answers, a wrong password, the resource is in use elsewhere, or no TLS to trust",
  ],
];

/** The sections that follow the library's own. */
export function sectionsFor(subcommand: string | undefined): Section[] {
  const statuses = section(
    "Exit status",
    EXIT_STATUSES.map(([status, meaning]) => [String(status), meaning]),
  );
  return subcommand === "exec" ? [section("Values", VALUES), statuses] : [statuses];
}

function section(title: string, rows: Rows): Section {
  const width = Math.max(...rows.map(([name]) => name.length));
  return { title, body: rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join("\n") };
}
