/**
 * Takes hats off people whose affiliation ended, as the room tells it, and what was delegated to them with the hats.
 *
 * Only the room's own word counts: it said so of this very person, its list of outcasts has them, or the complete lists of
 * the same room have them no longer. Absence from anything less proves nothing. What cannot be written is tried again,
 * because a room need not say it twice; also where they are affiliated again by then, since what they had ended with the
 * affiliation before. What they were given since then stays, and so does what is from before beside it: somebody has
 * looked at them meanwhile.
 */
import { backoffDelay, UNWRITABLE } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import { type HatId, isAffiliated } from "../../core/model.ts";
import type { Desk } from "../../desk/desk.ts";
import { systemClock } from "../system-clock.ts";
import type { Rooms } from "./rooms.ts";

/** What it goes by. */
export interface LostAffiliationsOptions {
  readonly rooms: Pick<Rooms, "isKept" | "lastKnownAffiliation" | "on">;
  readonly desk: Pick<Desk, "durableRoom" | "stripUser">;
  readonly log: Log;
  readonly clock?: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random?: () => number;
}

/* What somebody has by their affiliation. */
interface Held {
  readonly worn: readonly HatId[];
  readonly given: readonly HatId[];
}

/* Somebody whose hats could not be taken off yet. */
interface Waiting {
  readonly callOff: () => void;
  readonly tryAgain: () => void;
}

/** Follows the affiliations of all rooms from now on; returns how to stop trying again. */
export function followAffiliations({
  rooms,
  desk,
  log,
  clock = systemClock,
  random = Math.random,
}: LostAffiliationsOptions): () => void {
  const waiting = new Map<string, Waiting>();
  let isStopped = false;

  /* Undefined where nobody knows, as while the bot is out of the room. */
  function isAffiliatedNow(room: RoomJid, user: BareJid): boolean | undefined {
    const affiliation = rooms.lastKnownAffiliation(room, user);
    return affiliation && isAffiliated(affiliation);
  }

  /* Their hats, and the hats that they in person may give. */
  function heldBy(room: RoomJid, user: BareJid): Held {
    const { users, grants } = desk.durableRoom(room);
    const given = [...grants].filter(([, grant]) => grant.users.includes(user)).map(([hat]) => hat);
    return { worn: [...(users.get(user)?.hats.keys() ?? [])], given };
  }

  /* Whether there are any hats is the desk's to say: it knows also those that are not durable yet. */
  async function strip(room: RoomJid, user: BareJid, held = heldBy(room, user), failures = 0): Promise<void> {
    const key = keyOf(room, user);
    forget(key);
    try {
      await desk.stripUser(room, user, { kind: "room" }, "affiliation ended");
    } catch (error) {
      log.error(
        { room, err: error },
        "hats of somebody who is not affiliated any more could not be taken off",
      );
      const tryAgain = (): void => {
        forget(key);
        const isDue = rooms.isKept(room) && !hasMore(heldBy(room, user), held);
        if (isDue) void strip(room, user, held, failures + 1);
      };
      forget(key);
      if (isStopped) return;
      const callOff = clock.after(backoffDelay(failures + 1, UNWRITABLE, random), tryAgain);
      waiting.set(key, { callOff, tryAgain });
    }
  }

  function forget(key: string): void {
    waiting.get(key)?.callOff();
    waiting.delete(key);
  }

  /* Whoever is back may be given hats any moment, so those of before had better be off. */
  rooms.on("affiliation", ({ room, user, affiliation }) => {
    if (isAffiliated(affiliation)) waiting.get(keyOf(room, user))?.tryAgain();
    else void strip(room, user);
  });
  rooms.on("listed", (room, isSameRoom) => {
    if (!isSameRoom) return;
    const { users, grants } = desk.durableRoom(room);
    const delegates = [...grants.values()].flatMap((grant) => grant.users);
    for (const user of new Set([...users.keys(), ...delegates]))
      if (isAffiliatedNow(room, user) === false) void strip(room, user);
  });
  return () => {
    isStopped = true;
    for (const key of waiting.keys()) forget(key);
  };
}

function hasMore(now: Held, before: Held): boolean {
  return (
    !now.worn.every((hat) => before.worn.includes(hat)) ||
    !now.given.every((hat) => before.given.includes(hat))
  );
}

function keyOf(room: RoomJid, user: BareJid): string {
  return `${room} ${user}`;
}
