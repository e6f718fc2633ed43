/**
 * The dialect `prosody-hats`: the room commands of ejabberd 21.12 to 25.02.
 *
 * They borrow their node names from a Prosody module, hence the name; Prosody itself speaks them at its host and not in
 * rooms. There is no catalogue: each hat is given with its title, so two wearers of one hat may show it under two. A
 * hat given again takes the new title. There is no hue.
 */
import { PROSODY_HAT_NODES } from "../../stanza/hat-commands.ts";
import { NS_HATS_LEGACY } from "../../stanza/namespaces.ts";
import { CommandCaller, EJABBERD_LIMITS, readAssigned, type RoomCommands } from "./room-commands.ts";
import type { RoomLink } from "../room-link.ts";

/** The nodes that a room must show for this dialect. */
export const PROSODY_HATS_NODES: readonly string[] = Object.values(PROSODY_HAT_NODES);

/** Speaks the older commands with a room. */
export function prosodyHats(link: Pick<RoomLink, "request">): RoomCommands {
  const caller = new CommandCaller(link);
  return {
    dialect: "prosody-hats",
    titles: "wearer",
    namespace: NS_HATS_LEGACY,
    readLimits: async () => EJABBERD_LIMITS,
    readAssigned: () => readAssigned(caller, PROSODY_HAT_NODES.listAssigned),
    assign: (jid, uri, title) => caller.run(PROSODY_HAT_NODES.assign, { jid, uri, title }),
    unassign: (jid, uri) => caller.run(PROSODY_HAT_NODES.unassign, { jid, uri }),
  };
}
