/** The room service of the server in memory: finds or makes the room that a stanza is for (XEP-0045, sections 6, 10.1). */
import { xml, type Element } from "../../src/stanza/xml.ts";
import { bareOf, isRequest, resourceOf, type Session } from "./memory-server-session.ts";
import { refusal, result } from "./memory-server-replies.ts";
import { MemoryRoom } from "./memory-server-room.ts";
import { answerForRoom } from "./memory-server-room-requests.ts";

const NS_DISCO_INFO = "http://jabber.org/protocol/disco#info";
const NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items";

/** All rooms of a service. */
export class MemoryRooms {
  readonly #service: string;
  readonly #hasHats: boolean;
  readonly #rooms = new Map<string, MemoryRoom>();

  constructor(service: string, hasHats: boolean) {
    this.#service = service;
    this.#hasHats = hasHats;
  }

  /** Takes a stanza that is addressed to the service, to a room or to an occupant. */
  take(from: Session, stanza: Element): void {
    const to = String(stanza.attrs["to"]);
    if (to === this.#service) this.#takeForService(from, stanza);
    else {
      const room = this.#rooms.get(bareOf(to)) ?? this.#createFor(stanza);
      if (room === undefined) {
        if (isRequest(stanza)) from.receive(refusal(stanza, "cancel", "item-not-found"));
      } else if (isRequest(stanza) && resourceOf(to) === "") from.receive(answerForRoom(room, from, stanza));
      else room.take(from, stanza);
    }
  }

  /** The session has gone. */
  forget(session: Session): void {
    for (const room of this.#rooms.values()) room.forget(session);
  }

  #createFor(stanza: Element): MemoryRoom | undefined {
    const to = String(stanza.attrs["to"]);
    const isJoin = stanza.name === "presence" && stanza.attrs["type"] === undefined && resourceOf(to) !== "";
    if (!isJoin) return undefined;
    const jid = bareOf(to);
    const room = new MemoryRoom(jid, this.#hasHats, () => this.#rooms.delete(jid));
    this.#rooms.set(jid, room);
    return room;
  }

  #takeForService(from: Session, stanza: Element): void {
    if (stanza.name !== "iq" || stanza.attrs["type"] !== "get") return;
    if (stanza.getChild("query", NS_DISCO_INFO) !== undefined) {
      const identity = xml("identity", { category: "conference", type: "text" });
      const feature = xml("feature", { var: "http://jabber.org/protocol/muc" });
      from.receive(result(stanza, xml("query", { xmlns: NS_DISCO_INFO }, identity, feature)));
    } else if (stanza.getChild("query", NS_DISCO_ITEMS) !== undefined) {
      const items = [...this.#rooms.keys()].map((jid) => xml("item", { jid }));
      from.receive(result(stanza, xml("query", { xmlns: NS_DISCO_ITEMS }, ...items)));
    } else from.receive(refusal(stanza, "cancel", "service-unavailable"));
  }
}
