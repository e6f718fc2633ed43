/** The world in memory: a server of its own for each play. */
import { BOT_RESOURCE, startPlayedBot } from "./conversation-bot.ts";
import type { World } from "./conversation-world.ts";
import { HastyClock } from "./hasty-clock.ts";
import { openMemoryServer } from "./memory-server.ts";

/* What rests for two seconds in a real room rests here for 40 ms. */
const clock = new HastyClock(50);

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
      const place = { domain: server.domain, service: "memory" };
      const bot = await startPlayedBot(part, place, { stream, clock });
      return {
        address: bot.address,
        passTime: (ms) => bot.passTime(ms),
        async stop() {
          await bot.stop();
          const [failure] = stream.failures;
          if (failure !== undefined) throw failure;
        },
      };
    },
  };
}
