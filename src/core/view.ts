/**
 * Reads a state as a view: what is kept, together with what the room says of people's affiliations.
 *
 * Classes, since a view is made for every command: their methods are made once.
 */
import type { BareJid, RoomJid } from "./jid.ts";
import {
  type Affiliation,
  type Archive,
  type Base,
  emptyRoom,
  type Expiries,
  type Grant,
  type Hat,
  type HatId,
  type ManagedRoom,
  NO_ARCHIVES,
  type Room,
  type RoomView,
  type State,
  type User,
  type View,
} from "./model.ts";

type AffiliationOf = (room: RoomJid, user: BareJid) => Affiliation;

/** A view of a state; `isKept` says which rooms exist, also ones in which nobody has a hat yet. */
export function viewState(
  state: State,
  isKept: (room: RoomJid) => boolean,
  affiliationOf: AffiliationOf,
): View {
  return new StateView(state, isKept, affiliationOf);
}

/** A view of one room, kept or not; a room that nothing is kept of is empty. */
export function viewRoom(state: State, jid: RoomJid, affiliationOf: AffiliationOf): RoomView {
  return new StateRoomView(jid, state.rooms.get(jid) ?? emptyRoom(), affiliationOf);
}

class StateView implements View {
  readonly #state: State;
  readonly #isKept: (room: RoomJid) => boolean;
  readonly #affiliationOf: AffiliationOf;

  constructor(state: State, isKept: (room: RoomJid) => boolean, affiliationOf: AffiliationOf) {
    this.#state = state;
    this.#isKept = isKept;
    this.#affiliationOf = affiliationOf;
  }

  room(jid: RoomJid): RoomView | undefined {
    return this.#isKept(jid) ? viewRoom(this.#state, jid, this.#affiliationOf) : undefined;
  }

  managed(jid: RoomJid): ManagedRoom | undefined {
    return this.#state.managed.get(jid);
  }

  archives(jid: RoomJid): ReadonlyMap<string, Archive> {
    return this.#state.archives.get(jid) ?? NO_ARCHIVES;
  }
}

class StateRoomView implements RoomView {
  readonly #jid: RoomJid;
  readonly #room: Room;
  readonly #affiliationOf: AffiliationOf;

  constructor(jid: RoomJid, room: Room, affiliationOf: AffiliationOf) {
    this.#jid = jid;
    this.#room = room;
    this.#affiliationOf = affiliationOf;
  }

  hat(id: HatId): Hat | undefined {
    return this.#room.hats.get(id);
  }

  hatIds(): Iterable<HatId> {
    return this.#room.hats.keys();
  }

  hatCount(): number {
    return this.#room.hats.size;
  }

  user(jid: BareJid): User | undefined {
    return this.#room.users.get(jid);
  }

  userJids(): Iterable<BareJid> {
    return this.#room.users.keys();
  }

  expiries(user: BareJid): Expiries | undefined {
    return this.#room.expires.get(user);
  }

  grant(hat: HatId): Grant | undefined {
    return this.#room.grants.get(hat);
  }

  base(user: BareJid): Base | undefined {
    return this.#room.base.get(user);
  }

  affiliation(jid: BareJid): Affiliation {
    return this.#affiliationOf(this.#jid, jid);
  }
}
