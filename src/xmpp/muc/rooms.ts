/**
 * All kept rooms over one stream: hands each room what comes from it, lets rooms enter, and answers the desk's and the
 * commands' questions about them.
 *
 * Rooms know nothing of each other, so that one that is slow, dead or hostile delays no other. Leaves out how one room
 * is kept (room.ts).
 */
import { HatsError } from "../../core/errors.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import type { RoomDirectory } from "../../commands/room/room-directory.ts";
import type { Requester } from "../../desk/access.ts";
import { domainOf, parseJid } from "../../stanza/jid.ts";
import { attribute, type Element } from "../../stanza/xml.ts";
import { Room } from "./room.ts";
import { askerFreshMs } from "./room-affiliations.ts";
import { Listeners } from "../listeners.ts";
import type { RoomsEvents, RoomStatus } from "./room-status.ts";
import { type ObservedRoom, type RoomObserver, type RoomSurroundings } from "./room-surroundings.ts";
import type { ServedRoom } from "./served-room.ts";
import { Turnstile } from "./turnstile.ts";

/** How many rooms may be on their way in at a time. */
const ENTERING_AT_ONCE = 50;

/** A room to keep. */
export interface KeptRoom {
  readonly jid: RoomJid;
  readonly nick: string;
}

export interface RoomsOptions extends Omit<RoomSurroundings, "observer"> {
  /** In the order in which they are shown. */
  readonly rooms: readonly KeptRoom[];
}

export class Rooms implements RoomDirectory {
  /** Resolves when every room of the options was once ready, suspended or refused. */
  readonly settled: Promise<void>;
  readonly #rooms = new Map<RoomJid, Room>();
  /* The domains of all rooms that were ever kept: they are no people's. */
  readonly #services = new Set<string>();
  readonly #around: RoomSurroundings;
  readonly #listeners: Listeners<RoomsEvents>;
  readonly #turnstile = new Turnstile<ObservedRoom>(ENTERING_AT_ONCE, (room) => room.enter());
  readonly #unsettled = new Set<ObservedRoom>();
  #settle: () => void = () => undefined;

  constructor(options: RoomsOptions) {
    const { stream, log } = options;
    this.#listeners = new Listeners((event, error) =>
      log.error({ err: error, event }, "a listener of a room failed"),
    );
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#around = { ...options, observer: this.#observer() };
    for (const { jid, nick } of options.rooms) this.#keep(jid, nick);
    for (const room of this.#rooms.values()) this.#unsettled.add(room);
    if (this.#unsettled.size === 0) this.#settle();
    stream.on("online", () => this.#each((room) => room.online()));
    stream.on("offline", (_reason, mayResume) => {
      if (!mayResume) this.#each((room) => room.offline());
    });
    stream.on("resumed", () => this.#each((room) => room.resumed()));
    stream.on("fatal", () => this.#each((room) => room.offline()));
    stream.on("stanza", (stanza) => this.#receive(stanza));
    if (stream.online) this.#each((room) => room.online());
  }

  on<Name extends keyof RoomsEvents>(name: Name, listener: (...values: RoomsEvents[Name]) => void): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof RoomsEvents>(name: Name, listener: (...values: RoomsEvents[Name]) => void): void {
    this.#listeners.remove(name, listener);
  }

  /** One room as room presence needs it; undefined for one that is not kept. */
  link(room: RoomJid): ServedRoom | undefined {
    return this.#rooms.get(room)?.link;
  }

  /** Keeps a room from now on; one that is kept already goes by this nick. */
  add({ jid, nick }: KeptRoom): ServedRoom {
    const kept = this.#rooms.get(jid);
    kept?.rename(nick);
    if (kept !== undefined) return kept.link;
    const room = this.#keep(jid, nick);
    if (this.#around.stream.online) room.online();
    return room.link;
  }

  /** Leaves a room, and keeps it no more; if it is kept again one day, it is known again. */
  remove(jid: RoomJid): void {
    const room = this.#rooms.get(jid);
    if (room === undefined) return;
    this.#rooms.delete(jid);
    room.leave();
  }

  /** Lets nobody wait for a room any more, nor from now on. */
  giveUp(): void {
    this.#each((room) => room.answers.giveUp());
  }

  /** Leaves all rooms, for good. */
  leaveAll(): void {
    this.#each((room) => room.leave());
  }

  status(room: RoomJid): RoomStatus | undefined {
    return this.#rooms.get(room)?.status;
  }

  /** Whether a config admin has to say if a room is the one that the desk knows. */
  isDoubted(room: RoomJid): boolean {
    return this.#rooms.get(room)?.isDoubted ?? false;
  }

  /**
   * Takes a config admin's word on a room that may be another one than the desk knows.
   *
   * @throws HatsError store-unwritable, outcome-unknown
   */
  async settleDoubt(room: RoomJid, isSameRoom: boolean): Promise<void> {
    await this.#rooms.get(room)?.settleDoubt(isSameRoom);
  }

  /** Whether a domain is a service of rooms, where nobody has an account. */
  isRoomService(domain: string): boolean {
    return this.#services.has(domain);
  }

  /** The occupant who asks from this address; undefined where nobody has that nick in a served room. */
  requester(address: string): Extract<Requester, { kind: "occupant" }> | undefined {
    const at = this.#at(address);
    const occupant = at?.room.link.occupant(at.nick);
    return at === undefined || occupant === undefined
      ? undefined
      : { kind: "occupant", room: at.room.room, occupant };
  }

  /** Whether an occupant still has their nick, the room being asked where that is not sure. Throws HatsError room-not-ready. */
  hasNick({ room, occupant }: Extract<Requester, { kind: "occupant" }>): Promise<boolean> | boolean {
    return this.#rooms.get(room)?.answers.hasNick(occupant) ?? false;
  }

  isKept(room: RoomJid): boolean {
    return this.#rooms.has(room);
  }

  rooms(): readonly RoomJid[] {
    return Array.from(this.#rooms.keys());
  }

  occupants(jid: RoomJid): readonly Occupant[] {
    const room = this.#rooms.get(jid);
    return room?.link.occupants().filter(({ nick }) => nick !== room.ownNick) ?? [];
  }

  async affiliation(room: RoomJid, user: BareJid): Promise<Affiliation> {
    return await this.#kept(room).answers.affiliation(user);
  }

  async askerAffiliation(room: RoomJid, user: BareJid): Promise<Affiliation> {
    return await this.#kept(room).answers.affiliation(user, askerFreshMs(this.#rooms.size));
  }

  sureAffiliation(room: RoomJid, user: BareJid): Affiliation | undefined {
    return this.#rooms.get(room)?.answers.sureAffiliation(user);
  }

  lastKnownAffiliation(room: RoomJid, user: BareJid): Affiliation | undefined {
    return this.#rooms.get(room)?.answers.lastKnownAffiliation(user);
  }

  /* Without the bot itself, which runs the desk and wears nothing. */
  async affiliated(room: RoomJid): Promise<ReadonlyMap<BareJid, Affiliation>> {
    const people = new Map(await this.#kept(room).answers.affiliated());
    people.delete(parseJid(this.#around.stream.address ?? "")?.bare as BareJid);
    return people;
  }

  isNonAnonymous(room: RoomJid): boolean {
    return this.#rooms.get(room)?.link.isNonAnonymous ?? false;
  }

  isReachable(room: RoomJid): boolean {
    return this.#around.stream.online && this.#rooms.get(room)?.state === "ready";
  }

  isComing(room: RoomJid): boolean {
    return this.#rooms.get(room)?.isOnItsWay ?? false;
  }

  #observer(): RoomObserver {
    return {
      stateChanged: (room) => this.#stateChanged(room),
      wantsToEnter: (room) => this.#turnstile.queue(room),
      affiliationChanged: (change) => this.#listeners.tell("affiliation", change),
      listsRead: (room, isSameRoom) => this.#listeners.tell("listed", room, isSameRoom),
      occupancyEnded: (room, nick) => this.#listeners.tell("occupancy-ended", room, nick),
    };
  }

  #stateChanged(room: ObservedRoom): void {
    const { status } = room;
    const { state } = status;
    if (state !== "joining") this.#turnstile.release(room);
    if (state !== "joining" && state !== "offline") this.#unsettled.delete(room);
    this.#listeners.tell("state", room.room, status);
    if (this.#unsettled.size === 0) this.#settle();
  }

  #receive(stanza: Element): void {
    const from = attribute(stanza, "from");
    if (stanza.name === "iq" || from === undefined) return;
    const at = this.#at(from);
    if (stanza.name === "presence") at?.room.receivePresence(at.nick, stanza);
    else at?.room.receiveMessage(at.nick, stanza);
  }

  /* The nick is what the room wrote, byte by byte; only the room's own address may be spelt in several ways. */
  #at(address: string): { readonly room: Room; readonly nick: string } | undefined {
    const slash = address.indexOf("/");
    const bare = slash < 0 ? address : address.slice(0, slash);
    const room = this.#rooms.get(bare as RoomJid) ?? this.#rooms.get(parseJid(bare)?.bare as RoomJid);
    return room === undefined ? undefined : { room, nick: slash < 0 ? "" : address.slice(slash + 1) };
  }

  #keep(jid: RoomJid, nick: string): Room {
    const room = new Room(jid, nick, this.#around);
    this.#rooms.set(jid, room);
    this.#services.add(domainOf(jid));
    return room;
  }

  #kept(jid: RoomJid): Room {
    const room = this.#rooms.get(jid);
    if (room === undefined) throw new HatsError("no-such-room");
    return room;
  }

  #each(act: (room: Room) => void): void {
    for (const room of Array.from(this.#rooms.values())) act(room);
  }
}
