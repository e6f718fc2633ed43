/** The world in memory: a server of its own for each play. */
import { BOT_RESOURCE, startPlayedBot } from "./conversation-bot.ts";
import type { World } from "./conversation-world.ts";
import { openMemoryServer } from "./memory-server.ts";

/** Makes a world; with hats its rooms show hats by themselves, else the bot's own presence tells them. */
export function memoryWorld({ hats }: { readonly hats: boolean }): World {
  const server = openMemoryServer({ hats });
  return {
    domain: server.domain,
    mucService: server.mucService,
    dialect: hats ? "xep-0317" : "own-presence",
    register: async () => undefined,
    connect: async (user, resource) => server.connect({ user, resource }),
    async startBot(part) {
      const stream = server.openStream(part.user, BOT_RESOURCE);
      const bot = await startPlayedBot(part, { domain: server.domain, service: "memory" }, { stream });
      return {
        address: bot.address,
        async stop() {
          await bot.stop();
          const [failure] = stream.failures;
          if (failure !== undefined) throw failure;
        },
      };
    },
  };
}
