/**
 * Takes hats off people whose affiliation ended, as the room tells it, and what was delegated to them with the hats.
 *
 * Only the room's own word counts: it said so of this very person, or a complete list of the same room no longer has
 * them. Absence from anything less proves nothing. What cannot be written is tried again, as long as they are not
 * affiliated, because a room need not say it twice.
 */
import { type BackoffBounds, backoffDelay } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import { isAffiliated } from "../../core/model.ts";
import type { Desk } from "../../desk/desk.ts";
import { systemClock } from "../system-clock.ts";
import type { Rooms } from "./rooms.ts";

/** A store that cannot be written mostly waits for somebody to make room on the disk. */
const AGAIN: BackoffBounds = { firstMs: 5_000, maxMs: 5 * 60_000 };

/** What it goes by. */
export interface LostAffiliationsOptions {
  readonly rooms: Pick<Rooms, "lastKnownAffiliation" | "on">;
  readonly desk: Pick<Desk, "durableRoom" | "stripUser">;
  readonly log: Log;
  readonly clock?: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random?: () => number;
}

/** Follows the affiliations of all rooms from now on; returns how to stop trying again. */
export function followAffiliations({
  rooms,
  desk,
  log,
  clock = systemClock,
  random = Math.random,
}: LostAffiliationsOptions): () => void {
  /* How to call off the next attempt, by room and person. */
  const waiting = new Map<string, () => void>();

  /* Undefined where nobody knows, as while the bot is out of the room. */
  function isAffiliatedNow(room: RoomJid, user: BareJid): boolean | undefined {
    const affiliation = rooms.lastKnownAffiliation(room, user);
    return affiliation && isAffiliated(affiliation);
  }

  /* Whether there are any hats is the desk's to say: it knows also those that are not durable yet. */
  async function strip(room: RoomJid, user: BareJid, failures = 0): Promise<void> {
    const key = `${room} ${user}`;
    waiting.get(key)?.();
    waiting.delete(key);
    try {
      await desk.stripUser(room, user, { kind: "room" }, "affiliation ended");
    } catch (error) {
      log.error(
        { room, err: error },
        "hats of somebody who is not affiliated any more could not be taken off",
      );
      const again = (): unknown =>
        isAffiliatedNow(room, user) ? waiting.delete(key) : strip(room, user, failures + 1);
      waiting.set(key, clock.after(backoffDelay(failures + 1, AGAIN, random), again));
    }
  }

  rooms.on("affiliation", ({ room, user, affiliation }) => {
    if (!isAffiliated(affiliation)) void strip(room, user);
  });
  rooms.on("listed", (room, isSameRoom) => {
    if (!isSameRoom) return;
    const { users, grants } = desk.durableRoom(room);
    const delegates = [...grants.values()].flatMap((grant) => grant.users);
    for (const user of new Set([...users.keys(), ...delegates]))
      if (isAffiliatedNow(room, user) === false) void strip(room, user);
  });
  return () => {
    for (const callOff of waiting.values()) callOff();
    waiting.clear();
  };
}
