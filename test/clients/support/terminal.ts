/**
 * A program in a terminal, typed into and read by a test: tmux in its control mode, which tells of each output.
 *
 * The screen is looked at again whenever the program has written something, never after a time. tmux takes what a program
 * writes in pieces, so that a screen may be seen half drawn: of a program that leaves the cursor in one row when all is
 * drawn, no other screen is taken.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DEADLINE_MS } from "../../support/deadline.ts";

const COLUMNS = 200;
const ROWS = 60;

/** What runs, and where it may leave files. */
export interface TerminalSettings {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Added to this process's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder of its own, for tmux's socket. */
  readonly folder: string;
  /** Whether the program, whenever it has drawn all, leaves the cursor in the last row. */
  readonly restsInLastRow: boolean;
}

/** A terminal with a program in it. */
export interface Terminal {
  /** Types a text as it is. */
  type(text: string): Promise<void>;
  /** Presses keys as tmux calls them, such as `Enter`, `Down` and `C-y`. */
  press(...keys: readonly string[]): Promise<void>;
  /** Types a line and ends it. */
  enter(line: string): Promise<void>;
  /** Resolves with the screen as soon as it matches; rejects with the screen when it does not in 20 s. */
  shows(pattern: RegExp): Promise<string>;
  /** As `shows`, on a screen in which colours stand as escape sequences. */
  showsInColour(pattern: RegExp): Promise<string>;
  /** Ends the program. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (lines: string[]) => void;
  readonly reject: (reason: Error) => void;
}

/** Starts a program in a terminal. */
export async function openTerminal(settings: TerminalSettings): Promise<Terminal> {
  const { command, env, folder, restsInLastRow } = settings;
  const socket = join(folder, "tmux");
  const tmux = spawn(
    "tmux",
    ["-S", socket, "-f", "/dev/null", "-C", "new-session", "-x", String(COLUMNS), "-y", String(ROWS), "cat"],
    { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...env } },
  );
  const waiting: Waiting[] = [];
  const ended = new Promise<void>((resolve) => tmux.once("close", () => resolve()));
  let outputs = 0;
  let wake: () => void = () => undefined;
  let block: string[] | undefined;
  let answered: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (answered = resolve));

  createInterface({ input: tmux.stdout }).on("line", (line) => {
    if (block !== undefined && !/^%(end|error) /.test(line)) block.push(line);
    else if (block !== undefined) {
      const next = waiting.shift();
      if (line.startsWith("%error")) next?.reject(new Error(`tmux: ${block.join("\n")}`));
      else next?.resolve(block);
      block = undefined;
      answered();
    } else if (line.startsWith("%begin ")) block = [];
    else if (line.startsWith("%output ")) {
      outputs += 1;
      wake();
    }
  });
  /* tmux runs the commands of a line at one go, without reading anything of the program between them. */
  const ask = (...commands: readonly string[]): Promise<string[][]> => {
    const answers = commands.map(
      () => new Promise<string[]>((resolve, reject) => waiting.push({ resolve, reject })),
    );
    tmux.stdin.write(`${commands.join(" ; ")}\n`);
    return Promise.all(answers);
  };

  await begun;
  /* tmux ends with this process, whatever ends it. */
  await ask("set-option -g destroy-unattached on");
  await ask(`refresh-client -C ${COLUMNS}x${ROWS}`);
  await ask(`respawn-pane -k ${command.map(quote).join(" ")}`);
  const press = async (...keys: readonly string[]): Promise<void> => {
    await ask(`send-keys ${keys.map(quote).join(" ")}`);
  };
  const type = async (text: string): Promise<void> => {
    await ask(`send-keys -l ${quote(text)}`);
  };
  const showsBy = async (look: string, pattern: RegExp): Promise<string> => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      wake();
    }, DEADLINE_MS);
    try {
      for (;;) {
        const before = outputs;
        const [lines = [], [row] = []] = await ask(look, "display-message -p '#{cursor_y}'");
        const screen = lines.map((line) => line.trimEnd()).join("\n");
        const isDrawn = !restsInLastRow || row === String(ROWS - 1);
        if (isDrawn && pattern.test(screen)) return screen;
        if (isLate) throw new Error(`nothing like ${String(pattern)} is shown, but:\n${screen.trim()}`);
        if (before === outputs) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  };
  const shows = (pattern: RegExp): Promise<string> => showsBy("capture-pane -p", pattern);
  return {
    type,
    press,
    shows,
    showsInColour: (pattern) => showsBy("capture-pane -p -e", pattern),
    async enter(line) {
      await type(line);
      /* COMPAT: Poezio takes an end of line that comes along with its line for a part of it. */
      await shows(new RegExp(escape(line.slice(-20))));
      await press("Enter");
    },
    async close() {
      tmux.stdin.end("kill-server\n");
      await ended;
    },
  };
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
