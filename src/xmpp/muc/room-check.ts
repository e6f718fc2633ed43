/**
 * Looks at a room from outside and says how it stands.
 *
 * It only asks (XEP-0030, XEP-0045 sections 9 and 10, XEP-0050): the room is not entered, so that a bot that is at work
 * there is not disturbed. What follows from it is for next-step.ts.
 */
import type { RoomFacts } from "../../commands/room/next-step.ts";
import type { Explanation } from "../../core/explanations.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import { findDialect } from "../../presence/dialects/dialect.ts";
import type { PresenceMode } from "../../presence/room-presence.ts";
import { buildDiscoQuery } from "../../stanza/disco.ts";
import { buildListQuery, type ListName, parseList } from "../../stanza/muc-affiliations.ts";
import { parseRoomTraits } from "../../stanza/muc-room.ts";
import { NS_DISCO_INFO } from "../../stanza/namespaces.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { Requests } from "../requests.ts";
import { type AskRoom, askRoom } from "./ask-room.ts";
import { readHatSwitch } from "./hat-switch.ts";
import { refusal, refusalFromQuestion, type RoomRefusal } from "./room-refusal.ts";

/** One room, seen from outside. */
export interface RoomCheck extends RoomFacts {
  readonly room: RoomJid;
  /** Why the room could not be asked. */
  readonly reason: Explanation | undefined;
}

/* Of a room that is not entered nobody knows what it was told. */
const UNTOLD = { lastError: undefined, unshown: [] } as const;

/** Checks one room, in which hats shall be shown in this way; rejects only where the stream is down. */
export async function checkRoom(
  requests: Pick<Requests, "request">,
  room: RoomJid,
  mode: PresenceMode,
  bot: BareJid,
): Promise<RoomCheck> {
  const ask = askRoom(requests, room);
  const wantsRoomHats = mode === "auto";
  const refused = await findRoom(ask);
  if (refused !== undefined) return { ...UNTOLD, wantsRoomHats, ...unasked(room, refused) };
  const rights = await readRights(ask, bot);
  const dialect = await readDialect(ask, mode);
  const mayBeOff = wantsRoomHats && dialect === "own-presence" && rights === "owner";
  const isSwitchedOff = mayBeOff && (await readHatSwitch(ask)) === false;
  return {
    ...UNTOLD,
    wantsRoomHats,
    room,
    state: "ready",
    code: undefined,
    reason: undefined,
    rights,
    dialect,
    isSwitchedOff,
  };
}

/* A room that shall not show hats itself is not asked how it would. */
async function readDialect(ask: AskRoom, mode: PresenceMode): Promise<string> {
  if (mode === "off") return "off";
  return (mode === "auto" ? await findDialect({ request: ask }) : undefined) ?? "own-presence";
}

async function findRoom(ask: AskRoom): Promise<RoomRefusal | undefined> {
  try {
    const isRoom = parseRoomTraits(await ask("get", buildDiscoQuery(NS_DISCO_INFO))) !== undefined;
    return isRoom ? undefined : refusal("not-a-room");
  } catch (error) {
    if (error instanceof StanzaError) return refusalFromQuestion(error);
    throw error;
  }
}

function unasked(room: RoomJid, { code, why }: RoomRefusal) {
  const nothing = { rights: undefined, dialect: undefined, isSwitchedOff: false };
  return { ...nothing, room, state: "refused", code, reason: why } as const;
}

/* As the lists name the bot; whoever may not read them is below an admin. */
async function readRights(ask: AskRoom, bot: BareJid): Promise<Affiliation> {
  for (const name of ["owner", "admin"] as const) if (await isListed(ask, name, bot)) return name;
  return "none";
}

async function isListed(ask: AskRoom, name: ListName, bot: BareJid): Promise<boolean> {
  try {
    const addresses = parseList(await ask("get", buildListQuery(name)), name);
    return addresses?.includes(bot) ?? false;
  } catch (error) {
    if (error instanceof StanzaError) return false;
    throw error;
  }
}
