/** People who talk to a chat desk over the commands of a hat desk. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Chat, type ChatOptions } from "../../src/commands/chat/chat.ts";
import { valueCheck } from "../../src/commands/chat/value-check.ts";
import type { Source } from "../../src/commands/engine/engine.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { type HatDesk, openHatDesk, OWNER, TEAM } from "./hat-desk.ts";

/** A chat desk, and what it logged as bugs. */
export interface Chatter {
  readonly chat: Chat;
  readonly bugs: readonly unknown[];
  /** Says lines one after the other and gives the last answer; empty where there was none. */
  readonly say: (source: Source, ...lines: readonly string[]) => Promise<string>;
  /** Lets so many milliseconds pass. */
  readonly pass: (ms: number) => void;
}

/** Opens a chat desk; `pause` is what passes before each line, so that nobody is too quick unless a test says so. */
export function chatOver(
  { engine, desk }: Pick<HatDesk, "desk" | "engine">,
  pause = 15_000,
  isWaiting: () => boolean = () => false,
): Chatter {
  const bugs: unknown[] = [];
  let now = 0;
  const log: ChatOptions["log"] = {
    info: () => undefined,
    warn: () => undefined,
    error: (fields) => bugs.push(fields),
  };
  const check = valueCheck(desk);
  const chat = new Chat({ engine, forms: loadForms(), check, log, isWaiting, now: () => now });
  return {
    chat,
    bugs,
    async say(source, ...lines) {
      let text = "";
      for (const line of lines) {
        now += pause;
        text = (await chat.hear(source, { text: line, lang: "", isEncrypted: false }))?.text ?? "";
      }
      return text;
    },
    pass(ms) {
      now += ms;
    },
  };
}

/** What a test of the chat has. */
export interface ChatContext {
  desk: HatDesk;
  chatter: Chatter;
}

/** A suite in which each test has a desk of its own, with a room that has the hat `teacher`; no line may be a bug. */
export function chatSuite(title: string, teacher: string, options?: Parameters<typeof openHatDesk>[0]) {
  const test = suite<ChatContext>(title);
  test.before.each(async (context) => {
    context.desk = await openHatDesk(options);
    context.chatter = chatOver(context.desk);
    await context.desk.once(OWNER, "define-hat", { room: TEAM, hat: teacher, title: "Teacher" });
  });
  test.after.each(async ({ desk, chatter }) => {
    await desk.close();
    assert.equal(chatter.bugs, []);
  });
  return test;
}

/** The first line of what was said. */
export function firstLine(text: string): string | undefined {
  return text.split("\n")[0];
}
