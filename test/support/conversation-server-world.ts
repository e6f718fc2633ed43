/** The world of a real server, shared by any number of plays. */
import { connectClient, type TestServer } from "../../src/testing/index.ts";
import { startPlayedBot } from "./conversation-bot.ts";
import type { Dialect } from "./conversation-dialects.ts";
import type { World } from "./conversation-world.ts";

/** Makes a world of a running server; `dialect` is how it shows hats. */
export function serverWorld(server: TestServer, dialect: Dialect): World {
  return {
    domain: server.domain,
    mucService: server.mucService,
    dialect,
    register: (user) => server.register(user, user),
    connect: (user, resource) => connectClient({ server, user, resource }),
    startBot: (part) => startPlayedBot(part, server),
  };
}
