/** The real bot over many rooms of a real server, with what it tells each of them. */
import { type Bot, startBot } from "../../src/bot.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import { findCommand } from "../../src/stanza/command.ts";
import type { Element } from "../../src/stanza/xml.ts";
import type { TestServer } from "../../src/testing/index.ts";
import { connect } from "../../src/xmpp/stream/connection.ts";
import { configOfHats } from "./bot-config.ts";
import { untilTrue } from "./deadline.ts";

/** A bot and its record. */
export interface ToldRooms {
  readonly bot: Bot;
  /** Each command that changes something in a room, as `assign` and the like, in the order of sending. */
  readonly told: (room: RoomJid) => readonly string[];
  /** Resolves when every room has its commands for hats and nothing is left to be told. */
  readonly untilQuiet: () => Promise<void>;
}

/** Starts the bot as an owner of these rooms. */
export async function tellRooms(
  server: TestServer,
  rooms: readonly RoomJid[],
  data: string,
): Promise<ToldRooms> {
  const config = configOfHats(server, { data, rooms });
  const { jid, password, resource, service } = config;
  const stream = connect({ jid, password, resource, service });
  const told = new Map<string, string[]>(rooms.map((room) => [room, []]));
  const send = stream.send.bind(stream);
  stream.send = (stanza) => {
    const verb = verbIn(stanza);
    if (verb !== undefined) told.get(String(stanza.attrs["to"]))?.push(verb);
    return send(stanza);
  };
  const bot = await startBot({ config, stream });
  return {
    bot,
    told: (room) => told.get(room) ?? [],
    untilQuiet: () =>
      untilTrue(
        () =>
          rooms.every((room) => {
            const status = bot.presence.status(room);
            return status?.dialect !== undefined && status.dialect !== "own-presence" && status.pending === 0;
          }),
        "nothing was left to be told",
      ),
  };
}

/**
 * The command by which a stanza changes something, as `assign` and the like: the last word of a node such as
 * `urn:xmpp:hats:commands:assign` or ejabberd's `http://prosody.im/protocol/hats#add`; undefined where it changes nothing.
 */
export function verbIn(stanza: Element): string | undefined {
  const { action, node = "" } = findCommand(stanza)?.attrs ?? {};
  if (action !== "complete") return undefined;
  const name = String(node);
  return name.slice(Math.max(name.lastIndexOf(":"), name.lastIndexOf("#")) + 1);
}
