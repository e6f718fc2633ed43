/** Plays every conversation of test/conversations in memory, where hats are seen also by the bot's own presence. */
import { readConversations, showsHats } from "../support/conversation-files.ts";
import { memoryWorld } from "../support/conversation-memory-world.ts";
import { conversationSuite } from "../support/conversation-suite.ts";

const all = readConversations();

const suites = [
  conversationSuite({
    name: "conversations in memory, in rooms with hats",
    conversations: all,
    world: () => memoryWorld({ hats: true }),
    atATime: 8,
  }),
  conversationSuite({
    name: "conversations in memory, in rooms without hats",
    conversations: all.filter(showsHats),
    world: () => memoryWorld({ hats: false }),
    atATime: 8,
  }),
];

for (const test of suites) test.run();
