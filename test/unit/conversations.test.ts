/** Plays every conversation of test/conversations in memory. */
import { suite } from "uvu";
import { readConversations } from "../support/conversation-files.ts";
import { memoryWorld } from "../support/conversation-memory-world.ts";
import { playConversation } from "../support/conversation-player.ts";

const inMemory = suite("conversations in memory");

for (const conversation of readConversations()) {
  inMemory(`${conversation.title} (${conversation.file})`, () =>
    playConversation(conversation, memoryWorld({ hats: true }), "1"),
  );
}

inMemory.run();
