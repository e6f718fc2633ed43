/**
 * Looks at a room from outside and says what is missing for full service.
 *
 * It only asks (XEP-0030, XEP-0045 section 9 and 10, XEP-0050): the room is not entered, so that a bot that is at work
 * there is not disturbed. Each thing that is missing comes with how to mend it.
 */
import type { RoomJid } from "../../core/jid.ts";
import { findDialect } from "../../presence/dialect.ts";
import type { Dialect } from "../../presence/dresser.ts";
import { buildListQuery, type ListName } from "../../stanza/muc-affiliations.ts";
import { buildRoomQuery, parseRoomTraits } from "../../stanza/muc-room.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { Element } from "../../stanza/xml.ts";
import type { Requests } from "../requests.ts";

/** What the bot may read in a room: everything, all but the owners, or nothing. */
export type Rights = "owner" | "admin" | "less";

/** One room, seen from outside. */
export interface RoomCheck {
  readonly room: RoomJid;
  /** Undefined where the room could not be asked. */
  readonly rights: Rights | undefined;
  readonly dialect: Dialect | undefined;
  /** What to do, the most urgent first; empty where nothing is missing. */
  readonly mend: readonly string[];
}

const MEND = {
  "no-room": "there is no such room: create it, or mend its address in rooms",
  "no-answer": "the room does not answer: look at the server and at the address",
  admin:
    "the bot is not an owner: where it cannot read the list of owners, nobody but known people can get hats",
  less: "the bot cannot read who is affiliated: make it an owner of the room",
  "own-presence":
    "the room has no commands for hats, so only the bot's own presence shows them: on Prosody load mod_muc_hats_commands on the MUC component, on ejabberd switch the room's option enable_hats on",
} as const;

/** Checks one room; rejects only where the stream is down. */
export async function checkRoom(requests: Requests, room: RoomJid): Promise<RoomCheck> {
  const ask = (payload: Element): Promise<Element> => requests.request(room, "get", payload);
  try {
    const isRoom = parseRoomTraits(await ask(buildRoomQuery())) !== undefined;
    if (!isRoom) return { room, rights: undefined, dialect: undefined, mend: [MEND["no-room"]] };
  } catch (error) {
    if (!(error instanceof StanzaError)) throw error;
    const mend =
      error.condition === "item-not-found" ? MEND["no-room"] : `${MEND["no-answer"]} (${error.message})`;
    return { room, rights: undefined, dialect: undefined, mend: [mend] };
  }
  const rights = await readRights(ask);
  const request = (type: "get" | "set", payload: Element) => requests.request(room, type, payload);
  const dialect = (await findDialect({ request })) ?? "own-presence";
  const mend = [
    ...(rights === "owner" ? [] : [MEND[rights]]),
    ...(dialect === "own-presence" ? [MEND["own-presence"]] : []),
  ];
  return { room, rights, dialect, mend };
}

async function readRights(ask: (payload: Element) => Promise<Element>): Promise<Rights> {
  const mayRead = async (list: ListName): Promise<boolean> => {
    try {
      await ask(buildListQuery(list));
      return true;
    } catch (error) {
      if (error instanceof StanzaError) return false;
      throw error;
    }
  };
  if (await mayRead("owner")) return "owner";
  return (await mayRead("admin")) ? "admin" : "less";
}
