/**
 * Who is behind the address of a stanza, as far as rights go.
 *
 * An address at the service of a kept room is never a person's own, whichever room or nick it names: what comes from
 * there is somebody in a room, and known only as that room's presence says.
 */
import type { Source } from "../../commands/engine/engine.ts";
import type { BareJid } from "../../core/jid.ts";
import { type Jid, parseJid } from "../../stanza/jid.ts";
import type { Rooms } from "../muc/rooms.ts";

/** What must be known of rooms for that. */
export type RoomAddresses = Pick<Rooms, "isRoomService" | "requester">;

/** Whether an address is a place in a room, which may be somebody else's a moment later. */
export function isInRoom(rooms: Pick<RoomAddresses, "isRoomService">, address: string): boolean {
  return isPlace(rooms, parseJid(address));
}

/** The person or occupant behind an address; undefined for servers, services, and occupants that nobody knows. */
export function findSource(rooms: RoomAddresses, from: string | undefined): Source | undefined {
  if (from === undefined) return undefined;
  const jid = parseJid(from);
  if (jid === undefined || isPlace(rooms, jid)) return findOccupant(rooms, from);
  if (jid.local === "") return undefined;
  return { requester: { kind: "account", jid: jid.bare as BareJid }, address: jid.full };
}

/* A nick may be anything, so that what is no address at all may be an occupant's. */
function isPlace(rooms: Pick<RoomAddresses, "isRoomService">, jid: Jid | undefined): boolean {
  return jid === undefined || rooms.isRoomService(jid.domain);
}

function findOccupant(rooms: RoomAddresses, from: string): Source | undefined {
  const requester = rooms.requester(from);
  return requester && { requester, address: `${requester.room}/${requester.occupant.nick}` };
}
