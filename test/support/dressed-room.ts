/** A scripted room, a desk in memory and room presence between them. */
import { explainInEnglish } from "../../src/core/explanations.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPresence, type Presence } from "../../src/presence/presence.ts";
import type { PresenceMode, RoomPresenceStatus } from "../../src/presence/room-presence.ts";
import { KeptHats } from "./kept-hats.ts";
import { settle, timingBy, type TurnedClock, turnedClock } from "./presence-clock.ts";
import { type RoomKind, ScriptedRoom } from "./scripted-room.ts";

export const ROOM = "team@rooms.example.org" as RoomJid;
export const BOB = "bob@example.org" as BareJid;
export const CAROL = "carol@example.org" as BareJid;
export const TEACHER = "urn:x:teacher";
export const HELPER = "urn:x:helper";

/** How a room's presence stands, the last error in English. */
export interface ShortStatus extends Pick<RoomPresenceStatus, "dialect" | "pending"> {
  readonly lastError: string | undefined;
}

export interface DressedRoom {
  readonly kept: KeptHats;
  readonly room: ScriptedRoom;
  readonly clock: TurnedClock;
  readonly presence: Presence;
  readonly status: () => ShortStatus;
  /** The same with all that there is to say. */
  readonly standing: () => RoomPresenceStatus;
  /** What the room was told since the last time this was asked, once all has come to rest. */
  readonly told: () => Promise<string[]>;
}

/** Opens room presence over a desk and a room, which the bot has not joined yet. */
export function dressedRoom(
  kind: RoomKind,
  mode: PresenceMode = "auto",
  kept = new KeptHats(ROOM),
): DressedRoom {
  const room = new ScriptedRoom(ROOM, kind);
  const clock = turnedClock();
  const presence = openPresence({ keeping: kept, timing: timingBy(clock), log: silentLog });
  kept.attend = presence.attend;
  presence.addRoom(room, mode);
  const standing = (): RoomPresenceStatus => {
    const status = presence.status(ROOM);
    if (status === undefined) throw new Error("no status");
    return status;
  };
  return {
    kept,
    room,
    clock,
    presence,
    status() {
      const { dialect, pending, lastError } = standing();
      return { dialect, pending, lastError: lastError && explainInEnglish(lastError) };
    },
    standing,
    async told() {
      await settle();
      return room.told.splice(0);
    },
  };
}

/** The same with the bot in the room. */
export async function joinedRoom(kind: RoomKind, mode: PresenceMode = "auto"): Promise<DressedRoom> {
  const dressed = dressedRoom(kind, mode);
  dressed.room.join();
  await settle();
  return dressed;
}

export { settle };
