import { put } from "../../src/core/maps.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import type { RoomMark, RoomMemory } from "../../src/xmpp/muc/room-memory.ts";

/** A memory of rooms that is gone with the test. */
export function volatileMemory(): RoomMemory {
  const marks = new Map<RoomJid, RoomMark>();
  return {
    recall: (room) => marks.get(room),
    keep: (room, mark) => put(marks, room, mark),
    flush: () => Promise.resolve(true),
  };
}
