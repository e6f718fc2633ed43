/**
 * A client of somebody else's as a process that takes a JSON line a wish and gives a JSON line an answer.
 *
 * The scripts stand beside their users; each says in its head what it takes. They are Debian's Python, which has Debian's
 * packages.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { TestServer } from "../../src/testing/index.ts";

/** Debian's Python; another one may come first in PATH. */
const PYTHON = "/usr/bin/python3";
const TIMEOUT = 30_000;

/** A refusal, as the client understood it. */
export class ClientRefusal extends Error {
  readonly condition: string;
  readonly type: string;
  /** What the server or the desk said, without type and condition. */
  readonly text: string;
  constructor({ condition, type, text }: Refusal) {
    super(`${type} ${condition}: ${text}`);
    this.condition = condition;
    this.type = type;
    this.text = text;
  }
}

/** A logged in client. */
export interface JsonClient {
  readonly jid: string;
  /** Has it do something; rejects with ClientRefusal where that is refused. */
  ask<Result>(action: string, request: object): Promise<Result>;
  /** Resolves with the first event of a name, come already or to come, that passes and was not taken yet. */
  next<Event>(name: string, test: (event: Event) => boolean): Promise<Event>;
  /** Logs out and ends the process. */
  close(): Promise<void>;
}

interface Refusal {
  readonly condition: string;
  readonly type: string;
  readonly text: string;
}

interface Reply {
  readonly id?: number;
  readonly event?: string;
  readonly result?: unknown;
  readonly error?: Refusal;
}

/** Starts a script with a person who exists; the password is the user name unless given. */
export async function startJsonClient(
  script: string,
  server: TestServer,
  user: string,
  password = user,
): Promise<JsonClient> {
  const name = /([^/]+)\/client\.py$/.exec(script)?.[1] ?? script;
  const args = [script, `${user}@${server.domain}/${name}`, password, "127.0.0.1", String(server.c2sPort)];
  const child = spawn(PYTHON, args, { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => complaints.push(line));
  const replies = waitingLine<Reply>(() => `${name} is silent; it complained:\n${complaints.join("\n")}`);
  createInterface({ input: child.stdout }).on("line", (line) => replies.put(JSON.parse(line) as Reply));
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      replies.end();
      resolve();
    });
  });
  let lastId = 0;
  const { jid } = (await replies.take(({ event }) => event === "ready")) as Reply & { readonly jid: string };
  return {
    jid,
    async ask<Result>(action: string, request: object) {
      const id = (lastId += 1);
      child.stdin.write(`${JSON.stringify({ id, do: action, ...request })}\n`);
      const { result, error } = await replies.take((reply) => reply.id === id);
      if (error !== undefined) throw new ClientRefusal(error);
      return result as Result;
    },
    next: <Event>(wanted: string, test: (event: Event) => boolean) =>
      replies.take((reply) => reply.event === wanted && test(reply as Event)) as Promise<Event>,
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
