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
import { buildListQuery, type ListName, parseList } from "../../stanza/muc-affiliations.ts";
import { buildRoomQuery, parseRoomTraits } from "../../stanza/muc-room.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { Requests } from "../requests.ts";
import { type AskRoom, readHatSwitch } from "./hat-switch.ts";
import { refusal, refusalFromError, type RoomRefusal } from "./room-refusal.ts";

/** One room, seen from outside. */
export interface RoomCheck extends RoomFacts {
  readonly room: RoomJid;
  /** Why the room could not be asked. */
  readonly reason: Explanation | undefined;
}

/* What a room has that could be asked; the rest is added. */
const ASKED = { lastError: undefined, unshown: [], wantsRoomHats: true } as const;

/** Checks one room; rejects only where the stream is down. */
export async function checkRoom(requests: Requests, room: RoomJid, bot: BareJid): Promise<RoomCheck> {
  const ask: AskRoom = (type, payload) => requests.request(room, type, payload);
  const refused = await findRoom(ask);
  if (refused !== undefined) return unasked(room, refused);
  const rights = await readRights(ask, bot);
  const dialect = (await findDialect({ request: ask })) ?? "own-presence";
  const mayBeOff = dialect === "own-presence" && rights === "owner";
  const isSwitchedOff = mayBeOff && (await readHatSwitch(ask)) === false;
  return {
    ...ASKED,
    room,
    state: "ready",
    code: undefined,
    reason: undefined,
    rights,
    dialect,
    isSwitchedOff,
  };
}

async function findRoom(ask: AskRoom): Promise<RoomRefusal | undefined> {
  try {
    const isRoom = parseRoomTraits(await ask("get", buildRoomQuery())) !== undefined;
    return isRoom ? undefined : refusal("not-a-room");
  } catch (error) {
    if (error instanceof StanzaError) return refusalFromError(error);
    throw error;
  }
}

function unasked(room: RoomJid, { code, why }: RoomRefusal): RoomCheck {
  const nothing = { rights: undefined, dialect: undefined, isSwitchedOff: false };
  return { ...ASKED, ...nothing, room, state: "refused", code, reason: why };
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
