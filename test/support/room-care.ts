/** Whoever takes care of rooms that exist only in a test: does what it is told and says what the test says. */
import type { RoomCare, RoomShowing, RoomStanding } from "../../src/commands/room/room-care.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { FakeRooms } from "./rooms.ts";

/** A room in which nothing is missing. */
export const GOOD_STANDING: RoomStanding = {
  state: "ready",
  code: undefined,
  reason: undefined,
  rights: "owner",
  dialect: "xep-0317",
  wantsRoomHats: true,
  pending: 0,
  drift: 0,
  unshown: [],
  lastError: undefined,
};

export class FakeCare implements RoomCare {
  readonly usualNick = "hats";
  /** The rooms of the configuration, with the nick there. */
  readonly configured = new Map<string, string>();
  /** What is missing in a room. */
  readonly standings = new Map<string, Partial<RoomStanding>>();
  /** What is not shown of somebody's hats. */
  readonly showings = new Map<string, Partial<RoomShowing>>();
  /** People whose hats were changed in the room too. */
  readonly crossed = new Set<string>();
  /** Rooms that may be other ones than the desk knows. */
  readonly doubted = new Set<string>();
  /** Rooms that have a switch for hats, and whether it is on. */
  readonly switches = new Map<string, boolean>();
  /** What it was told, a line each. */
  readonly told: string[] = [];
  /** What a doubt settled the other way does before it is settled. */
  archive: (room: RoomJid) => Promise<unknown> = () => Promise.resolve();
  readonly #rooms: FakeRooms;

  constructor(rooms: FakeRooms) {
    this.#rooms = rooms;
  }

  configuredNick(room: RoomJid): string | undefined {
    return this.configured.get(room);
  }

  keep(room: RoomJid, nick: string): void {
    this.told.push(`keep ${room} ${nick}`);
    if (!this.#rooms.isKept(room)) this.#rooms.add(room);
  }

  letGo(room: RoomJid): void {
    this.told.push(`let go ${room}`);
    this.#rooms.remove(room);
  }

  isDoubted(room: RoomJid): boolean {
    return this.doubted.has(room);
  }

  async settleDoubt(room: RoomJid, isSameRoom: boolean): Promise<void> {
    this.told.push(`${room} is ${isSameRoom ? "the same" : "another"}`);
    if (!isSameRoom) await this.archive(room);
    this.doubted.delete(room);
  }

  standing(room: RoomJid): RoomStanding | undefined {
    return this.#rooms.isKept(room) ? { ...GOOD_STANDING, ...this.standings.get(room) } : undefined;
  }

  showing(_room: RoomJid, user: BareJid): RoomShowing {
    return { unshown: [], underCommonTitle: [], ...this.showings.get(user) };
  }

  tellCrossed(_room: RoomJid, users: readonly BareJid[]): readonly BareJid[] {
    return users.filter((user) => this.crossed.delete(user));
  }

  async readHatSwitch(room: RoomJid): Promise<boolean | undefined> {
    this.told.push(`look at the switch of ${room}`);
    return this.switches.get(room);
  }

  async switchHatsOn(room: RoomJid): Promise<void> {
    this.told.push(`switch on ${room}`);
    this.switches.set(room, true);
  }
}
