/** Rooms that exist only in a test: what people are in them, and who is there, as the test says. */
import type { RoomDirectory } from "../../src/commands/room/room-directory.ts";
import { HatsError } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Affiliation } from "../../src/core/model.ts";
import type { Occupant, Role } from "../../src/core/occupant.ts";

/** Somebody in a room; whose real JID nobody shows where it is absent. */
export interface Present {
  readonly nick: string;
  readonly realJid?: string;
  readonly affiliation?: Affiliation;
  readonly role?: Role;
}

/** One room as the test arranges it; everything may be changed while the test runs. */
export interface FakeRoom {
  readonly affiliations: Map<BareJid, Affiliation>;
  readonly occupants: Occupant[];
  isNonAnonymous: boolean;
  isReachable: boolean;
  /** Whether the bot's rights suffice to read the lists. */
  isReadable: boolean;
  /** Whether the room can be asked at all. */
  isReady: boolean;
  /** Whether it can be asked shortly, where it cannot now. */
  isComing: boolean;
  /** How often it was asked what somebody is. */
  questions: number;
}

/** Rooms by their JID. */
export class FakeRooms implements RoomDirectory {
  readonly #rooms = new Map<RoomJid, FakeRoom>();

  /** Keeps a room with these affiliations. */
  add(jid: string, affiliations: Readonly<Record<string, Affiliation>> = {}): FakeRoom {
    const room: FakeRoom = {
      affiliations: new Map(Object.entries(affiliations) as [BareJid, Affiliation][]),
      occupants: [],
      isNonAnonymous: false,
      isReachable: true,
      isReadable: true,
      isReady: true,
      isComing: true,
      questions: 0,
    };
    this.#rooms.set(jid as RoomJid, room);
    return room;
  }

  /** Lets somebody into a room, with the affiliation that the room has for them. */
  enter(jid: string, { nick, realJid, affiliation, role = "participant" }: Present): Occupant {
    const room = this.#kept(jid as RoomJid);
    const user = realJid as BareJid | undefined;
    const own = affiliation ?? (user && room.affiliations.get(user)) ?? "none";
    const occupant: Occupant = { nick, affiliation: own, role, realJid: user, occupantId: undefined };
    const taken = room.occupants.findIndex((other) => other.nick === nick);
    room.occupants.splice(taken < 0 ? room.occupants.length : taken, 1, occupant);
    return occupant;
  }

  /** Makes somebody's affiliation another one. */
  change(jid: string, user: BareJid, affiliation: Affiliation): void {
    this.#kept(jid as RoomJid).affiliations.set(user, affiliation);
  }

  /** Keeps a room no longer. */
  remove(jid: string): void {
    this.#rooms.delete(jid as RoomJid);
  }

  isKept(jid: RoomJid): boolean {
    return this.#rooms.has(jid);
  }

  rooms(): readonly RoomJid[] {
    return [...this.#rooms.keys()];
  }

  occupants(jid: RoomJid): readonly Occupant[] {
    return this.#rooms.get(jid)?.occupants ?? [];
  }

  lastKnownAffiliation(jid: RoomJid, user: BareJid): Affiliation | undefined {
    const room = this.#rooms.get(jid);
    if (room?.isReady !== true) return undefined;
    return room.isReadable ? (room.affiliations.get(user) ?? "none") : presentAffiliation(room, user);
  }

  async affiliation(jid: RoomJid, user: BareJid): Promise<Affiliation> {
    const room = this.#kept(jid);
    room.questions += 1;
    if (!room.isReady) throw new HatsError("room-not-ready");
    if (room.isReadable) return room.affiliations.get(user) ?? "none";
    const known = presentAffiliation(room, user);
    if (known === undefined) throw new HatsError("list-unreadable");
    return known;
  }

  async askerAffiliation(jid: RoomJid, user: BareJid): Promise<Affiliation> {
    return this.affiliation(jid, user);
  }

  async affiliated(jid: RoomJid): Promise<ReadonlyMap<BareJid, Affiliation>> {
    const room = this.#kept(jid);
    if (!room.isReady) throw new HatsError("room-not-ready");
    if (!room.isReadable) throw new HatsError("list-unreadable");
    const affiliated = ["owner", "admin", "member"];
    return new Map([...room.affiliations].filter(([, affiliation]) => affiliated.includes(affiliation)));
  }

  isNonAnonymous(jid: RoomJid): boolean {
    return this.#rooms.get(jid)?.isNonAnonymous ?? false;
  }

  isComing(jid: RoomJid): boolean {
    return this.#rooms.get(jid)?.isComing ?? false;
  }

  isReachable(jid: RoomJid): boolean {
    return this.#rooms.get(jid)?.isReachable ?? false;
  }

  #kept(jid: RoomJid): FakeRoom {
    const room = this.#rooms.get(jid);
    if (room === undefined) throw new HatsError("no-such-room");
    return room;
  }
}

function presentAffiliation(room: FakeRoom | undefined, user: BareJid): Affiliation | undefined {
  return room?.occupants.find((occupant) => occupant.realJid === user)?.affiliation;
}
