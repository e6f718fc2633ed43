/** Where the demo is played: a private Prosody with the companion module, one room, its people, and the bot. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bot, startBot } from "../bot.ts";
import { loadConfig } from "../config/config.ts";
import {
  findLocalProsody,
  registerAndConnect,
  startServer,
  type TestClient,
  type TestServer,
} from "../testing/index.ts";
import { xml } from "../stanza/xml.ts";
import type { Persona, Scenery } from "./browser-pages.ts";

/** Everything that is up, and how to take it down. */
export interface Stage {
  readonly room: string;
  /** The bot's full JID: where the commands are. */
  readonly desk: string;
  /** Owner of the room. */
  readonly alice: TestClient;
  /** A member, and the one who gets hats. */
  readonly bob: TestClient;
  /** A member who looks on. */
  readonly carol: TestClient;
  /** Somebody who is nothing in the room. */
  readonly mallory: TestClient;
  /** Lets one more member come in late. */
  late(): Promise<TestClient>;
  readonly say: (line: string) => void;
  /** What is there to be seen in a browser. */
  readonly scenery: Scenery;
  /** Where and as whom to join in, a line each; `browser` says where a browser finds the room. */
  howToJoin(browser: string): string;
  clear(): Promise<void>;
}

const PLUGINS = fileURLToPath(new URL("../prosody", import.meta.url));
const PEOPLE = ["alice", "bob", "carol", "mallory", "dave"] as const;
const PERSONAS: readonly Persona[] = [
  { user: "alice", standing: "the room's owner" },
  { user: "bob", standing: "a member" },
  { user: "mallory", standing: "a guest, who is nothing in the room" },
];

/** Puts everything up, saying what it does; leaves nothing behind where that fails. */
export async function setStage(say: (line: string) => void): Promise<Stage> {
  say("Starting a private XMPP server on loopback …");
  const server = await startServer({
    kind: await findLocalProsody(),
    websocket: true,
    prosody: { pluginFolders: [PLUGINS], mucModules: ["muc_hats_commands"] },
  });
  try {
    return await setStageOn(server, say);
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function setStageOn(server: TestServer, say: (line: string) => void): Promise<Stage> {
  const connect = (user: string) => registerAndConnect({ server, user });
  const [alice, bob, carol, mallory] = await Promise.all(PEOPLE.slice(0, 4).map(connect));
  if (!alice || !bob || !carol || !mallory) throw new Error("somebody is missing");
  const room = server.room("school");
  await alice.createRoom(room, "alice", { "muc#roomconfig_persistentroom": true });
  for (const person of ["bob", "carol", "dave"]) {
    await alice.setAffiliation(room, `${person}@${server.domain}`, "member");
  }
  await bob.join(room, "bob");
  await carol.join(room, "carol");
  await bob.send(xml("message", { to: room, type: "groupchat" }, xml("body", {}, "Good morning!")));
  say(`The room ${room}: alice is its owner, bob and carol are members, mallory is nobody there.`);
  const bot = await startDesk(server, alice, room);
  say(`The bot is in. Its commands are at ${bot.address}.`);
  const people = [alice, bob, carol, mallory];
  return {
    room,
    desk: bot.address,
    scenery: {
      personas: PERSONAS,
      domain: server.domain,
      room,
      desk: bot.address,
      websocket: server.websocketService ?? "",
    },
    alice,
    bob,
    carol,
    mallory,
    say,
    async late() {
      const dave = await connect("dave");
      people.push(dave);
      await dave.join(room, "dave");
      return dave;
    },
    howToJoin: (browser) => howToJoin(server, room, bot.address, browser),
    async clear() {
      try {
        await bot.stop();
        await Promise.all(people.map((person) => person.close()));
      } finally {
        await server.stop();
      }
    },
  };
}

async function startDesk(server: TestServer, alice: TestClient, room: string): Promise<Bot> {
  const account = `hats@${server.domain}`;
  await server.register("hats", "hats");
  await alice.setAffiliation(room, account, "owner");
  const config = {
    jid: account,
    password: "hats",
    service: server.service,
    /* In the server's folder, which is removed with it, also where this process is killed. */
    data: join(server.dir, "desk"),
    rooms: [{ jid: room, nick: "hats" }],
  };
  return startBot({ config: loadConfig({ file: "demo", env: {}, read: () => JSON.stringify(config) }) });
}

function howToJoin(server: TestServer, room: string, desk: string, browser: string): string {
  return [
    "",
    "Everything stays up until Ctrl-C. Join in:",
    `  browser   ${browser}`,
    "Or with any client:",
    `  server    127.0.0.1, port ${server.c2sPort}, without encryption, domain ${server.domain}`,
    `  accounts  ${PEOPLE.map((user) => `${user}@${server.domain}`).join(", ")}; each password is the name`,
    `  room      ${room}, of which alice is the owner`,
    `  commands  ${desk}, or on "hats" in the room`,
  ].join("\n");
}
