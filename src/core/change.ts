/**
 * A change says what one entry is afterwards, and what it was before.
 *
 * `after` is absolute, so replaying a change twice, or over a state that already has it, gives the same state; this is
 * what lets a journal be replayed over a snapshot that was written while changes went on. `before` serves history,
 * undo and presence, and is not looked at by `applyChange`.
 */
import type { BareJid, RoomJid } from "./jid.ts";
import { type Base, emptyRoom, type Hat, type HatId, type Room, type State, type User } from "./model.ts";

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

/** The room was seen to show these hats of ours for a person. */
export interface BaseChange {
  readonly kind: "base";
  readonly room: RoomJid;
  readonly user: BareJid;
  readonly after: Base | undefined;
}

export type Change = HatChange | UserChange | BaseChange;

/** Puts one change into the state, in place. */
export function applyChange(state: State, change: Change): void {
  const room = roomOf(state, change.room);
  if (change.kind === "hat") put(room.hats, change.hat, change.after);
  else if (change.kind === "user") put(room.users, change.user, change.after);
  else put(room.base, change.user, change.after);
}

function roomOf(state: State, jid: RoomJid): Room {
  const known = state.rooms.get(jid);
  if (known !== undefined) return known;
  const room = emptyRoom();
  state.rooms.set(jid, room);
  return room;
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}
