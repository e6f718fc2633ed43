/**
 * Takes hats off people whose affiliation ended, as the room tells it.
 *
 * Only the room's own word counts: it said so of this very person, or a complete list of the same room no longer has
 * them. Absence from anything less proves nothing.
 */
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import { isAffiliated } from "../../core/model.ts";
import type { Desk } from "../../desk/desk.ts";
import type { Rooms } from "./rooms.ts";

/** Follows the affiliations of all rooms from now on. */
export function followAffiliations(rooms: Rooms, desk: Desk, log: Log): void {
  const strip = (room: RoomJid, user: BareJid): void => {
    desk.stripUser(room, user, { kind: "room" }, "affiliation ended").catch((error: unknown) => {
      log.error(
        { room, err: error },
        "hats of somebody who is not affiliated any more could not be taken off",
      );
    });
  };
  /* Whether there are any hats is the desk's to say: it knows also those that are not durable yet. */
  rooms.on("affiliation", ({ room, user, affiliation }) => {
    if (!isAffiliated(affiliation)) strip(room, user);
  });
  rooms.on("listed", (room, isSameRoom) => {
    if (!isSameRoom) return;
    for (const user of desk.durableRoom(room).users.keys()) {
      const affiliation = rooms.lastKnownAffiliation(room, user);
      if (affiliation !== undefined && !isAffiliated(affiliation)) strip(room, user);
    }
  });
}
