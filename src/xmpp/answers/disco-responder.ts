/**
 * What the bot says of itself: XEP-0030, XEP-0092 and XEP-0199 as the one who is asked, XEP-0115 in its presence.
 *
 * The commands node lists only what the requester may run (XEP-0050, section 2.2). Items stand under the address that
 * the requester knows: the bot's full JID, or its place in their room.
 */
import type { Engine, OfferedCommand } from "../../commands/engine/engine.ts";
import { HatsError } from "../../core/errors.ts";
import { buildCaps, capsVer } from "../../stanza/caps.ts";
import { buildDiscoInfo, buildDiscoItems, type DiscoInfo, type DiscoItem } from "../../stanza/disco.ts";
import {
  NS_CAPS,
  NS_COMMANDS,
  NS_DATA_FORM,
  NS_DISCO_INFO,
  NS_DISCO_ITEMS,
  NS_MILLINER,
  NS_PING,
  NS_VALIDATE,
  NS_VERSION,
} from "../../stanza/namespaces.ts";
import { attribute, type Element, xml } from "../../stanza/xml.ts";
import { languageAsked, type Route } from "./iq-responder.ts";
import { findSource, type RoomAddresses } from "./requester.ts";
import type { Rooms } from "../muc/rooms.ts";
import type { Stream } from "../stream/stream.ts";

/** The program, as XEP-0092 names it. */
export interface Software {
  readonly name: string;
  readonly version: string;
}

/** Everything it answers from. */
export interface DiscoSources {
  readonly engine: Engine;
  readonly rooms: RoomAddresses & Pick<Rooms, "status">;
  readonly stream: Pick<Stream, "address">;
  readonly software: Software;
}

const FEATURES = [
  NS_CAPS,
  NS_COMMANDS,
  NS_DATA_FORM,
  NS_DISCO_INFO,
  NS_DISCO_ITEMS,
  NS_PING,
  NS_VALIDATE,
  NS_VERSION,
];

/** What the bot is and can, the same to everybody. */
export function botInfo({ name }: Software): DiscoInfo {
  return { identities: [{ category: "client", type: "bot", name }], features: FEATURES, forms: [] };
}

/** The `<c/>` that every presence of the bot carries. */
export function botCaps(software: Software): Element {
  return buildCaps(NS_MILLINER, capsVer(botInfo(software)));
}

/** The routes of discovery, ping and version. */
export function discoRoutes(sources: DiscoSources): Route[] {
  const { name, version } = sources.software;
  const language = (iq: Element, query: Element): string =>
    sources.engine.languageOf(undefined, { lang: languageWanted(iq, query) });
  return [
    {
      type: "get",
      name: "query",
      ns: NS_DISCO_INFO,
      answer: (iq, query) => answerInfo(sources, iq, query),
      language,
    },
    {
      type: "get",
      name: "query",
      ns: NS_DISCO_ITEMS,
      answer: (iq, query) => answerItems(sources, iq, query),
      language,
    },
    { type: "get", name: "ping", ns: NS_PING, answer: () => undefined },
    {
      type: "get",
      name: "query",
      ns: NS_VERSION,
      answer: () => xml("query", { xmlns: NS_VERSION }, xml("name", {}, name), xml("version", {}, version)),
    },
  ];
}

function answerInfo(sources: DiscoSources, iq: Element, query: Element): Element {
  const node = attribute(query, "node");
  const info = botInfo(sources.software);
  if (node === undefined || node === `${NS_MILLINER}#${capsVer(info)}`) return buildDiscoInfo(info, node);
  if (node === NS_COMMANDS) return buildDiscoInfo(automation("command-list"), node);
  const command = offeredTo(sources, iq, query).find((offered) => offered.node === node);
  if (command === undefined) throw new HatsError("unknown-node");
  return buildDiscoInfo(automation("command-node", command.name), node);
}

function automation(type: string, name?: string): Pick<DiscoInfo, "features" | "identities"> {
  const identity = { category: "automation", type, ...(name === undefined ? {} : { name }) };
  return { identities: [identity], features: [NS_COMMANDS, NS_DATA_FORM] };
}

function answerItems(sources: DiscoSources, iq: Element, query: Element): Element {
  const node = attribute(query, "node");
  if (node === undefined) return buildDiscoItems([]);
  if (node !== NS_COMMANDS) throw new HatsError("unknown-node");
  const jid = addressFor(sources, iq);
  const items: DiscoItem[] = offeredTo(sources, iq, query).map((command) => ({ jid, ...command }));
  return buildDiscoItems(items, node);
}

function offeredTo({ engine, rooms }: DiscoSources, iq: Element, query: Element): OfferedCommand[] {
  const source = findSource(rooms, iq);
  return source === undefined ? [] : engine.offered(source.requester, languageWanted(iq, query));
}

function languageWanted(iq: Element, query: Element): string {
  return languageAsked(query) || languageAsked(iq);
}

/* In a room, the request reaches the bot at its own JID, which its occupants need not know. */
function addressFor({ rooms, stream }: DiscoSources, iq: Element): string {
  const source = findSource(rooms, iq);
  if (source?.requester.kind !== "occupant") return stream.address ?? "";
  const { room } = source.requester;
  return `${room}/${rooms.status(room)?.nick ?? ""}`;
}
