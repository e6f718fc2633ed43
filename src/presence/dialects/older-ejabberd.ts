/**
 * The dialects `prosody-hats` and `xep-0317-0.2`: the room commands of ejabberd 21.12 to 25.02, and of 25.03 to 25.08.
 *
 * The same three commands under other names, for presence in another namespace. The first names are those of a Prosody
 * module; Prosody itself speaks them at its host and not in rooms. The second ones are those of XEP-0317 0.2.0, whose
 * forms ejabberd never had. There is no catalogue: each hat is given with its title, so two wearers of one hat may show it
 * under two. A hat given again takes the new title. There is no hue.
 */
import { DON_HAT_NODES, type OlderHatNodes, PROSODY_HAT_NODES } from "../../stanza/hat-commands.ts";
import { type HatsNamespace } from "../../stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../../stanza/namespaces.ts";
import { CommandCaller, EJABBERD_LIMITS, readAssigned, type RoomCommands } from "./room-commands.ts";
import type { AskableRoom } from "../room-link.ts";

/** The names that an ejabberd before 25.10 has for its commands, and where its rooms show hats. */
interface Names {
  readonly nodes: OlderHatNodes;
  readonly namespace: HatsNamespace;
}

const NAMES = {
  "prosody-hats": { nodes: PROSODY_HAT_NODES, namespace: NS_HATS_LEGACY },
  "xep-0317-0.2": { nodes: DON_HAT_NODES, namespace: NS_HATS },
} satisfies Readonly<Record<string, Names>>;

/** The dialects of ejabberd before 25.10. */
export type OlderDialect = keyof typeof NAMES;

/** The nodes that a room must show for one of these dialects. */
export function olderNodes(dialect: OlderDialect): readonly string[] {
  return Object.values(NAMES[dialect].nodes);
}

/** Speaks the older commands with a room, under the names of one dialect. */
export function olderEjabberd(dialect: OlderDialect, link: AskableRoom): RoomCommands {
  const { nodes, namespace } = NAMES[dialect];
  const caller = new CommandCaller(link);
  return {
    dialect,
    titles: "wearer",
    namespace,
    readLimits: async () => EJABBERD_LIMITS,
    readAssigned: () => readAssigned(caller, nodes.listAssigned),
    assign: (jid, uri, title) => caller.run(nodes.assign, { jid, uri, title }),
    unassign: (jid, uri) => caller.run(nodes.unassign, { jid, uri }),
  };
}
