/** People who talk to a chat desk over the commands of a hat desk. */
import { Chat, type ChatOptions } from "../../src/commands/chat/chat.ts";
import { valueCheck } from "../../src/commands/chat/value-check.ts";
import type { Source } from "../../src/commands/engine/engine.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import type { HatDesk } from "./hat-desk.ts";

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
  const check = valueCheck({ desk, limits: DEFAULT_LIMITS });
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
