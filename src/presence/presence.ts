/**
 * Makes the presence of every kept room show what the desk says.
 *
 * Rooms know nothing of each other: one that is slow, dead or hostile delays no other for long. What they have together
 * is the bot's account and what its server lets through: paces.ts.
 *
 * One room (room-presence.ts) is dressed by the bot's own presence (own-presence.ts) or by reconciler/, which works with
 * what is known of the room (picture/) and with the room's own commands (dialects/). Each of them knows those named after
 * it, and of what stands beside this file only the two ports, room-link.ts and dresser.ts, and timing.ts.
 */
import type { RoomShowing } from "../commands/room/room-care.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Attend } from "../desk/desk.ts";
import { PayloadPace, RequestPace } from "./paces.ts";
import { SHOWN } from "./dresser.ts";
import type { RoomLink } from "./room-link.ts";
import {
  type PresenceMode,
  type PresenceOptions,
  RoomPresence,
  type RoomPresenceStatus,
} from "./room-presence.ts";

/** The presence of all rooms. */
export interface Presence {
  /** Takes care of a room from now on, joined or not; a room that is there already is replaced. */
  addRoom(link: RoomLink, mode: PresenceMode): void;
  /** Lets go of a room, which keeps showing what it shows itself. */
  removeRoom(room: RoomJid): void;
  /** For the desk to ask at each decision: what it should note together with it. */
  readonly attend: Attend;
  /** What a room does not show of somebody's hats, or will not. */
  showing(room: RoomJid, user: BareJid): RoomShowing;
  /** Of these people, those whose hats somebody changed by the room's own commands too; each is told once. */
  tellCrossed(room: RoomJid, users: readonly BareJid[]): readonly BareJid[];
  /** How a room stands; undefined for one that is not taken care of. */
  status(room: RoomJid): RoomPresenceStatus | undefined;
  /** Notes at once what the rooms are known to show, for a desk that is about to close. */
  settle(): Promise<void>;
  /** Lets go of all rooms. */
  close(): void;
}

/** Opens room presence over a desk. */
export function openPresence(options: PresenceOptions): Presence {
  const rooms = new Map<RoomJid, RoomPresence>();
  const { clock } = options.timing;
  const paces = { requests: new RequestPace(clock), payloads: new PayloadPace(clock) };
  const stopListening = options.keeping.on("change", ({ room, changes }) => rooms.get(room)?.change(changes));
  const removeRoom = (room: RoomJid): void => {
    rooms.get(room)?.close();
    rooms.delete(room);
  };
  return {
    addRoom(link, mode) {
      removeRoom(link.room);
      rooms.set(link.room, new RoomPresence(link, mode, options, paces));
    },
    removeRoom,
    attend: (room, changes, baseOf) => rooms.get(room)?.attend(changes, baseOf) ?? [],
    showing: (room, user) => rooms.get(room)?.showing(user) ?? SHOWN,
    tellCrossed: (room, users) => rooms.get(room)?.tellCrossed(users) ?? [],
    status: (room) => rooms.get(room)?.status,
    async settle() {
      await Promise.all(Array.from(rooms.values(), (room) => room.settle()));
    },
    close() {
      stopListening();
      for (const room of rooms.keys()) removeRoom(room);
    },
  };
}
