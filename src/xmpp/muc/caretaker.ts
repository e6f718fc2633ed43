/** Takes care of the rooms for whoever commands it: keeps and leaves them, and says how they stand. */
import type { RoomCare, RoomStanding } from "../../commands/room/room-care.ts";
import { HatsError } from "../../core/errors.ts";
import type { RoomJid } from "../../core/jid.ts";
import type { Presence } from "../../presence/presence.ts";
import type { PresenceMode } from "../../presence/room-presence.ts";
import type { AskRoom } from "./ask-room.ts";
import { readHatSwitch, switchHatsOn } from "./hat-switch.ts";
import type { KeptRoom, Rooms } from "./rooms.ts";

/** What it takes care of. */
export interface CaretakerOptions {
  readonly rooms: Rooms;
  readonly presence: Presence;
  /** The rooms of the configuration. */
  readonly configured: readonly (KeptRoom & { readonly presence: PresenceMode })[];
  /** The nick of the bot in rooms for which nobody says another. */
  readonly usualNick: string;
}

/** Makes the port that the commands know. */
export function caretaker({ rooms, presence, configured, usualNick }: CaretakerOptions): RoomCare {
  const byJid = new Map(configured.map((room) => [room.jid, room]));
  const ask =
    (room: RoomJid): AskRoom =>
    (type, payload) =>
      rooms.link(room)?.request(type, payload) ?? Promise.reject(new HatsError("room-not-ready"));
  return {
    usualNick,
    configuredNick: (room) => byJid.get(room)?.nick,
    keep(jid, nick) {
      const isNew = !rooms.isKept(jid);
      const link = rooms.add({ jid, nick });
      if (isNew) presence.addRoom(link, "auto");
    },
    letGo(room) {
      presence.removeRoom(room);
      rooms.remove(room);
    },
    isDoubted: (room) => rooms.isDoubted(room),
    settleDoubt: (room, isSameRoom) => rooms.settleDoubt(room, isSameRoom),
    standing: (room) => standingOf(rooms, presence, room, byJid.get(room)?.presence ?? "auto"),
    showing: (room, user) => presence.showing(room, user),
    tellCrossed: (room, users) => presence.tellCrossed(room, users),
    readHatSwitch: (room) => readHatSwitch(ask(room)).catch(() => undefined),
    async switchHatsOn(room) {
      try {
        await switchHatsOn(ask(room));
      } catch (cause) {
        throw new HatsError("room-not-ready", { cause });
      }
    },
  };
}

function standingOf(
  rooms: Rooms,
  presence: Presence,
  room: RoomJid,
  mode: PresenceMode,
): RoomStanding | undefined {
  const status = rooms.status(room);
  if (status === undefined) return undefined;
  const shown = presence.status(room);
  return {
    state: status.state,
    code: status.code,
    reason: status.why,
    rights: status.ownAffiliation,
    dialect: shown?.dialect,
    wantsRoomHats: mode === "auto",
    pending: shown?.pending ?? 0,
    drift: shown?.drift ?? 0,
    unshown: shown?.unshown.map(({ user, hat }) => `${user}: ${hat}`) ?? [],
    lastError: shown?.lastError,
  };
}
