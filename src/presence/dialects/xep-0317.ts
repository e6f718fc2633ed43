/**
 * The dialect `xep-0317`: the room commands of XEP-0317 0.3.1, sections 3.2 to 3.7.
 *
 * Spoken by ejabberd 25.10 and later, and by Prosody with the companion module. A room has one title and one hue for a
 * hat, and a hat must be created before it is assigned: ejabberd takes an unknown one without a word, counts it against
 * its limits and shows nothing.
 */
import type { HatId } from "../../core/model.ts";
import { HAT_NODES, NS_HATS_COMMANDS, parseHatTable } from "../../stanza/hat-commands.ts";
import { NS_HATS } from "../../stanza/namespaces.ts";
import {
  type CatalogueEntry,
  CommandCaller,
  EJABBERD_LIMITS,
  OddAnswer,
  readAssigned,
  type RoomCommands,
  type RoomLimits,
} from "./room-commands.ts";
import type { AskableRoom } from "../room-link.ts";

/** The nodes that a room must show for this dialect. */
export const XEP_0317_NODES: readonly string[] = [
  HAT_NODES.create,
  HAT_NODES.destroy,
  HAT_NODES.list,
  HAT_NODES.assign,
  HAT_NODES.unassign,
  HAT_NODES.listAssigned,
];

/** Speaks XEP-0317 with a room. */
export function xep0317(link: AskableRoom): RoomCommands {
  const caller = new CommandCaller(link, NS_HATS_COMMANDS);
  return {
    dialect: "xep-0317",
    titles: "hat",
    namespace: NS_HATS,
    catalogue: {
      read: () => readCatalogue(caller),
      define: (uri, { title, hue }) => caller.run(HAT_NODES.create, { uri, title, ...hueValue(hue) }),
      destroy: (uri) => caller.run(HAT_NODES.destroy, { uri }),
    },
    readLimits: () => readLimits(caller),
    readAssigned: () => readAssigned(caller, HAT_NODES.listAssigned),
    assign: (jid, uri) => caller.run(HAT_NODES.assign, { jid, uri }),
    unassign: (jid, uri) => caller.run(HAT_NODES.unassign, { jid, uri }),
  };
}

async function readCatalogue(caller: CommandCaller): Promise<Map<HatId, CatalogueEntry>> {
  const hats = parseHatTable(await caller.readTable(HAT_NODES.list));
  if (hats === undefined) throw new OddAnswer(HAT_NODES.list, { code: "no-whole-list" });
  return new Map(hats.map(({ uri, title, hue }) => [uri, { title, hue }]));
}

/* COMPAT: ejabberd 26.07 calls the hat `hat` where XEP-0317 and everybody else say `hats#uri`, and never tells its limits. */
async function readLimits(caller: CommandCaller): Promise<RoomLimits | undefined> {
  const isEjabberd = await caller.hasField(HAT_NODES.assign, ["jid", "uri"], "hat");
  return isEjabberd ? EJABBERD_LIMITS : undefined;
}

function hueValue(hue: number | undefined): { readonly hue?: string } {
  return hue === undefined ? {} : { hue: String(hue) };
}
