/**
 * What a person does in rooms (XEP-0045 1.34): join, leave, create, configure, affiliations, destroy.
 *
 * Each action resolves when the room has confirmed it. Leaves out roles, invitations, subjects and history: tests that
 * need them send the stanzas.
 */
import type { Affiliation } from "../core/model.ts";
import { NS_DATA_FORM, NS_MUC, NS_MUC_ADMIN, NS_MUC_OWNER, NS_MUC_USER } from "../stanza/namespaces.ts";
import { xml, type Element } from "../stanza/xml.ts";
import type { StanzaExchange } from "./stanza-exchange.ts";

/** A person's affiliation with a room (XEP-0045 section 5.2). */
export type RoomAffiliation = Affiliation;

/** One `<item/>` of an affiliation list. */
export interface AffiliationItem {
  readonly jid: string;
  readonly affiliation: string;
}

/** Values of a room's configuration form by field, as in `{ "muc#roomconfig_whois": "anyone" }`. */
export type RoomConfiguration = Readonly<Record<string, string | boolean | readonly string[]>>;

/** The actions; rooms are bare JIDs. */
export interface RoomActions {
  /** Joins without history; resolves with the own presence that ends the join, rejects when the room refuses. */
  join(room: string, nick: string): Promise<Element>;
  /** Leaves; resolves when the room has confirmed it. */
  leave(room: string, nick: string): Promise<void>;
  /** Joins a room that does not exist yet and configures it, so that it is open for others; rejects when it exists. */
  createRoom(room: string, nick: string, configuration?: RoomConfiguration): Promise<Element>;
  /** Submits these fields of the configuration form; the room keeps the others. */
  configureRoom(room: string, configuration: RoomConfiguration): Promise<void>;
  /** Sets a bare JID's affiliation. */
  setAffiliation(room: string, bareJid: string, affiliation: RoomAffiliation, reason?: string): Promise<void>;
  /** Reads one affiliation list. */
  affiliationList(room: string, affiliation: RoomAffiliation): Promise<AffiliationItem[]>;
  /** Destroys the room. */
  destroyRoom(room: string): Promise<void>;
}

const STATUS_SELF = "110";
const STATUS_CREATED = "201";

/** Builds the actions over an exchange of stanzas. */
export function roomActions(exchange: StanzaExchange): RoomActions {
  const toRoom = (
    type: "get" | "set",
    room: string,
    xmlns: string,
    ...children: Element[]
  ): Promise<Element> => exchange.demand(xml("iq", { type, to: room }, xml("query", { xmlns }, ...children)));

  const actions: RoomActions = {
    async join(room, nick) {
      const occupant = `${room}/${nick}`;
      await exchange.send(
        xml("presence", { to: occupant }, xml("x", { xmlns: NS_MUC }, xml("history", { maxstanzas: 0 }))),
      );
      const end = await exchange.next((stanza) => endsJoin(stanza, room, occupant));
      if (end.attrs.type === "error")
        throw new Error(`${exchange.jid} could not join ${occupant}: ${String(end)}`);
      return end;
    },
    async leave(room, nick) {
      const occupant = `${room}/${nick}`;
      await exchange.send(xml("presence", { to: occupant, type: "unavailable" }));
      await exchange.next((stanza) => stanza.attrs.from === occupant && stanza.attrs.type === "unavailable");
    },
    async createRoom(room, nick, configuration = {}) {
      const presence = await actions.join(room, nick);
      if (!statusCodes(presence).includes(STATUS_CREATED)) throw new Error(`the room ${room} exists already`);
      await actions.configureRoom(room, configuration);
      return presence;
    },
    async configureRoom(room, configuration) {
      await toRoom("set", room, NS_MUC_OWNER, configurationForm(configuration));
    },
    async setAffiliation(room, jid, affiliation, reason) {
      const item = xml("item", { jid, affiliation }, reason === undefined ? null : xml("reason", {}, reason));
      await toRoom("set", room, NS_MUC_ADMIN, item);
    },
    async affiliationList(room, affiliation) {
      const answer = await toRoom("get", room, NS_MUC_ADMIN, xml("item", { affiliation }));
      const items = answer.getChild("query", NS_MUC_ADMIN)?.getChildren("item") ?? [];
      return items.map(({ attrs }) => ({
        jid: attrs.jid as string,
        affiliation: attrs.affiliation as string,
      }));
    },
    async destroyRoom(room) {
      await toRoom("set", room, NS_MUC_OWNER, xml("destroy"));
    },
  };
  return actions;
}

/** The status codes of a room's presence or message (XEP-0045 section 15.6), in their order. */
export function statusCodes(stanza: Element): string[] {
  const codes = stanza.getChild("x", NS_MUC_USER)?.getChildren("status") ?? [];
  return codes.map(({ attrs }) => attrs.code as string);
}

function endsJoin(stanza: Element, room: string, occupant: string): boolean {
  if (stanza.name !== "presence") return false;
  const { from, type } = stanza.attrs;
  if (type === "error") return from === occupant || from === room;
  return type === undefined && from.startsWith(`${room}/`) && statusCodes(stanza).includes(STATUS_SELF);
}

function configurationForm(configuration: RoomConfiguration): Element {
  const fields = Object.entries(configuration).map(([name, value]) =>
    xml(
      "field",
      { var: name },
      fieldValues(value).map((text) => xml("value", {}, text)),
    ),
  );
  // An empty form accepts the defaults (XEP-0045 section 10.1.2); with fields it has to say what it is.
  const formType = xml(
    "field",
    { var: "FORM_TYPE", type: "hidden" },
    xml("value", {}, `${NS_MUC}#roomconfig`),
  );
  return xml(
    "x",
    { xmlns: NS_DATA_FORM, type: "submit" },
    ...(fields.length === 0 ? [] : [formType, ...fields]),
  );
}

function fieldValues(value: string | boolean | readonly string[]): readonly string[] {
  if (typeof value === "boolean") return [value ? "1" : "0"];
  return typeof value === "string" ? [value] : value;
}
