/** Questions to one room, whoever asks them. */
import type { RoomJid } from "../../core/jid.ts";
import type { Element } from "../../stanza/xml.ts";
import type { Requests } from "../requests.ts";

/** Asks one room; rejects with StanzaError where it refuses, with any other Error where no answer came. */
export type AskRoom = (type: "get" | "set", payload: Element) => Promise<Element>;

/** Asks this room from outside, as anybody may who is not in it. */
export function askRoom(requests: Pick<Requests, "request">, room: RoomJid): AskRoom {
  return (type, payload) => requests.request(room, type, payload);
}
