/**
 * One room of the server in memory: who is in it, and what each occupant is told of the others.
 *
 * XEP-0045 1.34: join, leave, nick change, payloads (sections 7.2, 7.6, 7.14, 7.7), kick and ban (8.2, 9.1), roles and
 * affiliations (8, 9, 10), destroying (10.9); requests and private messages between occupants (17.3, 7.5), XEP-0410
 * self-ping, XEP-0421 occupant ids. Leaves out passwords, invitations, history, subjects, and several clients under one
 * nick.
 * What is asked of the room itself, rather than of its occupants, is in memory-server-room-requests.ts.
 */
import { createHash } from "node:crypto";
import { xml, type Element } from "../../src/stanza/xml.ts";
import { copyStanza, isRequest, resourceOf, type Session } from "./memory-server-session.ts";
import { refusal, result } from "./memory-server-replies.ts";
import { MemoryRoomHats } from "./memory-server-room-hats.ts";

export type Affiliation = "owner" | "admin" | "member" | "none" | "outcast";
export type Role = "moderator" | "participant" | "visitor" | "none";

/** Somebody in the room. */
export interface Occupant {
  nick: string;
  role: Role;
  /** What the client put into its presence, without what only the room may say. */
  payload: readonly Element[];
  readonly session: Session;
}

/** What a presence says besides who is concerned. */
interface Showing {
  readonly codes?: readonly string[];
  /** Said to the occupant alone, besides 110. */
  readonly ownCodes?: readonly string[];
  readonly isGone?: boolean;
  /** The nick that comes next (section 7.6). */
  readonly newNick?: string;
  readonly affiliation?: Affiliation;
  readonly extra?: Element;
}

const NS_MUC = "http://jabber.org/protocol/muc";
const NS_MUC_USER = "http://jabber.org/protocol/muc#user";
const NS_HATS = "urn:xmpp:hats:0";

const ROLES: Readonly<Record<Affiliation, Role>> = {
  owner: "moderator",
  admin: "moderator",
  member: "participant",
  none: "participant",
  outcast: "none",
};

/** A room; it exists until it is destroyed, also when nobody is in it. */
export class MemoryRoom {
  readonly jid: string;
  readonly affiliations = new Map<string, Affiliation>();
  readonly occupants = new Map<string, Occupant>();
  readonly hats: MemoryRoomHats | undefined;
  isNonAnonymous = false;
  isMembersOnly = false;
  readonly #vanish: () => void;

  constructor(jid: string, hasHats: boolean, vanish: () => void) {
    this.jid = jid;
    this.#vanish = vanish;
    this.hats = hasHats ? new MemoryRoomHats(this) : undefined;
  }

  affiliationOf(bareJid: string): Affiliation {
    return this.affiliations.get(bareJid) ?? "none";
  }

  /** Takes what the room passes on: presence, messages, and IQs between occupants. */
  take(from: Session, stanza: Element): void {
    if (stanza.name === "presence") this.#takePresence(from, stanza);
    else if (stanza.name === "message") this.#takeMessage(from, stanza);
    else this.#passBetweenOccupants(from, stanza);
  }

  /** The session has gone without saying so. */
  forget(session: Session): void {
    const occupant = this.#occupantOf(session);
    if (occupant !== undefined) this.#remove(occupant, {});
  }

  /** Sets somebody's affiliation and tells everybody whom it concerns. */
  setAffiliation(bareJid: string, affiliation: Affiliation): void {
    if (this.affiliationOf(bareJid) === affiliation) return;
    if (affiliation === "none") this.affiliations.delete(bareJid);
    else this.affiliations.set(bareJid, affiliation);
    const present = [...this.occupants.values()].filter(({ session }) => session.bareJid === bareJid);
    for (const occupant of present) {
      if (affiliation === "outcast") this.#remove(occupant, { codes: ["301"] });
      else if (affiliation === "none" && this.isMembersOnly) this.#remove(occupant, { codes: ["321"] });
      else {
        occupant.role = ROLES[affiliation];
        this.show(occupant);
      }
    }
    if (present.length === 0) this.#tellModerators(bareJid, affiliation);
  }

  /** Sets an occupant's role; none is a kick. */
  setRole(occupant: Occupant, role: Role): void {
    if (role === "none") this.#remove(occupant, { codes: ["307"] });
    else {
      occupant.role = role;
      this.show(occupant);
    }
  }

  /** Shows everybody the presence of an occupant as it is now. */
  show(occupant: Occupant, showing: Showing = {}): void {
    for (const viewer of this.occupants.values()) this.#showTo(viewer, occupant, showing);
  }

  /** Shows everybody all presences of one person. */
  showPerson(bareJid: string): void {
    for (const occupant of this.occupants.values())
      if (occupant.session.bareJid === bareJid) this.show(occupant);
  }

  /** Tells everybody that the configuration is another one (section 10.2.1). */
  announce(...codes: readonly string[]): void {
    const statuses = codes.map((code) => xml("status", { code }));
    for (const { session } of this.occupants.values()) {
      const told = xml("x", { xmlns: NS_MUC_USER }, ...statuses);
      session.receive(xml("message", { type: "groupchat", from: this.jid, to: session.jid }, told));
    }
  }

  destroy(): void {
    for (const occupant of this.occupants.values())
      this.#remove(occupant, { affiliation: "none", extra: xml("destroy") });
    this.#vanish();
  }

  #takePresence(from: Session, stanza: Element): void {
    const nick = resourceOf(String(stanza.attrs["to"]));
    const occupant = this.#occupantOf(from);
    const type = stanza.attrs["type"];
    if (type === "unavailable") {
      if (occupant !== undefined) this.#remove(occupant, {});
    } else if (type !== undefined) return;
    else if (nick === "") from.receive(refusal(stanza, "modify", "jid-malformed"));
    else if (this.#isTaken(nick, occupant)) from.receive(refusal(stanza, "cancel", "conflict"));
    else if (occupant === undefined) this.#admit(from, nick, stanza);
    else {
      if (occupant.nick !== nick) this.#rename(occupant, nick);
      occupant.payload = this.#payloadOf(stanza);
      this.show(occupant);
    }
  }

  #isTaken(nick: string, except: Occupant | undefined): boolean {
    const holder = this.occupants.get(nick);
    return holder !== undefined && holder !== except;
  }

  #admit(session: Session, nick: string, stanza: Element): void {
    const isNew = this.affiliations.size === 0 && this.occupants.size === 0;
    if (isNew) this.affiliations.set(session.bareJid, "owner");
    const affiliation = this.affiliationOf(session.bareJid);
    if (affiliation === "outcast") session.receive(refusal(stanza, "auth", "forbidden"));
    else if (affiliation === "none" && this.isMembersOnly)
      session.receive(refusal(stanza, "auth", "registration-required"));
    else {
      const occupant = { nick, role: ROLES[affiliation], payload: this.#payloadOf(stanza), session };
      for (const other of this.occupants.values()) this.#showTo(occupant, other, {});
      this.occupants.set(nick, occupant);
      const aboutRoom = [...(this.isNonAnonymous ? ["100"] : []), ...(isNew ? ["201"] : [])];
      this.show(occupant, { ownCodes: aboutRoom });
      const subject = xml("message", { type: "groupchat", from: this.jid, to: session.jid }, xml("subject"));
      session.receive(subject);
    }
  }

  #rename(occupant: Occupant, nick: string): void {
    this.show(occupant, { isGone: true, codes: ["303"], newNick: nick });
    this.occupants.delete(occupant.nick);
    occupant.nick = nick;
    this.occupants.set(nick, occupant);
  }

  #remove(occupant: Occupant, showing: Showing): void {
    occupant.role = "none";
    this.show(occupant, { ...showing, isGone: true });
    this.occupants.delete(occupant.nick);
  }

  #payloadOf(stanza: Element): Element[] {
    const isRoomsOwn = (child: Element): boolean =>
      child.getNS() === NS_MUC ||
      child.getNS() === NS_MUC_USER ||
      (this.hats !== undefined && child.getNS() === NS_HATS);
    return stanza.children.filter(
      (child): child is Element => typeof child !== "string" && !isRoomsOwn(child),
    );
  }

  #showTo(viewer: Occupant, subject: Occupant, showing: Showing): void {
    const { session, nick, role, payload } = subject;
    const isOwn = viewer === subject;
    const seesRealJid = isOwn || this.isNonAnonymous || viewer.role === "moderator";
    const codes = [...(showing.codes ?? []), ...(isOwn ? ["110", ...(showing.ownCodes ?? [])] : [])];
    const item = xml("item", {
      affiliation: showing.affiliation ?? this.affiliationOf(session.bareJid),
      // Whoever only changes the nick keeps the role.
      role: showing.isGone && showing.newNick === undefined ? "none" : role,
      jid: seesRealJid ? session.jid : undefined,
      nick: showing.newNick,
    });
    const statuses = codes.map((code) => xml("status", { code }));
    const about = xml("x", { xmlns: NS_MUC_USER }, item, showing.extra, ...statuses);
    viewer.session.receive(
      xml(
        "presence",
        {
          from: `${this.jid}/${nick}`,
          to: viewer.session.jid,
          type: showing.isGone ? "unavailable" : undefined,
        },
        showing.isGone ? undefined : [...payload],
        xml("occupant-id", { xmlns: "urn:xmpp:occupant-id:0", id: this.#occupantId(session.bareJid) }),
        about,
        showing.isGone ? undefined : this.hats?.worn(session.bareJid),
      ),
    );
  }

  #occupantId(bareJid: string): string {
    return createHash("sha256").update(`${this.jid} ${bareJid}`).digest("base64url");
  }

  #tellModerators(jid: string, affiliation: Affiliation): void {
    for (const { session, role } of this.occupants.values()) {
      if (role !== "moderator") continue;
      const about = xml("x", { xmlns: NS_MUC_USER }, xml("item", { jid, affiliation }));
      session.receive(xml("message", { from: this.jid, to: session.jid }, about));
    }
  }

  #takeMessage(from: Session, stanza: Element): void {
    const speaker = this.#occupantOf(from);
    const isPrivate = resourceOf(String(stanza.attrs["to"])) !== "";
    if (isPrivate) this.#passBetweenOccupants(from, stanza);
    if (isPrivate || stanza.attrs["type"] !== "groupchat" || speaker === undefined) return;
    for (const { session } of this.occupants.values()) {
      const heard = copyStanza(stanza);
      Object.assign(heard.attrs, { from: `${this.jid}/${speaker.nick}`, to: session.jid });
      session.receive(heard);
    }
  }

  #passBetweenOccupants(from: Session, stanza: Element): void {
    const sender = this.#occupantOf(from);
    const receiver = this.occupants.get(resourceOf(String(stanza.attrs["to"])));
    if (sender === undefined || receiver === undefined) {
      const condition = sender === undefined ? "not-acceptable" : "item-not-found";
      if (isRequest(stanza))
        from.receive(refusal(stanza, sender === undefined ? "modify" : "cancel", condition));
    } else if (sender === receiver && stanza.getChild("ping", "urn:xmpp:ping") !== undefined) {
      from.receive(result(stanza));
    } else {
      const passed = copyStanza(stanza);
      Object.assign(passed.attrs, { from: `${this.jid}/${sender.nick}`, to: receiver.session.jid });
      receiver.session.receive(passed);
    }
  }

  #occupantOf({ jid }: Session): Occupant | undefined {
    return [...this.occupants.values()].find(({ session }) => session.jid === jid);
  }
}
