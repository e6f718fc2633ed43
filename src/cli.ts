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
import { EXIT_OK, EXIT_REFUSED, EXIT_USAGE, exitStatus, UsageError } from "./cli/exit.ts";
import { sectionsFor } from "./cli/help.ts";
import { heedFaultsOfPrinting, type Output, terminal } from "./cli/output.ts";
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
  ["--password-file <file>", "A file that holds its password instead"],
  ["--service <uri>", "Where to connect, xmpp://host:port or xmpps://host:port; or MILLINER_SERVICE"],
  ["--ca <file>", "A PEM file of certificates to trust besides the system's"],
] as const;

const DESK = "hats@example.org/milliner";

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

async function dispatch(typed: readonly string[], context: Context): Promise<number> {
  const argv = typed[0] === "help" ? [...typed.slice(1), "--help"] : typed;
  const cli = cac("milliner");
  cli.help((sections) => void sections.push(...sectionsFor(cli.matchedCommandName)));
  cli.version(SOFTWARE.version);
  let asked: Promise<number> | undefined;
  for (const { words, description, options, examples, run: act } of SUBCOMMANDS) {
    const command = cli.command(words, description);
    for (const [flag, meaning] of options) command.option(flag, meaning);
    for (const example of examples) command.example(`  ${example}`);
    command.action((...given: unknown[]) => {
      const flags = asTyped(given.at(-1) as Options, argv);
      asked = act(context, given.slice(0, -1).flat().map(String), flags);
    });
  }
  const { options } = parse(() => cli.parse(["node", "milliner", ...argv], { run: false }));
  if (options["help"] === true || options["version"] === true) return EXIT_OK;
  const name = cli.matchedCommandName;
  const subcommand = SUBCOMMANDS.find((candidate) => nameOf(candidate) === name);
  if (subcommand === undefined) {
    const say = `say one of ${SUBCOMMANDS.map(nameOf).join(", ")}`;
    if (argv.length > 0) throw new UsageError(`${argv[0]}: ${say}; milliner --help tells more`);
    cli.outputHelp();
    throw new UsageError(say);
  }
  checkWords(subcommand, cli.args, argv);
  parse(() => void cli.runMatchedCommand(), name);
  return (await asked) ?? EXIT_USAGE;
}

/* What the library would take in silence, or refuse without saying which. */
function checkWords(subcommand: Subcommand, words: readonly string[], argv: readonly string[]): void {
  if (argv.includes("--")) throw new UsageError("--: it is not needed here, leave it out");
  const flags = subcommand.options.map(([flag]) => flag).filter((flag) => !flag.includes("<"));
  const filled = flags.find((flag) => argv.some((word) => word.startsWith(`${flag}=`)));
  if (filled !== undefined) throw new UsageError(`${filled}: takes no value; with it or without it`);
  const needed = [...subcommand.words.matchAll(/<(\w+)>/g)].map(([, word = ""]) => word.toUpperCase());
  const missing = needed[words.length];
  if (missing === undefined) return;
  throw new UsageError(`${missing} is missing, as in: ${subcommand.examples[0]}`);
}

/* The library makes a number of what looks like one, of the file 0123 the file 123. */
function asTyped(options: Options, argv: readonly string[]): Options {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === "number" ? typedAfter(name, argv) : value,
    ]),
  );
}

/* The library knows --passwordFile as well. */
function typedAfter(name: string, argv: readonly string[]): string | undefined {
  const at = argv.findIndex(
    (word) => /^--([^=]+)/.exec(word)?.[1]?.replaceAll("-", "").toLowerCase() === name.toLowerCase(),
  );
  const [, value] = /=(.+)/s.exec(argv[at] ?? "") ?? [];
  return value ?? argv[at + 1];
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

/* What the library throws is about what was typed. */
function parse<T>(read: () => T, name = ""): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error && error.name === "CACError")) throw error;
    throw new UsageError(
      `${error.message}; milliner ${[name, "--help"].filter(Boolean).join(" ")} tells more`,
    );
  }
}

function nameOf({ words }: Pick<Subcommand, "words">): string {
  return words.split(" ")[0] ?? "";
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
  if (Array.isArray(value)) throw new UsageError(`${flagOf(name)}: given twice`);
  return typeof value === "string" ? value : undefined;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  heedFaultsOfPrinting();
  process.exitCode = await run(process.argv.slice(2), terminal, process.env).catch((error: unknown) => {
    terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return EXIT_REFUSED;
  });
}
