/**
 * Presence in rooms: XEP-0045 1.35, sections 7 (occupants), 9.1 and 9.6 (kick and ban), 10.9 (destroyed rooms) and
 * 15.6 (status codes), with the occupant-id of XEP-0421.
 *
 * Nicks are taken as the room writes them and never prepared: the room alone says which of them are the same person.
 * Leaves out passwords, and who did what for which reason.
 */
import type { BareJid } from "../core/jid.ts";
import type { Affiliation } from "../core/model.ts";
import type { Role } from "../core/occupant.ts";
import { parseJid } from "./jid.ts";
import { NS_MUC, NS_MUC_USER, NS_OCCUPANT_ID } from "./namespaces.ts";
import { attribute, type Element, xml } from "./xml.ts";

/** Status codes that the desk acts on (section 15.6). */
export const STATUS = {
  nonAnonymous: 100,
  configurationChanged: 104,
  self: 110,
  loggingOn: 170,
  loggingOff: 171,
  nowNonAnonymous: 172,
  nowSemiAnonymous: 173,
  nowFullyAnonymous: 174,
  created: 201,
  banned: 301,
  renamed: 303,
  kicked: 307,
  affiliationRemoved: 321,
  membersOnly: 322,
  serviceShutdown: 332,
  technical: 333,
} as const;

/** That the room is gone for good (section 10.9). */
export interface Destroyed {
  /** Where people are asked to go instead. */
  readonly alternate: string | undefined;
  readonly reason: string | undefined;
}

/** What a room says about one of its occupants. */
export interface OccupantPresence {
  readonly available: boolean;
  readonly affiliation: Affiliation;
  readonly role: Role;
  /** Where the room shows it to the bot. */
  readonly realJid: BareJid | undefined;
  /** As it stands in the stanza: worth nothing unless the room advertises XEP-0421, else an occupant can write it. */
  readonly occupantId: string | undefined;
  readonly statuses: ReadonlySet<number>;
  /** With status 303: the nick from now on. */
  readonly newNick: string | undefined;
  readonly destroyed: Destroyed | undefined;
}

const AFFILIATIONS: ReadonlySet<string> = new Set(["owner", "admin", "member", "none", "outcast"]);
const ROLES: readonly Role[] = ["moderator", "participant", "visitor", "none"];

/** Whether a text is one of the five affiliations. */
export function isAffiliation(text: string | undefined): text is Affiliation {
  return text !== undefined && AFFILIATIONS.has(text);
}

/** Reads a presence from `room@service/nick`; undefined for one of type error and for one that tells no affiliation. */
export function parseOccupantPresence(stanza: Element): OccupantPresence | undefined {
  const type = attribute(stanza, "type");
  if (type !== undefined && type !== "unavailable") return undefined;
  const x = soleChild(stanza, "x", NS_MUC_USER);
  const item = x?.getChild("item");
  const affiliation = item && attribute(item, "affiliation");
  if (x === undefined || item === undefined || !isAffiliation(affiliation)) return undefined;
  return {
    available: type === undefined,
    affiliation,
    role: parseRole(attribute(item, "role")),
    realJid: parsePerson(attribute(item, "jid")),
    occupantId: parseOccupantId(stanza),
    statuses: parseStatuses(x),
    newNick: attribute(item, "nick"),
    destroyed: parseDestroyed(x),
  };
}

/** Reads the status codes of an `<x/>` of muc#user. */
export function parseStatuses(x: Element): ReadonlySet<number> {
  return new Set(x.getChildren("status").map((status) => Number(attribute(status, "code"))));
}

/** Builds the presence that joins a room, without history; `extras` are carried in it. */
export function buildJoin(occupantJid: string, extras: readonly Element[]): Element {
  return xml(
    "presence",
    { to: occupantJid },
    xml("x", { xmlns: NS_MUC }, xml("history", { maxchars: 0 })),
    extras,
  );
}

/** Builds a presence of somebody who is in already: an update, or with another nick a change of nick. */
export function buildUpdate(occupantJid: string, extras: readonly Element[]): Element {
  return xml("presence", { to: occupantJid }, extras);
}

/** Builds the presence that leaves a room. */
export function buildLeave(occupantJid: string): Element {
  return xml("presence", { to: occupantJid, type: "unavailable" });
}

/**
 * Reads the occupant-ids of a stanza from an occupant: none where the room writes none in such a one, more than one where
 * somebody else wrote one too. As in presence, worth nothing unless the room writes them.
 */
export function parseOccupantIds(stanza: Element): readonly (string | undefined)[] {
  return stanza.getChildren("occupant-id", NS_OCCUPANT_ID).map((element) => attribute(element, "id"));
}

/* The room writes exactly one of each; with two, one of them is somebody else's. */
function soleChild(stanza: Element, name: string, xmlns: string): Element | undefined {
  const [child, ...others] = stanza.getChildren(name, xmlns);
  return others.length === 0 ? child : undefined;
}

/* XEP-0421, section 4.1: at most 128 characters. */
function parseOccupantId(stanza: Element): string | undefined {
  const element = soleChild(stanza, "occupant-id", NS_OCCUPANT_ID);
  const id = element && attribute(element, "id");
  return id === undefined || id.length > 128 ? undefined : id;
}

function parseRole(text: string | undefined): Role {
  return ROLES.find((role) => role === text) ?? "none";
}

function parsePerson(text: string | undefined): BareJid | undefined {
  const jid = text === undefined ? undefined : parseJid(text);
  return jid === undefined || jid.local === "" ? undefined : (jid.bare as BareJid);
}

function parseDestroyed(x: Element): Destroyed | undefined {
  const destroy = x.getChild("destroy");
  if (destroy === undefined) return undefined;
  return {
    alternate: attribute(destroy, "jid"),
    reason: destroy.getChildText("reason") ?? undefined,
  };
}
