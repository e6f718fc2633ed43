/** The room that a transition is about. */
import { HatsError } from "./errors.ts";
import type { RoomJid } from "./jid.ts";
import type { RoomView, View } from "./model.ts";

/**
 * A room that the desk keeps.
 *
 * @throws HatsError no-such-room
 */
export function keptRoom(view: View, jid: RoomJid): RoomView {
  const room = view.room(jid);
  if (room === undefined) throw new HatsError("no-such-room");
  return room;
}
