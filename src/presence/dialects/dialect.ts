/**
 * Which of the room's own commands for hats this bot may use.
 *
 * XEP-0030 2.5.0, as XEP-0050 section 2.4 uses it: what counts is the list of commands that the room shows to this bot.
 * The feature `urn:xmpp:hats:0` says nothing here: Prosody 13 always has it, without any command.
 */
import { buildDiscoQuery, parseDiscoItems } from "../../stanza/disco.ts";
import { NS_COMMANDS, NS_DISCO_ITEMS } from "../../stanza/namespaces.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import { type OlderDialect, olderEjabberd, olderNodes } from "./older-ejabberd.ts";
import type { RoomCommands } from "./room-commands.ts";
import type { AskableRoom } from "../room-link.ts";
import { XEP_0317_NODES, xep0317 } from "./xep-0317.ts";

interface Speech {
  readonly dialect: RoomCommands["dialect"];
  /** The room must show all of them. */
  readonly nodes: readonly string[];
  readonly speak: (link: AskableRoom) => RoomCommands;
}

/* The better one first. */
const SPEECHES: readonly Speech[] = [
  { dialect: "xep-0317", nodes: XEP_0317_NODES, speak: xep0317 },
  older("xep-0317-0.2"),
  older("prosody-hats"),
];

function older(dialect: OlderDialect): Speech {
  return { dialect, nodes: olderNodes(dialect), speak: (link) => olderEjabberd(dialect, link) };
}

/**
 * Asks the room for its commands; undefined where it shows this bot none for hats.
 *
 * Rejects where the room cannot be asked now.
 */
export async function findDialect(link: AskableRoom): Promise<RoomCommands["dialect"] | undefined> {
  const shown = await readCommandNodes(link);
  return SPEECHES.find(({ nodes }) => nodes.every((node) => shown.has(node)))?.dialect;
}

/** Speaks a dialect with a room. */
export function speakDialect(dialect: RoomCommands["dialect"], link: AskableRoom): RoomCommands {
  const speech = SPEECHES.find((candidate) => candidate.dialect === dialect) as Speech;
  return speech.speak(link);
}

async function readCommandNodes(link: AskableRoom): Promise<ReadonlySet<string | undefined>> {
  try {
    const answer = await link.request("get", buildDiscoQuery(NS_DISCO_ITEMS, NS_COMMANDS));
    const query = answer.getChild("query", NS_DISCO_ITEMS);
    return new Set(query && parseDiscoItems(query).map((item) => item.node));
  } catch (error) {
    if (error instanceof StanzaError && !error.isPassing) return new Set();
    throw error;
  }
}
