/**
 * A view that sees changes which are not applied yet.
 *
 * Commands in flight are computed on it: the durable state below, and on top what has been decided since. The overlay
 * holds only what is under way, so its size does not depend on the size of the state.
 */
import type { Change } from "./change.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import type { Hat, HatId, RoomView, User, View } from "./model.ts";

/** A view over `below` in which `changes` have already happened, in their order. */
export function overlay(below: View, changes: Iterable<Change>): View {
  const hats = new Map<RoomJid, Map<HatId, Hat | undefined>>();
  const users = new Map<RoomJid, Map<BareJid, User | undefined>>();
  for (const change of changes) {
    if (change.kind === "hat") layer(hats, change.room).set(change.hat, change.after);
    if (change.kind === "user") layer(users, change.room).set(change.user, change.after);
  }
  return {
    room(jid) {
      const room = below.room(jid);
      return room && overlayRoom(room, hats.get(jid) ?? new Map(), users.get(jid) ?? new Map());
    },
  };
}

function overlayRoom(
  below: RoomView,
  hats: ReadonlyMap<HatId, Hat | undefined>,
  users: ReadonlyMap<BareJid, User | undefined>,
): RoomView {
  function* hatIds(): Iterable<HatId> {
    for (const id of below.hatIds()) if (!hats.has(id) || hats.get(id) !== undefined) yield id;
    for (const [id, hat] of hats) if (hat !== undefined && below.hat(id) === undefined) yield id;
  }
  return {
    hat: (id) => (hats.has(id) ? hats.get(id) : below.hat(id)),
    hatIds,
    hatCount() {
      let count = below.hatCount();
      for (const [id, hat] of hats) count += (hat ? 1 : 0) - (below.hat(id) ? 1 : 0);
      return count;
    },
    user: (jid) => (users.has(jid) ? users.get(jid) : below.user(jid)),
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
