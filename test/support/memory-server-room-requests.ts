/**
 * What a room of the server in memory answers for itself: disco, lists and their changes, configuration, destroying.
 *
 * XEP-0045 1.34, sections 6.4, 8 to 10. As on Prosody, an admin may not read the owner list; as everywhere, the last
 * owner stays one.
 */
import { xml, type Element } from "../../src/stanza/xml.ts";
import type { Session } from "./memory-server-session.ts";
import { refusal, result } from "./memory-server-replies.ts";
import type { Affiliation, MemoryRoom, Role } from "./memory-server-room.ts";

type Answer = (room: MemoryRoom, from: Session, request: Element, payload: Element) => Element;

const NS_DISCO_INFO = "http://jabber.org/protocol/disco#info";
const NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
const NS_MUC_ADMIN = "http://jabber.org/protocol/muc#admin";
const NS_MUC_OWNER = "http://jabber.org/protocol/muc#owner";
const NS_COMMANDS = "http://jabber.org/protocol/commands";
const NS_DATA_FORM = "jabber:x:data";
const ROOM_CONFIGURATION = "http://jabber.org/protocol/muc#roomconfig";
const WHOIS = "muc#roomconfig_whois";
const MEMBERS_ONLY = "muc#roomconfig_membersonly";

const ANSWERS: Readonly<Record<string, Answer>> = {
  [`get ${NS_DISCO_INFO}`]: describe,
  [`get ${NS_DISCO_ITEMS}`]: listItems,
  [`get ${NS_MUC_ADMIN}`]: readList,
  [`set ${NS_MUC_ADMIN}`]: changeList,
  [`get ${NS_MUC_OWNER}`]: forOwners(readConfiguration),
  [`set ${NS_MUC_OWNER}`]: forOwners(configureOrDestroy),
  [`set ${NS_COMMANDS}`]: runCommand,
};

/** Answers a request to the room's own address. */
export function answerForRoom(room: MemoryRoom, from: Session, request: Element): Element {
  const payload = request.children.find((child): child is Element => typeof child !== "string");
  if (payload === undefined) return refusal(request, "modify", "bad-request");
  const answer = ANSWERS[`${String(request.attrs["type"])} ${payload.getNS() ?? ""}`];
  if (answer === undefined) return refusal(request, "cancel", "service-unavailable");
  return answer(room, from, request, payload);
}

function describe(room: MemoryRoom, from: Session, request: Element, query: Element): Element {
  const node: unknown = query.attrs["node"];
  if (node !== undefined) {
    return room.hats?.describe(from, request, query) ?? refusal(request, "cancel", "item-not-found");
  }
  const features = [
    "http://jabber.org/protocol/muc",
    "muc_persistent",
    room.isNonAnonymous ? "muc_nonanonymous" : "muc_semianonymous",
    room.isMembersOnly ? "muc_membersonly" : "muc_open",
    "urn:xmpp:occupant-id:0",
    ...(room.hats === undefined ? [] : ["urn:xmpp:hats:0", NS_COMMANDS]),
  ].map((name) => xml("feature", { var: name }));
  const identity = xml("identity", { category: "conference", type: "text", name: room.jid });
  return result(request, xml("query", { xmlns: NS_DISCO_INFO }, identity, ...features));
}

function listItems(room: MemoryRoom, from: Session, request: Element, query: Element): Element {
  if (query.attrs["node"] === NS_COMMANDS) {
    return room.hats?.list(from, request) ?? refusal(request, "cancel", "item-not-found");
  }
  return result(request, xml("query", { xmlns: NS_DISCO_ITEMS }));
}

function runCommand(room: MemoryRoom, from: Session, request: Element, command: Element): Element {
  return room.hats?.run(from, request, command) ?? refusal(request, "cancel", "item-not-found");
}

/* Whose list which affiliation may read (Prosody: no owner list for admins). */
const READABLE: Readonly<Record<Affiliation, readonly string[]>> = {
  owner: ["owner", "admin", "member", "outcast", "none"],
  admin: ["admin", "member", "outcast", "none"],
  member: [],
  none: [],
  outcast: [],
};

function readList(room: MemoryRoom, from: Session, request: Element, query: Element): Element {
  const own = room.affiliationOf(from.bareJid);
  const { affiliation, role } = query.getChild("item")?.attrs ?? {};
  if (typeof role === "string" && (own === "owner" || own === "admin")) {
    const items = [...room.occupants.values()]
      .filter((occupant) => occupant.role === role)
      .map(({ nick, session }) =>
        xml("item", { nick, role, jid: session.jid, affiliation: room.affiliationOf(session.bareJid) }),
      );
    return result(request, xml("query", { xmlns: NS_MUC_ADMIN }, ...items));
  }
  if (!READABLE[own].includes(String(affiliation))) return refusal(request, "auth", "forbidden");
  const items = [...room.affiliations]
    .filter(([, known]) => known === affiliation)
    .map(([jid]) => xml("item", { jid, affiliation: String(affiliation) }));
  return result(request, xml("query", { xmlns: NS_MUC_ADMIN }, ...items));
}

function changeList(room: MemoryRoom, from: Session, request: Element, query: Element): Element {
  const own = room.affiliationOf(from.bareJid);
  for (const { attrs } of query.getChildren("item")) {
    const problem =
      attrs["affiliation"] === undefined
        ? changeRole(room, own, String(attrs["nick"]), attrs["role"] as Role)
        : changeAffiliation(room, own, String(attrs["jid"]), attrs["affiliation"] as Affiliation);
    if (problem !== undefined) return refusal(request, "cancel", problem);
  }
  return result(request);
}

function changeRole(room: MemoryRoom, own: Affiliation, nick: string, role: Role): string | undefined {
  if (own !== "owner" && own !== "admin") return "not-allowed";
  const occupant = room.occupants.get(nick);
  if (occupant === undefined) return "item-not-found";
  const theirs = room.affiliationOf(occupant.session.bareJid);
  if (theirs === "owner" || theirs === "admin") return "not-allowed";
  room.setRole(occupant, role);
  return undefined;
}

function changeAffiliation(
  room: MemoryRoom,
  own: Affiliation,
  jid: string,
  affiliation: Affiliation,
): string | undefined {
  const before = room.affiliationOf(jid);
  const concernsRank = [before, affiliation].some((one) => one === "owner" || one === "admin");
  if (own !== "owner" && (own !== "admin" || concernsRank)) return "not-allowed";
  const owners = [...room.affiliations.values()].filter((one) => one === "owner").length;
  if (before === "owner" && affiliation !== "owner" && owners === 1) return "conflict";
  room.setAffiliation(jid, affiliation);
  return undefined;
}

function forOwners(answer: Answer): Answer {
  return (room, from, request, payload) =>
    room.affiliationOf(from.bareJid) === "owner"
      ? answer(room, from, request, payload)
      : refusal(request, "auth", "forbidden");
}

function readConfiguration(room: MemoryRoom, _from: Session, request: Element): Element {
  const field = (name: string, type: string, value: string): Element =>
    xml("field", { var: name, type }, xml("value", {}, value));
  const form = xml(
    "x",
    { xmlns: NS_DATA_FORM, type: "form" },
    field("FORM_TYPE", "hidden", ROOM_CONFIGURATION),
    field(WHOIS, "list-single", room.isNonAnonymous ? "anyone" : "moderators"),
    field(MEMBERS_ONLY, "boolean", room.isMembersOnly ? "1" : "0"),
  );
  return result(request, xml("query", { xmlns: NS_MUC_OWNER }, form));
}

function configureOrDestroy(room: MemoryRoom, _from: Session, request: Element, query: Element): Element {
  if (query.getChild("destroy") !== undefined) {
    room.destroy();
    return result(request);
  }
  const fields = query.getChild("x", NS_DATA_FORM)?.getChildren("field") ?? [];
  const given = new Map(fields.map((field) => [String(field.attrs["var"]), field.getChildText("value")]));
  const wasNonAnonymous = room.isNonAnonymous;
  if (given.has(WHOIS)) room.isNonAnonymous = given.get(WHOIS) === "anyone";
  if (given.has(MEMBERS_ONLY)) room.isMembersOnly = ["1", "true"].includes(String(given.get(MEMBERS_ONLY)));
  const whois = room.isNonAnonymous === wasNonAnonymous ? [] : [room.isNonAnonymous ? "172" : "173"];
  if (fields.length > 0) room.announce("104", ...whois);
  return result(request);
}
