/** What a conversation is played on: a server, in memory or real, and a way to start the bot there. */
import type { TestClient } from "../../src/testing/index.ts";
import type { Dialect } from "./conversation-dialects.ts";

/** A server with room for any number of conversations. */
export interface World {
  readonly domain: string;
  /** The domain that rooms live on. */
  readonly mucService: string;
  /** How hats get into presence here. */
  readonly dialect: Dialect;
  /** Makes an account whose password is its name. */
  register(user: string): Promise<void>;
  connect(user: string, resource: string): Promise<TestClient>;
  /** Starts a bot, which has joined its rooms or been refused when the promise resolves. */
  startBot(part: BotPart): Promise<PlayedBot>;
}

/** The bot's part in a conversation. */
export interface BotPart {
  readonly user: string;
  readonly nick: string;
  /** JIDs of the rooms that it keeps. */
  readonly rooms: readonly string[];
  /** Bare JIDs of the config admins. */
  readonly admins: readonly string[];
}

/** A running bot. */
export interface PlayedBot {
  /** The full JID. */
  readonly address: string;
  /** Lets so much time pass for the desk, in milliseconds. */
  passTime(ms: number): void;
  /** Stops it; rejects when something went wrong inside the bot meanwhile. */
  stop(): Promise<void>;
}
