/**
 * A view that sees changes which are not applied yet.
 *
 * Commands in flight are computed on it: the durable state below, and on top what has been decided since. The overlay
 * holds only what is under way, so its size does not depend on the size of the state.
 */
import type {
  ArchiveChange,
  BaseChange,
  Change,
  ExpiresChange,
  GrantChange,
  HatChange,
  ManagedChange,
  UserChange,
} from "./change.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { put } from "./maps.ts";
import {
  type Affiliation,
  type Archive,
  type Base,
  type Expiries,
  type Grant,
  type Hat,
  type HatId,
  type ManagedRoom,
  oldestFirst,
  type RoomView,
  type User,
  type View,
} from "./model.ts";

/** A view over `below` in which `changes` have already happened, in their order. */
export function overlay(below: View, changes: Iterable<Change>): View {
  const pending = new PendingChanges();
  for (const change of changes) pending.add(change);
  return pending.over(below);
}

/* What is pending in one room: the latest change of each thing. */
interface PendingRoom {
  readonly hat: Map<HatId, HatChange>;
  readonly user: Map<BareJid, UserChange>;
  readonly expires: Map<BareJid, ExpiresChange>;
  readonly grant: Map<HatId, GrantChange>;
  readonly managed: Map<RoomJid, ManagedChange>;
  readonly archive: Map<string, ArchiveChange>;
  readonly base: Map<BareJid, BaseChange>;
}

/** Changes that were decided and are not applied yet, the latest of each thing. */
export class PendingChanges {
  readonly #rooms = new Map<RoomJid, PendingRoom>();

  /** Adds a change. */
  add(change: Change): void {
    let room = this.#rooms.get(change.room);
    if (room === undefined) this.#rooms.set(change.room, (room = emptyPendingRoom()));
    layerOf(room, change).set(keyOf(change), change);
  }

  /** Drops a change that has been applied below, unless a later one covers it. */
  settle(change: Change): void {
    const room = this.#rooms.get(change.room);
    if (room === undefined) return;
    const layer = layerOf(room, change);
    const key = keyOf(change);
    if (layer.get(key) === change) layer.delete(key);
    if (isEmpty(room)) this.#rooms.delete(change.room);
  }

  /** Drops all: none of it will happen. */
  clear(): void {
    this.#rooms.clear();
  }

  /** Whether something is archived in a room, or an archive goes. */
  touchesArchives(room: RoomJid): boolean {
    return (this.#rooms.get(room)?.archive.size ?? 0) > 0;
  }

  /** For whom something that was put into a room is noted, or that nothing is. */
  notedIn(room: RoomJid): Iterable<BareJid> {
    return this.#rooms.get(room)?.base.keys() ?? [];
  }

  /** A view over `below` in which all this has happened; it follows what is added and dropped later. */
  over(below: View): View {
    return new OverlaidView(below, this.#rooms);
  }
}

function emptyPendingRoom(): PendingRoom {
  return {
    hat: new Map(),
    user: new Map(),
    expires: new Map(),
    grant: new Map(),
    managed: new Map(),
    archive: new Map(),
    base: new Map(),
  };
}

function isEmpty(room: PendingRoom): boolean {
  return (
    room.user.size === 0 &&
    room.hat.size === 0 &&
    room.expires.size === 0 &&
    room.grant.size === 0 &&
    room.managed.size === 0 &&
    room.archive.size === 0 &&
    room.base.size === 0
  );
}

function layerOf(room: PendingRoom, change: Change): Map<string, Change> {
  return room[change.kind];
}

function keyOf(change: Change): string {
  if ("user" in change) return change.user;
  if ("hat" in change) return change.hat;
  return "at" in change ? change.at : change.room;
}

class OverlaidView implements View {
  readonly #below: View;
  readonly #rooms: ReadonlyMap<RoomJid, PendingRoom>;

  constructor(below: View, rooms: ReadonlyMap<RoomJid, PendingRoom>) {
    this.#below = below;
    this.#rooms = rooms;
  }

  room(jid: RoomJid): RoomView | undefined {
    const room = this.#below.room(jid);
    const pending = this.#rooms.get(jid);
    return room === undefined || pending === undefined ? room : new OverlaidRoom(room, pending);
  }

  managed(jid: RoomJid): ManagedRoom | undefined {
    const change = this.#rooms.get(jid)?.managed.get(jid);
    return change === undefined ? this.#below.managed(jid) : change.after;
  }

  archives(jid: RoomJid): ReadonlyMap<string, Archive> {
    const below = this.#below.archives(jid);
    const pending = this.#rooms.get(jid)?.archive;
    if (pending === undefined || pending.size === 0) return below;
    const archives = new Map(below);
    for (const { at, after } of pending.values()) put(archives, at, after);
    return oldestFirst(archives);
  }
}

class OverlaidRoom implements RoomView {
  readonly #below: RoomView;
  readonly #pending: PendingRoom;

  constructor(below: RoomView, pending: PendingRoom) {
    this.#below = below;
    this.#pending = pending;
  }

  hat(id: HatId): Hat | undefined {
    const change = this.#pending.hat.get(id);
    return change === undefined ? this.#below.hat(id) : change.after;
  }

  hatIds(): Iterable<HatId> {
    return overlaidKeys(this.#below.hatIds(), this.#pending.hat, (id) => this.#below.hat(id) !== undefined);
  }

  hatCount(): number {
    let count = this.#below.hatCount();
    for (const [id, { after }] of this.#pending.hat) count += (after ? 1 : 0) - (this.#below.hat(id) ? 1 : 0);
    return count;
  }

  user(jid: BareJid): User | undefined {
    const change = this.#pending.user.get(jid);
    return change === undefined ? this.#below.user(jid) : change.after;
  }

  userJids(): Iterable<BareJid> {
    return overlaidKeys(
      this.#below.userJids(),
      this.#pending.user,
      (jid) => this.#below.user(jid) !== undefined,
    );
  }

  expiries(user: BareJid): Expiries | undefined {
    const change = this.#pending.expires.get(user);
    return change === undefined ? this.#below.expiries(user) : change.after;
  }

  grant(hat: HatId): Grant | undefined {
    const change = this.#pending.grant.get(hat);
    return change === undefined ? this.#below.grant(hat) : change.after;
  }

  base(user: BareJid): Base | undefined {
    const change = this.#pending.base.get(user);
    return change === undefined ? this.#below.base(user) : change.after;
  }

  affiliation(jid: BareJid): Affiliation {
    return this.#below.affiliation(jid);
  }
}

/* What is below and not taken away, then what is only pending. */
function* overlaidKeys<K>(
  below: Iterable<K>,
  pending: ReadonlyMap<K, { readonly after: unknown }>,
  isBelow: (key: K) => boolean,
): Generator<K> {
  for (const key of below) {
    const change = pending.get(key);
    if (change === undefined || change.after !== undefined) yield key;
  }
  for (const [key, { after }] of pending) if (after !== undefined && !isBelow(key)) yield key;
}
