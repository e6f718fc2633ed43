/**
 * A change says what one entry is afterwards, and what it was before.
 *
 * `after` is absolute, so replaying a change twice, or over a state that already has it, gives the same state; this is
 * what lets a journal be replayed over a snapshot that was written while changes went on. `before` serves history,
 * undo and presence, and is not looked at by `applyChange`.
 */
import type { BareJid, RoomJid } from "./jid.ts";
import { put } from "./maps.ts";
import {
  type Archive,
  type Base,
  emptyRoom,
  type Expiries,
  type Grant,
  type Hat,
  type HatId,
  type ManagedRoom,
  oldestFirst,
  type Room,
  type State,
  type User,
} from "./model.ts";

/** A hat entered, changed or left the room's catalogue. */
export interface HatChange {
  readonly kind: "hat";
  readonly room: RoomJid;
  readonly hat: HatId;
  readonly before: Hat | undefined;
  readonly after: Hat | undefined;
}

/** A person's wardrobe is another one; undefined means no hats at all. */
export interface UserChange {
  readonly kind: "user";
  readonly room: RoomJid;
  readonly user: BareJid;
  readonly before: User | undefined;
  readonly after: User | undefined;
}

/** A person's hats lapse at other times; undefined means never. */
export interface ExpiresChange {
  readonly kind: "expires";
  readonly room: RoomJid;
  readonly user: BareJid;
  readonly before: Expiries | undefined;
  readonly after: Expiries | undefined;
}

/** Others may give and take a hat; undefined means nobody besides those who may all. */
export interface GrantChange {
  readonly kind: "grant";
  readonly room: RoomJid;
  readonly hat: HatId;
  readonly before: Grant | undefined;
  readonly after: Grant | undefined;
}

/** A room was added by command, is kept in another way, or is kept no more. */
export interface ManagedChange {
  readonly kind: "managed";
  readonly room: RoomJid;
  readonly before: ManagedRoom | undefined;
  readonly after: ManagedRoom | undefined;
}

/** What the room had is archived, or an archive is gone. The room's own entries change beside it, each by its change. */
export interface ArchiveChange {
  readonly kind: "archive";
  readonly room: RoomJid;
  /** When it was archived: ISO 8601, UTC. */
  readonly at: string;
  readonly before: Archive | undefined;
  readonly after: Archive | undefined;
}

/** The room was seen to show these hats of ours for a person. */
export interface BaseChange {
  readonly kind: "base";
  readonly room: RoomJid;
  readonly user: BareJid;
  readonly after: Base | undefined;
}

export type Change =
  | HatChange
  | UserChange
  | ExpiresChange
  | GrantChange
  | ManagedChange
  | ArchiveChange
  | BaseChange;

/** Puts one change into the state, in place. */
export function applyChange(state: State, change: Change): void {
  switch (change.kind) {
    case "user":
      return put(roomOf(state, change.room).users, change.user, change.after);
    case "base":
      return put(roomOf(state, change.room).base, change.user, change.after);
    case "hat":
      return put(roomOf(state, change.room).hats, change.hat, change.after);
    case "expires":
      return put(roomOf(state, change.room).expires, change.user, change.after);
    case "grant":
      return put(roomOf(state, change.room).grants, change.hat, change.after);
    case "managed":
      return put(state.managed, change.room, change.after);
    case "archive":
      return putArchive(state, change);
  }
}

function roomOf(state: State, jid: RoomJid): Room {
  const known = state.rooms.get(jid);
  if (known !== undefined) return known;
  const room = emptyRoom();
  state.rooms.set(jid, room);
  return room;
}

/* Values inside a map are replaced, never altered: so are a room's archives. */
function putArchive(state: State, { room, at, after }: ArchiveChange): void {
  const archives = new Map(state.archives.get(room));
  put(archives, at, after);
  put(state.archives, room, archives.size === 0 ? undefined : oldestFirst(archives));
}
