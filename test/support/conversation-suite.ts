/** Makes a suite of conversations, a test each, and plays several at a time, since each spends its time waiting. */
import { type Test, suite } from "uvu";
import type { Conversation } from "./conversation.ts";
import { playConversation } from "./conversation-player.ts";
import type { World } from "./conversation-world.ts";

/** What is played, and where. */
export interface ConversationSuite {
  readonly name: string;
  readonly conversations: readonly Conversation[];
  /** Where the next one is played; called once for each. */
  readonly world: () => Promise<World> | World;
  /** How many are played at a time. */
  readonly atATime: number;
}

/** Begins to play, in the background, and gives the suite whose tests tell the outcomes; the caller runs it. */
export function conversationSuite({ name, conversations, world, atATime }: ConversationSuite): Test {
  const test = suite(name);
  const queue: (() => Promise<void>)[] = [];
  for (const [at, conversation] of conversations.entries()) {
    const outcome = new Promise<void>((resolve, reject) => {
      queue.push(async () => playConversation(conversation, await world(), String(at)).then(resolve, reject));
    });
    // The test hears of a failure, which may come before the test has begun.
    outcome.catch(() => undefined);
    test(`${conversation.title} (${conversation.file})`, () => outcome);
  }
  for (let player = 0; player < atATime; player += 1) void playOn(queue);
  return test;
}

async function playOn(queue: (() => Promise<void>)[]): Promise<void> {
  for (let play = queue.shift(); play !== undefined; play = queue.shift()) await play();
}
