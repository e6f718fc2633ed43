/**
 * A machine on which systemd is process 1: the files of this one, in namespaces of their own (see systemd-machine.sh).
 *
 * Its services reach servers of this machine over loopback. Needs root with CAP_SYS_ADMIN.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ChildProcess, startChild } from "../../src/testing/child-process.ts";
import { within } from "./deadline.ts";

const SCRIPT = fileURLToPath(new URL("systemd-machine.sh", import.meta.url));

/** A machine; what is in its folders before `boot` is there on it. */
export class SystemdMachine {
  readonly #folder = mkdtempSync(join(tmpdir(), "milliner-machine-"));
  /** Laid over `/etc`. */
  readonly etc = this.#makeFolder("etc");
  /** Seen as `/usr/local`. */
  readonly local = this.#makeFolder("local");
  #process: ChildProcess | undefined;
  #init = 0;

  /** Starts systemd and waits until it is up. */
  async boot(): Promise<void> {
    const console = join(this.#folder, "console");
    spawnSync("mkfifo", [console]);
    this.#process = startChild({ command: SCRIPT, args: [this.#folder] });
    const reader = startChild({ command: "cat", args: [console] });
    const ended = this.#process.ended.then(() => {
      throw new Error(`systemd ended:\n${this.#process?.lines.join("\n")}`);
    });
    try {
      await within(Promise.race([reader.until(/the machine is up/), ended]), "systemd being up");
    } finally {
      reader.signal("SIGKILL");
    }
    this.#init = onlyChildOf(onlyChildOf(this.#process.pid));
  }

  /** Runs a command on it and returns what it printed; rejects where it fails. */
  async run(...command: readonly [string, ...string[]]): Promise<string> {
    const { stdout } = await promisify(execFile)("nsenter", this.#enter(command));
    return stdout.trimEnd();
  }

  /** Where the journal ends now. */
  async journalEnd(): Promise<string> {
    const shown = await this.run("journalctl", "--lines=1", "--show-cursor");
    return /^-- cursor: (.*)$/m.exec(shown)?.[1] ?? "";
  }

  /** Waits until a unit has said something after a place in the journal. */
  async untilSaid(unit: string, pattern: RegExp, after: string): Promise<void> {
    const command = ["journalctl", "--follow", "--output=cat", `--unit=${unit}`, `--after-cursor=${after}`];
    const journal = startChild({ command: "nsenter", args: this.#enter(command) });
    try {
      await within(journal.until(pattern), `${String(pattern)} in the journal`);
    } finally {
      journal.signal("SIGKILL");
    }
  }

  /** Ends everything that runs on it and removes its folders. */
  async stop(): Promise<void> {
    this.#process?.signal("SIGTERM");
    await this.#process?.ended;
    rmSync(this.#folder, { recursive: true });
  }

  #enter(command: readonly string[]): string[] {
    const namespaces = ["--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd"];
    return ["--target", String(this.#init), ...namespaces, ...command];
  }

  #makeFolder(name: string): string {
    const folder = join(this.#folder, name);
    mkdirSync(folder);
    return folder;
  }
}

function onlyChildOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}
