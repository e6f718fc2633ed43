#!/usr/bin/env node
/**
 * The command line: what was typed, to what is done.
 *
 * Answers go to stdout, what went wrong to stderr, and the exit status says which: see cli/exit.ts.
 */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cac } from "cac";
import { backup } from "./cli/backup.ts";
import { check } from "./cli/check.ts";
import { commands, exec } from "./cli/exec.ts";
import { EXIT_NO_CONNECTION, EXIT_OK, EXIT_REFUSED, EXIT_USAGE, exitStatus, UsageError } from "./cli/exit.ts";
import { allowClosedPipes, type Output, terminal } from "./cli/output.ts";
import { inLines } from "./cli/render.ts";
import { start } from "./cli/start.ts";
import { SOFTWARE } from "./xmpp/answers/software.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Options = Readonly<Record<string, unknown>>;

/** What a line of the shell asks for, run with the words behind it; resolves with the exit status. */
interface Subcommand {
  readonly words: string;
  readonly description: string;
  readonly options: readonly (readonly [flag: string, description: string])[];
  readonly examples: readonly string[];
  readonly run: (context: Context, words: readonly string[], options: Options) => Promise<number>;
}

interface Context {
  readonly output: Output;
  readonly env: Environment;
}

const CONFIG = ["--config <file>", "The configuration, milliner.json where there is one"] as const;
const LANG = ["--lang <tag>", "The language of the answer"] as const;
const JSON_OUTPUT = ["--json", "Print JSON, for scripts"] as const;
const ACCOUNT = [
  ["--as <jid>", "The account to ask as; its password in MILLINER_PASSWORD"],
  ["--password-file <file>", "A file that holds the password instead"],
  ["--service <uri>", "Where to connect, xmpp://host:port or xmpps://host:port; or MILLINER_SERVICE"],
  ["--ca <file>", "A PEM file of certificates to trust besides the system's"],
] as const;

const DESK = "hats@example.org/milliner";
const EXIT_STATUSES = [
  [EXIT_OK, "completed"],
  [EXIT_REFUSED, "refused; the reason is on stderr"],
  [EXIT_USAGE, "the command line, the configuration or the store is wrong"],
  [EXIT_NO_CONNECTION, "no connection"],
] as const;

/** Every subcommand; the documentation is compared with it. */
export const SUBCOMMANDS: readonly Subcommand[] = [
  {
    words: "start",
    description: "Run the bot",
    options: [CONFIG],
    examples: ["milliner start --config /etc/milliner/milliner.json"],
    run: ({ output, env }, _, options) => start(output, { file: text(options, "config"), env }),
  },
  {
    words: "exec <to> <node> [...fields]",
    description: "Run a command of the desk at TO, its full JID, with field=value for each value",
    options: [...ACCOUNT, LANG, JSON_OUTPUT],
    examples: [
      `milliner exec ${DESK} list-room-hats room=team@rooms.example.org --as alice@example.org`,
      `milliner exec ${DESK} import-hats room=team@rooms.example.org document=@hats.csv --as alice@example.org`,
      `grep Teacher hats.csv | milliner exec ${DESK} import-hats room=team@rooms.example.org document=- --as …`,
    ],
    run: ({ output, env }, [to = "", node = "", ...fields], options) =>
      exec(output, to, node, fields, {
        ...account(options, env),
        lang: text(options, "lang"),
        json: options["json"] === true,
        stdin: process.stdin,
      }),
  },
  {
    words: "commands <to>",
    description: "List the commands that TO offers this account",
    options: [...ACCOUNT, LANG, JSON_OUTPUT],
    examples: [`milliner commands ${DESK} --as alice@example.org`],
    run: ({ output, env }, [to = ""], options) =>
      commands(output, to, {
        ...account(options, env),
        lang: text(options, "lang"),
        json: options["json"] === true,
      }),
  },
  {
    words: "check",
    description: "Look at configuration, store and rooms, and say what is missing for full service",
    options: [CONFIG],
    examples: ["milliner check --config /etc/milliner/milliner.json"],
    run: ({ output, env }, _, options) => check(output, { file: text(options, "config"), env }),
  },
  {
    words: "backup <from> <to>",
    description: "Copy a store, the folder FROM, to the new folder TO, also while a desk is running on it",
    options: [],
    examples: ["milliner backup /var/lib/milliner /var/backups/milliner/2026-11-22"],
    run: ({ output }, [from = "", to = ""]) => backup(output, from, to),
  },
];

/** Runs one command line, without the name of the program; resolves with the exit status. */
export async function run(argv: readonly string[], output: Output, env: Environment): Promise<number> {
  try {
    return await dispatch(argv, { output, env });
  } catch (error) {
    const status = exitStatus(error);
    if (status === undefined) throw error;
    output.err(inLines(error instanceof Error ? error.message : String(error)));
    return status;
  }
}

async function dispatch(argv: readonly string[], context: Context): Promise<number> {
  const cli = cac("milliner");
  cli.help(withExitStatuses).version(SOFTWARE.version);
  let asked: Promise<number> | undefined;
  for (const { words, description, options, examples, run: act } of SUBCOMMANDS) {
    const command = cli.command(words, description);
    for (const [flag, meaning] of options) command.option(flag, meaning);
    for (const example of examples) command.example(`  ${example}`);
    command.action((...typed: unknown[]) => {
      asked = act(context, typed.slice(0, -1).flat().map(String), typed.at(-1) as Options);
    });
  }
  const { options } = parse(() => cli.parse(["node", "milliner", ...argv], { run: false }));
  if (options["help"] === true || options["version"] === true) return EXIT_OK;
  if (cli.matchedCommand === undefined) {
    throw new UsageError(
      `${argv[0] ?? "a command"}: say one of ${names().join(", ")}; milliner --help tells more`,
    );
  }
  parse(() => void cli.runMatchedCommand());
  return (await asked) ?? EXIT_USAGE;
}

function withExitStatuses(sections: { title?: string; body: string }[]): void {
  const lines = EXIT_STATUSES.map(([status, meaning]) => `  ${status}  ${meaning}`);
  sections.push({ title: "Exit status", body: lines.join("\n") });
}

/* What the library throws is about what was typed. */
function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && error.name === "CACError") throw new UsageError(error.message);
    throw error;
  }
}

function names(): string[] {
  return SUBCOMMANDS.map(({ words }) => words.split(" ")[0] ?? "");
}

function account(options: Options, env: Environment) {
  return {
    as: text(options, "as"),
    passwordFile: text(options, "passwordFile"),
    service: text(options, "service"),
    ca: text(options, "ca"),
    env,
  };
}

function text(options: Options, name: string): string | undefined {
  const value = options[name];
  if (Array.isArray(value)) throw new UsageError(`--${name}: given twice`);
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  allowClosedPipes();
  process.exitCode = await run(process.argv.slice(2), terminal, process.env).catch((error: unknown) => {
    terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT_REFUSED;
  });
}
