/**
 * Who is behind the address of a stanza, as far as rights go.
 *
 * An address at the service of a kept room is never a person's own, whichever room or nick it names: what comes from
 * there is somebody in a room, and known only as that room's presence says. COMPAT: ejabberd (23.01 and 26.07) does not
 * tell who comes and goes where more than `max_users_presence` people are in a room, so that the nick may be somebody
 * else's: the occupant-id tells, which ejabberd 26 writes into messages. IQs have none, so that the room is asked.
 */
import type { Source } from "../../commands/engine/engine.ts";
import type { BareJid } from "../../core/jid.ts";
import { onceKnown } from "../../core/once-known.ts";
import { type Jid, parseJid } from "../../stanza/jid.ts";
import { parseOccupantIds } from "../../stanza/muc-presence.ts";
import { attribute, type Element } from "../../stanza/xml.ts";
import type { Rooms } from "../muc/rooms.ts";

/** What must be known of rooms for that. */
export type RoomAddresses = Pick<Rooms, "isRoomService" | "requester">;

/** What must be known of rooms to do what somebody asks for. */
export type RoomWitness = RoomAddresses & Pick<Rooms, "hasNick">;

type OccupantRequester = Extract<Source["requester"], { kind: "occupant" }>;

/** Whether an address is a place in a room, which may be somebody else's a moment later. */
export function isInRoom(rooms: Pick<RoomAddresses, "isRoomService">, address: string): boolean {
  return isPlace(rooms, parseJid(address));
}

/** The person or occupant who sent a stanza; undefined for servers, services, and occupants that nobody knows. */
export function findSource(rooms: RoomAddresses, stanza: Element): Source | undefined {
  const from = attribute(stanza, "from");
  if (from === undefined) return undefined;
  const jid = parseJid(from);
  if (jid === undefined || isPlace(rooms, jid)) return findOccupant(rooms, from, parseOccupantIds(stanza));
  if (jid.local === "") return undefined;
  return { requester: { kind: "account", jid: jid.bare as BareJid }, address: jid.full };
}

/**
 * As `findSource`, for what they ask to be done: an occupant whom the room may have taken for gone is asked about first.
 *
 * @throws HatsError room-not-ready
 */
export function makeSureOfSource(
  rooms: RoomWitness,
  stanza: Element,
): Promise<Source | undefined> | Source | undefined {
  const source = findSource(rooms, stanza);
  if (source?.requester.kind !== "occupant" || isProven(source.requester, stanza)) return source;
  const { requester } = source;
  return onceKnown(rooms.hasNick(requester), (hasNick) => {
    const now = hasNick ? findSource(rooms, stanza) : undefined;
    return now?.requester.kind === "occupant" && isSamePerson(now.requester, requester) ? now : undefined;
  });
}

/* Whoever it is has the occupant-id that goes with the nick. */
function isProven({ occupant }: OccupantRequester, stanza: Element): boolean {
  return occupant.occupantId !== undefined && parseOccupantIds(stanza).length > 0;
}

function isSamePerson({ occupant: a }: OccupantRequester, { occupant: b }: OccupantRequester): boolean {
  return a.realJid === b.realJid && a.occupantId === b.occupantId;
}

/* A nick may be anything, so that what is no address at all may be an occupant's. */
function isPlace(rooms: Pick<RoomAddresses, "isRoomService">, jid: Jid | undefined): boolean {
  return jid === undefined || rooms.isRoomService(jid.domain);
}

function findOccupant(
  rooms: RoomAddresses,
  from: string,
  ids: ReturnType<typeof parseOccupantIds>,
): Source | undefined {
  const requester = rooms.requester(from);
  const known = requester?.occupant.occupantId;
  if (known !== undefined && ids.some((id) => id !== known)) return undefined;
  return requester && { requester, address: `${requester.room}/${requester.occupant.nick}` };
}
