/**
 * Reads a state as a view: what is kept, together with what the room says of people's affiliations.
 */
import type { BareJid, RoomJid } from "./jid.ts";
import { type Affiliation, emptyRoom, type Room, type State, type View } from "./model.ts";

/** A view of a state; `isKept` says which rooms exist, also ones in which nobody has a hat yet. */
export function viewState(
  state: State,
  isKept: (room: RoomJid) => boolean,
  affiliationOf: (room: RoomJid, user: BareJid) => Affiliation,
): View {
  return {
    room(jid) {
      if (!isKept(jid)) return undefined;
      const room: Room = state.rooms.get(jid) ?? emptyRoom();
      return {
        hat: (id) => room.hats.get(id),
        hatIds: () => room.hats.keys(),
        hatCount: () => room.hats.size,
        user: (user) => room.users.get(user),
        affiliation: (user) => affiliationOf(jid, user),
      };
    },
  };
}
