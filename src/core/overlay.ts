/**
 * A view that sees changes which are not applied yet.
 *
 * Commands in flight are computed on it: the durable state below, and on top what has been decided since. The overlay
 * holds only what is under way, so its size does not depend on the size of the state.
 */
import type { Change, HatChange, UserChange } from "./change.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import type { Affiliation, Hat, HatId, RoomView, User, View } from "./model.ts";

/** A view over `below` in which `changes` have already happened, in their order. */
export function overlay(below: View, changes: Iterable<Change>): View {
  const pending = new PendingChanges();
  for (const change of changes) pending.add(change);
  return pending.over(below);
}

/** Changes that were decided and are not applied yet, the latest of each thing. */
export class PendingChanges {
  readonly #hats = new Map<RoomJid, Map<HatId, HatChange>>();
  readonly #users = new Map<RoomJid, Map<BareJid, UserChange>>();

  add(change: Change): void {
    if (change.kind === "hat") layer(this.#hats, change.room).set(change.hat, change);
    else if (change.kind === "user") layer(this.#users, change.room).set(change.user, change);
  }

  /** Drops a change that has been applied below, unless a later one covers it. */
  settle(change: Change): void {
    if (change.kind === "hat") drop(this.#hats, change.room, change.hat, change);
    else if (change.kind === "user") drop(this.#users, change.room, change.user, change);
  }

  /** Drops all: none of it will happen. */
  clear(): void {
    this.#hats.clear();
    this.#users.clear();
  }

  /** A view over `below` in which all this has happened; it follows what is added and dropped later. */
  over(below: View): View {
    return { room: (jid) => this.#roomOver(below, jid) };
  }

  #roomOver(below: View, jid: RoomJid): RoomView | undefined {
    const room = below.room(jid);
    const hats = this.#hats.get(jid);
    const users = this.#users.get(jid);
    if (room === undefined || (hats === undefined && users === undefined)) return room;
    return new OverlaidRoom(room, hats ?? new Map(), users ?? new Map());
  }
}

class OverlaidRoom implements RoomView {
  readonly #below: RoomView;
  readonly #hats: ReadonlyMap<HatId, HatChange>;
  readonly #users: ReadonlyMap<BareJid, UserChange>;

  constructor(below: RoomView, hats: ReadonlyMap<HatId, HatChange>, users: ReadonlyMap<BareJid, UserChange>) {
    this.#below = below;
    this.#hats = hats;
    this.#users = users;
  }

  hat(id: HatId): Hat | undefined {
    const change = this.#hats.get(id);
    return change === undefined ? this.#below.hat(id) : change.after;
  }

  *hatIds(): Iterable<HatId> {
    for (const id of this.#below.hatIds()) if (this.hat(id) !== undefined) yield id;
    for (const [id, { after }] of this.#hats) {
      if (after !== undefined && this.#below.hat(id) === undefined) yield id;
    }
  }

  hatCount(): number {
    let count = this.#below.hatCount();
    for (const [id, { after }] of this.#hats) count += (after ? 1 : 0) - (this.#below.hat(id) ? 1 : 0);
    return count;
  }

  user(jid: BareJid): User | undefined {
    const change = this.#users.get(jid);
    return change === undefined ? this.#below.user(jid) : change.after;
  }

  affiliation(jid: BareJid): Affiliation {
    return this.#below.affiliation(jid);
  }
}

function layer<K, V>(layers: Map<RoomJid, Map<K, V>>, room: RoomJid): Map<K, V> {
  const known = layers.get(room);
  if (known !== undefined) return known;
  const made = new Map<K, V>();
  layers.set(room, made);
  return made;
}

function drop<K, V>(layers: Map<RoomJid, Map<K, V>>, room: RoomJid, key: K, change: V): void {
  const known = layers.get(room);
  if (known?.get(key) !== change) return;
  known.delete(key);
  if (known.size === 0) layers.delete(room);
}
