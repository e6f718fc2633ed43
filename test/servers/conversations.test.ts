/** Plays every conversation of test/conversations on each real server. */
import { suite } from "uvu";
import { startServer } from "../../src/testing/index.ts";
import { readConversations } from "../support/conversation-files.ts";
import { playConversation } from "../support/conversation-player.ts";
import { serverWorld } from "../support/conversation-server-world.ts";
import { eachServer } from "../support/servers.ts";

eachServer((kind) => {
  const test = suite(`conversations on ${kind}`);
  const server = startServer({ kind });
  for (const [at, conversation] of readConversations().entries()) {
    test(`${conversation.title} (${conversation.file})`, async () => {
      const t = performance.now();
      await playConversation(conversation, serverWorld(await server, "own-presence"), String(at));
      console.log(conversation.file, performance.now() - t);
    });
  }
  test.after(async () => (await server).stop());
  test.run();
});
