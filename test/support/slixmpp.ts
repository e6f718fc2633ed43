/**
 * A foreign client in a test: slixmpp, whose ad-hoc, form, disco and room code is not ours, run by test/support/slixmpp.
 *
 * It logs in without TLS, so the server must not demand it. Leaves out everything that the scenarios do not need.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestServer } from "../../src/testing/index.ts";

const SCRIPT = fileURLToPath(new URL("slixmpp/client.py", import.meta.url));
/** Debian's Python, which has Debian's slixmpp; another one may come first in PATH. */
const PYTHON = "/usr/bin/python3";
const TIMEOUT = 30_000;

/** A hat's attributes as they stand in the stanza. */
export type SeenHat = Readonly<Record<string, string>>;

/** What an entity says of itself, and the commands it offers this client. */
export interface Discovered {
  /** Pairs of category and type. */
  readonly identities: readonly (readonly [string, string])[];
  readonly features: readonly string[];
  readonly commands: readonly { readonly jid: string; readonly node: string; readonly name: string }[];
}

/** One field of a form as slixmpp reads it; a boolean's value is a boolean, a multi field's a list. */
export interface SeenField {
  readonly var: string;
  readonly type: string;
  readonly label: string;
  readonly required: boolean;
  readonly value: string | boolean | readonly string[] | null;
  readonly options: readonly { readonly label: string; readonly value: string }[];
}

/** One stage of a command as slixmpp reads it. */
export interface SeenStage {
  readonly status: "executing" | "completed" | "canceled";
  readonly node: string;
  readonly sessionid: string;
  readonly actions: readonly string[];
  readonly notes: readonly { readonly type: string; readonly text: string }[];
  readonly form: {
    readonly type: string;
    readonly title: string;
    readonly instructions: string;
    readonly fields: readonly SeenField[];
    /** The vars of a table's columns. */
    readonly reported: readonly string[];
    readonly items: readonly Readonly<Record<string, unknown>>[];
  } | null;
}

/** A presence in a room, with the hats it shows. */
export interface SeenPresence {
  readonly from: string;
  readonly type: string;
  readonly hats: readonly SeenHat[];
  readonly legacyHats: readonly SeenHat[];
  /** The desk's hats in the bot's own presence. */
  readonly wearers: readonly { readonly nick: string; readonly hats: readonly SeenHat[] }[];
}

/** Values to fill into a form, by var. */
export type FormValues = Readonly<Record<string, string | boolean | readonly string[]>>;

/** A refusal, as slixmpp understood it. */
export class SlixmppError extends Error {
  readonly condition: string;
  readonly type: string;
  constructor({ condition, type, text }: { condition: string; type: string; text: string }) {
    super(`${type} ${condition}: ${text}`);
    this.condition = condition;
    this.type = type;
  }
}

/** A logged in slixmpp. */
export interface Slixmpp {
  readonly jid: string;
  discover(jid: string): Promise<Discovered>;
  /** Executes a command; with values it sends a filled form at once. */
  start(jid: string, node: string, values?: FormValues): Promise<SeenStage>;
  /** Goes on in the command that was started last, filling these values into the form that is shown. */
  go(action: "execute" | "next" | "complete" | "prev" | "cancel", values?: FormValues): Promise<SeenStage>;
  join(room: string, nick: string): Promise<void>;
  leave(room: string, nick: string): Promise<void>;
  /** Resolves with the first room presence, seen already or to come, that passes and was not taken yet. */
  nextPresence(test: (presence: SeenPresence) => boolean): Promise<SeenPresence>;
  /** Logs out and ends the process. */
  close(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly event?: "ready" | "presence";
  readonly result?: unknown;
  readonly error?: { condition: string; type: string; text: string };
}

/** Starts slixmpp and logs in with an account that exists; the password is the user name unless given. */
export async function startSlixmpp(server: TestServer, user: string, password = user): Promise<Slixmpp> {
  const args = [SCRIPT, `${user}@${server.domain}/slixmpp`, password, "127.0.0.1", String(server.c2sPort)];
  const child = spawn(PYTHON, args, { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => complaints.push(line));
  const replies = waitingLine<Reply>(() => `slixmpp is silent; it complained:\n${complaints.join("\n")}`);
  const presences = waitingLine<SeenPresence>(() => "no such presence came to slixmpp");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const reply = JSON.parse(line) as Reply;
    if (reply.event === "presence") presences.put(reply as unknown as SeenPresence);
    else replies.put(reply);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      for (const line of [replies, presences]) line.end();
      resolve();
    });
  });
  let lastId = 0;
  const ask = async <Result>(action: string, request: object): Promise<Result> => {
    const id = (lastId += 1);
    child.stdin.write(`${JSON.stringify({ id, do: action, ...request })}\n`);
    const { result, error } = await replies.take((reply) => reply.id === id);
    if (error !== undefined) throw new SlixmppError(error);
    return result as Result;
  };
  const ready = (await replies.take(({ event }) => event === "ready")) as { jid: string } & Reply;
  return {
    jid: ready.jid,
    discover: (jid) => ask("discover", { jid }),
    start: (jid, node, values) => ask("start", { jid, node, ...(values && { values }) }),
    go: (action, values) => ask("go", { action, ...(values && { values }) }),
    join: (room, nick) => ask("join", { room, nick }),
    leave: (room, nick) => ask("leave", { room, nick }),
    nextPresence: (test) => presences.take(test),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

interface WaitingLine<Item> {
  put(item: Item): void;
  take(test: (item: Item) => boolean): Promise<Item>;
  end(): void;
}

/** Items in order of arrival, each taken at most once; `complaint` says what is wrong when nothing comes. */
function waitingLine<Item>(complaint: () => string): WaitingLine<Item> {
  const items: Item[] = [];
  let wakers: (() => void)[] = [];
  let isOver = false;
  const wakeAll = (): void => {
    const woken = wakers;
    wakers = [];
    for (const wake of woken) wake();
  };
  return {
    put(item) {
      items.push(item);
      wakeAll();
    },
    end() {
      isOver = true;
      wakeAll();
    },
    async take(test) {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        wakeAll();
      }, TIMEOUT);
      try {
        for (;;) {
          const index = items.findIndex(test);
          if (index >= 0) return items.splice(index, 1)[0] as Item;
          if (isOver || isLate) throw new Error(complaint());
          await new Promise<void>((wake) => wakers.push(wake));
        }
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
