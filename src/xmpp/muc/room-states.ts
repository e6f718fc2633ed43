/**
 * The states of a room and what leads from one to another: the one table that every room goes by.
 *
 * docs/rooms.md has the same table, and a test holds the two against each other.
 */

/**
 * `offline` no session; `joining` on the way in, or reading the lists; `ready` served; `suspended` it may be another
 * room of the same name; `refused` not in, tried again later; `left` for good.
 */
export type RoomState = "offline" | "joining" | "ready" | "refused" | "suspended" | "left";

/**
 * What happens to a room: `enter` it is its turn; `read` its lists have been asked for; `doubt` it may not be served;
 * `settled` it may after all; `put-out` the bot is not, or no longer, in; `lost` the session with the server is gone;
 * `leave` the room is kept no more.
 */
export type RoomEvent = "enter" | "read" | "doubt" | "settled" | "put-out" | "lost" | "leave";

/** The next state by state and event; what is not here does not happen. */
export const ROOM_TRANSITIONS: Readonly<Record<RoomState, Readonly<Partial<Record<RoomEvent, RoomState>>>>> =
  {
    offline: { enter: "joining", lost: "offline", leave: "left" },
    joining: { read: "ready", doubt: "suspended", "put-out": "refused", lost: "offline", leave: "left" },
    ready: { "put-out": "refused", lost: "offline", leave: "left" },
    refused: { enter: "joining", "put-out": "refused", lost: "offline", leave: "left" },
    suspended: { settled: "joining", "put-out": "refused", lost: "offline", leave: "left" },
    left: {},
  };

/** Whether an event means anything in a state. */
export function canHappen(state: RoomState, event: RoomEvent): boolean {
  return ROOM_TRANSITIONS[state][event] !== undefined;
}

/** The state after an event; throws where the table has none, because that is a mistake in the program. */
export function nextState(state: RoomState, event: RoomEvent): RoomState {
  const next = ROOM_TRANSITIONS[state][event];
  if (next === undefined) throw new Error(`a room that is ${state} cannot take ${event}`);
  return next;
}
