/** The bot's rooms on a real server, with the rooms' clock in the hands of the test. */
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { TestServer } from "../../src/testing/index.ts";
import { type Connection, connect } from "../../src/xmpp/stream/connection.ts";
import { silentLog } from "../../src/core/log.ts";
import { Requests } from "../../src/xmpp/requests.ts";
import type { RoomMemory } from "../../src/xmpp/muc/room-memory.ts";
import type { RoomState } from "../../src/xmpp/muc/room-states.ts";
import { Rooms } from "../../src/xmpp/muc/rooms.ts";
import { within } from "./deadline.ts";
import { ManualClock } from "./manual-clock.ts";
import { volatileMemory } from "./volatile-memory.ts";
import type { Stream, StreamListener } from "../../src/xmpp/stream/stream.ts";
import type { Element } from "../../src/stanza/xml.ts";

/** A bot in one room. */
export interface RoomBot {
  readonly bareJid: BareJid;
  readonly room: RoomJid;
  readonly connection: Connection;
  readonly rooms: Rooms;
  readonly clock: ManualClock;
  readonly memory: RoomMemory;
  /** Why the hats of an earlier room of this address were archived, each time. */
  readonly archived: string[];
  /** What the rooms told of affiliations, as `name before -> after how`. */
  readonly changes: string[];
  /** Keeps from the rooms what passes, from now on; resolves when the first such stanza has come. */
  readonly deafTo: (test: (stanza: Element) => boolean) => Promise<void>;
  /** Resolves as soon as the room is in this state, at once where it is already; with a code, for this reason. */
  until(state: RoomState, code?: string): Promise<void>;
  /** Resolves as soon as the condition holds; it is looked at with every stanza that comes. */
  untilTrue(condition: () => boolean, what: string): Promise<void>;
  stop(): Promise<void>;
}

/** Connects an account that exists, with `user` as its password, and lets it enter a room with the nick `hats`. */
export async function startRoomBot(
  server: TestServer,
  user: string,
  room: string,
  memory: RoomMemory = volatileMemory(),
): Promise<RoomBot> {
  const connection = connect({
    jid: `${user}@${server.domain}`,
    password: user,
    resource: "milliner",
    service: server.service,
  });
  const ears = listenThrough(connection);
  const clock = new ManualClock();
  const requests = new Requests(ears.stream, { timeoutMs: 10_000 });
  const jid = room as RoomJid;
  const archived: string[] = [];
  const rooms = new Rooms({
    stream: ears.stream,
    requests,
    log: silentLog,
    clock,
    random: () => 0,
    extras: () => [],
    memory,
    archive: async (_room, why) => archived.push(why),
    rooms: [{ jid, nick: "hats" }],
  });
  const changes: string[] = [];
  rooms.on("affiliation", ({ user: person, before, affiliation, learnt }) => {
    changes.push(`${person.slice(0, person.indexOf("@"))} ${before} -> ${affiliation} ${learnt}`);
  });
  const bot: RoomBot = {
    bareJid: `${user}@${server.domain}` as BareJid,
    room: jid,
    connection,
    rooms,
    clock,
    memory,
    archived,
    changes,
    deafTo: ears.deafTo,
    until(state, code) {
      const isThere = (): boolean => {
        const status = rooms.status(jid);
        return status?.state === state && (code === undefined || status.code === code);
      };
      const event = new Promise<void>((resolve) => {
        if (isThere()) resolve();
        rooms.on("state", () => {
          if (isThere()) resolve();
        });
      });
      return within(event, `${room} ${state} ${code ?? ""}`).catch((error: unknown) => {
        throw new Error(`${String(error)}; it is ${JSON.stringify(rooms.status(jid))}`);
      });
    },
    untilTrue(condition, what) {
      const event = new Promise<void>((resolve) => {
        const look = (): void => {
          if (condition()) resolve();
        };
        look();
        // What a stanza sets off may take a turn.
        connection.on("stanza", () => setImmediate(look));
        rooms.on("state", look);
      });
      return within(event, what);
    },
    stop: () => connection.stop(),
  };
  return bot;
}

/* The stream as it is, but for stanzas that a test wants lost. */
function listenThrough(connection: Connection): {
  readonly stream: Stream;
  readonly deafTo: RoomBot["deafTo"];
} {
  let isLost: (stanza: Element) => boolean = () => false;
  let tellLost: () => void = () => undefined;
  const stream: Stream = {
    get address() {
      return connection.address;
    },
    get online() {
      return connection.online;
    },
    send: (stanza) => connection.send(stanza),
    on(name, listener) {
      if (name !== "stanza") connection.on(name, listener);
      else
        connection.on("stanza", (stanza) => {
          if (isLost(stanza)) tellLost();
          else (listener as StreamListener<"stanza">)(stanza);
        });
    },
    off: (name, listener) => connection.off(name, listener),
  };
  return {
    stream,
    deafTo(test) {
      isLost = test;
      return new Promise((resolve) => {
        tellLost = resolve;
      });
    },
  };
}
