/** What every room works with, and whom it tells what happens. */
import type { Clock } from "../../core/clock.ts";
import type { RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import type { Element } from "../../stanza/xml.ts";
import type { Requests } from "../requests.ts";
import type { Stream } from "../stream/stream.ts";
import type { Archiving } from "./room-identity.ts";
import type { RoomMemory } from "./room-memory.ts";
import type { PeopleObserver } from "./room-people.ts";
import type { RoomStatus } from "./room-status.ts";

/** What all rooms share. */
export interface RoomSurroundings {
  readonly stream: Stream;
  readonly requests: Requests;
  readonly clock: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly memory: RoomMemory;
  readonly archive: Archiving;
  /** What the bot's presence carries in every room, as its capabilities (XEP-0115). */
  readonly extras: () => readonly Element[];
  readonly observer: RoomObserver;
}

/** A room as whoever is told of it sees it. */
export interface ObservedRoom {
  readonly room: RoomJid;
  readonly status: RoomStatus;
  /** Goes in; called when it is this room's turn. */
  enter(): void;
}

/** Who is told what happens in rooms. */
export interface RoomObserver extends PeopleObserver {
  /** The room is in another state, or in the same one for another reason. */
  stateChanged(room: ObservedRoom): void;
  /** It is time to enter; the observer calls `enter` when it is this room's turn. */
  wantsToEnter(room: ObservedRoom): void;
  /** Whoever has this nick from now on is not provably who had it. */
  occupancyEnded(room: RoomJid, nick: string): void;
}
