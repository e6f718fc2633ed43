/**
 * Fifty people with different rights in many rooms of one desk, and what they do there at random.
 *
 * Every room is a world of its own, with its own course of events: what people are in it, what they ask for, when they
 * lose an affiliation and when time goes on, if it does.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Engine, type Source } from "../../src/commands/engine/engine.ts";
import { commandsOf } from "../../src/commands/registry.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { type Affiliation, isAffiliated, type Room } from "../../src/core/model.ts";
import type { ChangeEvent, Desk } from "../../src/desk/desk.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { below, type Random } from "./crash-disk.ts";
import { account, occupant, type Received, send, type Values } from "./engine.ts";
import { ManualClock } from "./manual-clock.ts";
import { FakeCare } from "./room-care.ts";
import { FakeRooms } from "./rooms.ts";

/** Everybody; what they are in a room is told by `affiliationOf`, and the first two are admins of the configuration. */
export const PEOPLE = Array.from({ length: 50 }, (_, index) => `p${index}@example.org` as BareJid);
export const OPERATORS: ReadonlySet<BareJid> = new Set(PEOPLE.slice(0, 2));

const BEGAN = Date.parse("2026-01-01T00:00:00.000Z");

/** Two owners, four admins, thirty members, five outcasts; the others are nothing, the desk's own admins too. */
function affiliationOf(index: number): Affiliation {
  if (index < 2 || index >= 43) return "none";
  if (index < 4) return "owner";
  if (index < 8) return "admin";
  return index < 38 ? "member" : "outcast";
}

/** A desk with rooms for many histories. */
export class PastWorld {
  readonly desk: Desk;
  readonly rooms: FakeRooms;
  readonly #engine: Engine;
  readonly #clock: ManualClock;
  readonly #data: string;
  readonly #listeners = new Map<RoomJid, (event: ChangeEvent) => void>();

  private constructor(parts: { desk: Desk; rooms: FakeRooms; clock: ManualClock; data: string }) {
    this.desk = parts.desk;
    this.rooms = parts.rooms;
    this.#clock = parts.clock;
    this.#data = parts.data;
    const { desk, rooms } = parts;
    const care = new FakeCare(rooms);
    const services = { desk, rooms, care, admins: OPERATORS };
    this.#engine = new Engine({ commands: commandsOf(services), forms: loadForms() });
    desk.on("change", (event) => this.#listeners.get(event.room)?.(event));
  }

  /** Opens a desk, in memory where the system has a folder there: what disks do is not what is tried here. */
  static async open(): Promise<PastWorld> {
    const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    const data = await mkdtemp(join(parent, "milliner-past-"));
    const rooms = new FakeRooms();
    const clock = new ManualClock();
    let minted = 0;
    const desk = await openDesk({
      data,
      affiliations: rooms,
      clock,
      now: () => new Date(BEGAN + clock.now()),
      randomUuid: () => `00000000-0000-4000-8000-${String((minted += 1)).padStart(12, "0")}`,
    });
    return new PastWorld({ desk, rooms, clock, data });
  }

  /** Adds a room in which everybody is what they are; `onChange` hears of each change there. */
  add(room: RoomJid, isNonAnonymous: boolean, onChange: (event: ChangeEvent) => void): void {
    const people = Object.fromEntries(PEOPLE.map((jid, index) => [jid, affiliationOf(index)]));
    this.rooms.add(room, people).isNonAnonymous = isNonAnonymous;
    this.#listeners.set(room, onChange);
  }

  /** What somebody is in a room now. */
  affiliation(room: RoomJid, user: BareJid): Affiliation {
    return this.rooms.lastKnownAffiliation(room, user) ?? "none";
  }

  /** Somebody asks, from their own address or through the room. */
  ask(room: RoomJid, user: BareJid, isInRoom: boolean, node: string, values: Values): Promise<Received> {
    const affiliation = this.affiliation(room, user);
    const source: Source = isInRoom
      ? occupant(room, user.slice(0, user.indexOf("@")), { affiliation, realJid: user })
      : account(`${user}/r`);
    const form = isInRoom ? values : { room, ...values };
    return send(this.#engine, source, { node, form: Object.keys(form).length === 0 ? { title: "" } : form });
  }

  /** Somebody's affiliation is another one, and the desk hears of it as from the room. */
  async affiliate(room: RoomJid, user: BareJid, affiliation: Affiliation): Promise<void> {
    this.rooms.change(room, user, affiliation);
    if (!isAffiliated(affiliation))
      await this.desk.stripUser(room, user, { kind: "room" }, "affiliation ended");
  }

  /** Time goes on, and what is due is gone when this resolves. */
  async pass(room: RoomJid, ms: number): Promise<void> {
    this.#clock.advance(ms);
    while (this.#isDue(room)) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#clock.advance(1_000);
    }
  }

  /** What the desk has on a room. */
  room(room: RoomJid): Omit<Room, "base"> {
    return this.desk.durableRoom(room) as Room;
  }

  async close(): Promise<void> {
    await this.desk.close();
    await rm(this.#data, { recursive: true });
  }

  #isDue(room: RoomJid): boolean {
    const now = this.desk.now().toISOString();
    return [...this.desk.durableRoom(room).expires.values()].some((expiries) =>
      [...expiries.values()].some((until) => until <= now),
    );
  }
}

/** One of several, at random. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T;
}
