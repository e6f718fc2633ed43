/**
 * The real bot in a room of a real server, with somebody who watches, and a count of what the bot tells the room.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bot, startBot } from "../../src/bot.ts";
import type { PresenceMode } from "../../src/presence/room-presence.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { parseHats, parseOwnHats, type ShownHat } from "../../src/stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY, NS_MILLINER } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import {
  registerAndConnect,
  type RoomConfiguration,
  type ServerKind,
  type ServerSettings,
  startServer,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import { connect } from "../../src/xmpp/stream/connection.ts";
import { configOfHats } from "./bot-config.ts";
import { DEADLINE_MS, untilTrue } from "./deadline.ts";
import { verbIn } from "./told-rooms.ts";

/** Where Prosody finds the companion module. */
export const MODULE_FOLDER = fileURLToPath(new URL("../../src/prosody", import.meta.url));

/** What a room of this server shows, and in which namespace. */
export interface Showing {
  /** The name of the case in titles. */
  readonly name: string;
  readonly kind: ServerKind;
  readonly dialect: "xep-0317" | "prosody-hats" | "own-presence";
  readonly ns: typeof NS_HATS | typeof NS_HATS_LEGACY | typeof NS_MILLINER;
  readonly settings?: Partial<ServerSettings>;
  readonly configuration?: RoomConfiguration;
}

const MODULE = { prosody: { pluginFolders: [MODULE_FOLDER], mucModules: ["muc_hats_commands"] } };

/** Every way in which a server shows hats. */
export const SHOWINGS: readonly Showing[] = [
  { name: "plain prosody-0.12", kind: "prosody-0.12", dialect: "own-presence", ns: NS_MILLINER },
  { name: "plain prosody-13", kind: "prosody-13", dialect: "own-presence", ns: NS_MILLINER },
  {
    name: "prosody-0.12 with the module",
    kind: "prosody-0.12",
    dialect: "xep-0317",
    ns: NS_HATS,
    settings: MODULE,
  },
  {
    name: "prosody-13 with the module",
    kind: "prosody-13",
    dialect: "xep-0317",
    ns: NS_HATS,
    settings: MODULE,
  },
  {
    name: "ejabberd-23",
    kind: "ejabberd-23",
    dialect: "prosody-hats",
    ns: NS_HATS_LEGACY,
    configuration: { enable_hats: true },
  },
  { name: "ejabberd-23 without hats", kind: "ejabberd-23", dialect: "own-presence", ns: NS_MILLINER },
  { name: "ejabberd-26", kind: "ejabberd-26", dialect: "xep-0317", ns: NS_HATS },
];

/** A server with a room: alice owns it, bob is a member in it, carol watches it. */
export interface PresenceStage {
  readonly server: TestServer;
  readonly room: RoomJid;
  readonly alice: TestClient;
  readonly bob: TestClient;
  readonly carol: TestClient;
  /** The bot; another one after `restartBot`. */
  readonly bot: Bot;
  readonly botJid: BareJid;
  /** What the bot told the room since this was last asked, as `assign` and the like, once all has come to rest. */
  readonly told: () => Promise<string[]>;
  /** Does something, and resolves when carol is shown that bob's hats have these titles, in whatever order. */
  readonly showsAfter: (action: () => Promise<unknown>, ...titles: readonly string[]) => Promise<Element>;
  /** Resolves as soon as the condition holds. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Resolves when the bot has nothing left to tell. */
  untilQuiet(): Promise<void>;
  /** Ends the bot, lets `meanwhile` happen and starts it again on its store. */
  restartBot(meanwhile?: (data: string) => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

/** Sets the stage. */
export async function setStage(showing: Showing, mode: PresenceMode = "auto"): Promise<PresenceStage> {
  const server = await startServer({ ...showing.settings, kind: showing.kind });
  const room = server.room("team") as RoomJid;
  const [alice, bob, carol] = await Promise.all([
    registerAndConnect({ server, user: "alice" }),
    registerAndConnect({ server, user: "bob" }),
    registerAndConnect({ server, user: "carol" }),
  ]);
  await server.register("hats", "hats");
  const botJid = `hats@${server.domain}` as BareJid;
  const persistent = { "muc#roomconfig_persistentroom": true };
  await alice.createRoom(room, "alice", { ...persistent, ...showing.configuration });
  await alice.setAffiliation(room, botJid, "owner");
  await alice.setAffiliation(room, bob.bareJid, "member");
  await alice.setAffiliation(room, carol.bareJid, "member");
  await bob.join(room, "bob");
  await carol.join(room, "carol");
  const data = await mkdtemp(join(tmpdir(), "milliner-presence-"));
  const start = (): Promise<CountedBot> => startCountedBot(server, room, mode, data);
  let counted = await start();

  const isQuiet = (): boolean => {
    const status = counted.bot.presence.status(room);
    return counted.unanswered.size === 0 && status?.dialect !== undefined && status.pending === 0;
  };
  const untilQuiet = (): Promise<void> => untilTrue(isQuiet, "the bot had nothing left to tell");
  await untilQuiet();
  return {
    server,
    room,
    alice,
    bob,
    carol,
    get bot() {
      return counted.bot;
    },
    botJid,
    async told() {
      await untilQuiet();
      return counted.told.splice(0);
    },
    async showsAfter(action, ...titles) {
      carol.forget();
      await action();
      const isShown = (stanza: Element): boolean => {
        const shown = stanza.name === "presence" ? shownOfBob(stanza, room, showing.ns) : undefined;
        return shown !== undefined && sorted(shown.map(({ title }) => title)) === sorted(titles);
      };
      return carol.next(isShown, { timeout: DEADLINE_MS });
    },
    until: untilTrue,
    untilQuiet,
    async restartBot(meanwhile = async () => undefined) {
      await counted.bot.stop();
      await meanwhile(data);
      counted = await start();
      await untilQuiet();
    },
    async stop() {
      await counted.bot.stop();
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Somebody's hats as a presence of the room shows them; undefined where it is not about them. */
export function shownOf(
  nick: string,
  presence: Element,
  room: string,
  ns: Showing["ns"],
): readonly ShownHat[] | undefined {
  const { from, type } = presence.attrs as Record<string, unknown>;
  if (type !== undefined) return undefined;
  if (ns !== NS_MILLINER) return from === `${room}/${nick}` ? parseHats(presence, ns) : undefined;
  if (from !== `${room}/hats`) return undefined;
  return parseOwnHats(presence)?.wearers.find((wearer) => wearer.nick === nick)?.hats ?? [];
}

/** Bob's hats as a presence of the room shows them; undefined where it is not about them. */
export function shownOfBob(
  presence: Element,
  room: string,
  ns: Showing["ns"],
): readonly ShownHat[] | undefined {
  return shownOf("bob", presence, room, ns);
}

/** What somebody gets from the room while something happens, and all of it. */
export async function presencesDuring(
  { carol, room }: PresenceStage,
  action: () => Promise<unknown>,
): Promise<Element[]> {
  await carol.demand(roundTrip(room));
  const before = carol.received.length;
  await action();
  await carol.demand(roundTrip(room));
  return carol.received.slice(before).filter(({ name }) => name === "presence");
}

function roundTrip(room: string): Element {
  return xml(
    "iq",
    { type: "get", to: room },
    xml("query", { xmlns: "http://jabber.org/protocol/disco#info" }),
  );
}

interface CountedBot {
  readonly bot: Bot;
  readonly told: string[];
  /** How many of the bot's IQs have no answer yet. */
  readonly unanswered: ReadonlySet<string>;
}

async function startCountedBot(
  server: TestServer,
  room: RoomJid,
  presence: PresenceMode,
  data: string,
): Promise<CountedBot> {
  const config = configOfHats(server, { data, rooms: [room], presence });
  const { jid, password, resource, service } = config;
  const stream = connect({ jid, password, resource, service });
  const told: string[] = [];
  const unanswered = new Set<string>();
  const send = stream.send.bind(stream);
  stream.send = async (stanza) => {
    const verb = verbIn(stanza);
    if (verb !== undefined && stanza.attrs["to"] === room) told.push(verb);
    const id = String(stanza.attrs["id"]);
    const isQuestion = stanza.name === "iq" && stanza.attrs["to"] === room;
    if (isQuestion) unanswered.add(id);
    try {
      await send(stanza);
    } catch (error) {
      unanswered.delete(id);
      throw error;
    }
  };
  stream.on("offline", () => unanswered.clear());
  stream.on("stanza", (stanza) => unanswered.delete(String(stanza.attrs["id"])));
  return { bot: await startBot({ config, stream }), told, unanswered };
}

function sorted(titles: readonly string[]): string {
  return JSON.stringify(titles.toSorted());
}
