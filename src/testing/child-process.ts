/**
 * A child process whose output is kept as lines, that can be waited for by what it prints, and that dies with its
 * parent.
 *
 * Leaves out restarts and any knowledge of what runs: see server.ts.
 */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** What to run. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where what it prints on stdout goes, a file descriptor; without it, to `lines`. */
  readonly stdout?: number;
}

/** A running, or ended, child. */
export interface ChildProcess {
  readonly pid: number;
  /** What it printed so far on stdout and stderr, a line an entry. */
  readonly lines: readonly string[];
  /** Resolves when it has ended, whatever the reason, with its exit code; null where it had none. */
  readonly ended: Promise<number | null>;
  /** Resolves with the first line, printed already or in future, that matches; rejects when the child ends before. */
  until(pattern: RegExp): Promise<string>;
  /** Sends a signal; nothing happens when it has ended already. */
  signal(name: NodeJS.Signals): void;
}

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (line: string) => void;
  readonly reject: (reason: Error) => void;
}

/** Starts a child that the kernel kills as soon as this process is gone, even by SIGKILL (on Linux). */
export function startChild({ command, args, env, stdout }: CommandLine): ChildProcess {
  const [file, ...rest] = [...diesWithParent(), command, ...args] as [string, ...string[]];
  const child = spawn(file, rest, {
    stdio: ["ignore", stdout ?? "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const waiters = new Set<Waiter>();
  let failure: Error | undefined;

  const keep = (line: string): void => {
    lines.push(line);
    for (const waiter of waiters) {
      if (!waiter.pattern.test(line)) continue;
      waiters.delete(waiter);
      waiter.resolve(line);
    }
  };
  const giveUp = (what: string): void => {
    failure ??= new Error(`${command} ${what}; its last lines:\n${lines.slice(-20).join("\n")}`);
    for (const waiter of waiters) waiter.reject(failure);
    waiters.clear();
  };
  for (const output of [child.stdout, child.stderr]) if (output !== null) readLines(output, keep);
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      giveUp(`could not be started: ${error.message}`);
      resolve(null);
    });
    child.once("close", (code, signal) => {
      giveUp(`ended with ${signal ?? `exit code ${code}`}`);
      resolve(code);
    });
  });

  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    until(pattern) {
      const seen = lines.find((line) => pattern.test(line));
      if (seen !== undefined) return Promise.resolve(seen);
      if (failure !== undefined) return Promise.reject(failure);
      return new Promise((resolve, reject) => waiters.add({ pattern, resolve, reject }));
    },
    signal(name) {
      child.kill(name);
    },
  };
}

function readLines(output: Readable, keep: (line: string) => void): void {
  createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY }).on("line", keep);
}

let prefix: readonly string[] | undefined;

/** The command in front of the command that binds a child's life to ours; empty where the system has none. */
function diesWithParent(): readonly string[] {
  prefix ??=
    spawnSync("setpriv", ["--pdeathsig", "KILL", "true"]).status === 0
      ? ["setpriv", "--pdeathsig", "KILL"]
      : [];
  return prefix;
}
