/** Questions to one room, whoever asks them. */
import type { RoomJid } from "../../core/jid.ts";
import type { AskableRoom } from "../../presence/room-link.ts";
import type { Requests } from "../requests.ts";

/** Asks one room, as room presence does. */
export type AskRoom = AskableRoom["request"];

/** Asks this room from outside, as anybody may who is not in it. */
export function askRoom(requests: Pick<Requests, "request">, room: RoomJid): AskRoom {
  return (type, payload) => requests.request(room, type, payload);
}
