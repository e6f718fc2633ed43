/**
 * A view that sees changes which are not applied yet.
 *
 * Commands in flight are computed on it: the durable state below, and on top what has been decided since. The overlay
 * holds only what is under way, so its size does not depend on the size of the state.
 */
import type { Change, HatChange, UserChange } from "./change.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import type { HatId, RoomView, View } from "./model.ts";

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

  /** A view over `below` in which all this has happened; good until the next change. */
  over(below: View): View {
    return {
      room: (jid) => {
        const room = below.room(jid);
        const hats = this.#hats.get(jid);
        const users = this.#users.get(jid);
        if (room === undefined || (hats === undefined && users === undefined)) return room;
        return overlayRoom(room, hats ?? new Map(), users ?? new Map());
      },
    };
  }
}

function overlayRoom(
  below: RoomView,
  hats: ReadonlyMap<HatId, HatChange>,
  users: ReadonlyMap<BareJid, UserChange>,
): RoomView {
  function* hatIds(): Iterable<HatId> {
    for (const id of below.hatIds()) if (hats.get(id)?.after !== undefined || !hats.has(id)) yield id;
    for (const [id, { after }] of hats) if (after !== undefined && below.hat(id) === undefined) yield id;
  }
  return {
    hat(id) {
      const change = hats.get(id);
      return change === undefined ? below.hat(id) : change.after;
    },
    hatIds,
    hatCount() {
      let count = below.hatCount();
      for (const [id, { after }] of hats) count += (after ? 1 : 0) - (below.hat(id) ? 1 : 0);
      return count;
    },
    user(jid) {
      const change = users.get(jid);
      return change === undefined ? below.user(jid) : change.after;
    },
    affiliation: (jid) => below.affiliation(jid),
  };
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
