/** Whatever becomes of the date, of the store and of the program: no hat too early by more than the date was off, none forgotten. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ExpiresChange } from "../../src/core/change.ts";
import { momentAt } from "../../src/core/expiry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Expiries, HatId } from "../../src/core/model.ts";
import { CHECK_MS, DueTimes } from "../../src/desk/due-times.ts";
import { ManualClock } from "../support/manual-clock.ts";

const ROOMS = ["a@rooms.example.org", "b@rooms.example.org"] as RoomJid[];
const HAT = "urn:x:hat" as HatId;
const START = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;

type Event =
  | { readonly kind: "give"; readonly who: number; readonly room: number; readonly forMs: number }
  | { readonly kind: "pass" | "jump" | "sleep"; readonly ms: number }
  | { readonly kind: "outage"; readonly isOver: boolean }
  | { readonly kind: "restart" };

const MS = fc.integer({ min: 1, max: 200 * MINUTE });

const EVENT: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("give" as const), who: fc.nat(4), room: fc.nat(1), forMs: MS }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("pass" as const, "sleep" as const), ms: MS }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("jump" as const),
      ms: fc.integer({ min: -300 * MINUTE, max: 300 * MINUTE }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("outage" as const), isOver: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

/* True time, which nobody sees, and a date that is off by as much as it was set. */
class World {
  readonly rooms = new Map(ROOMS.map((room) => [room, { expires: new Map<BareJid, Expiries>() }]));
  readonly faults: string[] = [];
  trueMs = START;
  offMs = 0;
  #clock = new ManualClock();
  #isWritable = true;
  #times = this.#open();

  async play(event: Event): Promise<void> {
    if (event.kind === "give") this.#give(event);
    else if (event.kind === "outage") this.#isWritable = event.isOver;
    else if (event.kind === "jump") this.offMs += event.ms;
    else if (event.kind === "pass") await this.#pass(event.ms);
    else if (event.kind === "sleep") this.trueMs += event.ms;
    else await this.#restart();
  }

  /** Ends the outage, and lets as much time pass as anybody was given, and as the date was ever put back. */
  async end(): Promise<void> {
    this.#isWritable = true;
    this.offMs = Math.max(this.offMs, 0);
    await this.#pass(600 * MINUTE);
    for (let more = 0; more < 40; more += 1) await this.#pass(300 * MINUTE);
    await this.#times.stop();
  }

  get left(): number {
    return [...this.rooms.values()].reduce((sum, { expires }) => sum + expires.size, 0);
  }

  #open(): DueTimes {
    return new DueTimes({
      clock: this.#clock,
      now: () => new Date(this.trueMs + this.offMs),
      log: { info() {}, warn() {}, error() {} },
      rooms: () => this.rooms,
      lapse: async (room, users) => {
        await Promise.resolve();
        if (!this.#isWritable) throw new Error("the disk is full");
        for (const user of users) this.#take(room, user);
      },
    });
  }

  #take(room: RoomJid, user: BareJid): void {
    const until = this.rooms.get(room)?.expires.get(user)?.get(HAT);
    if (until === undefined) return void this.faults.push(`${user} has nothing to lapse`);
    const earlyMs = Date.parse(until) - this.trueMs;
    if (earlyMs > Math.max(this.offMs, 0)) this.faults.push(`${user} ${earlyMs} ms early`);
    this.#put(room, user, undefined);
  }

  #give({ who, room, forMs }: Event & { readonly kind: "give" }): void {
    const due = this.trueMs + this.offMs + forMs;
    this.#put(ROOMS[room]!, `u${who}@example.org` as BareJid, new Map([[HAT, momentAt(due)]]));
  }

  #put(room: RoomJid, user: BareJid, after: Expiries | undefined): void {
    const { expires } = this.rooms.get(room)!;
    if (after === undefined) expires.delete(user);
    else expires.set(user, after);
    const change: ExpiresChange = { kind: "expires", room, user, before: undefined, after };
    this.#times.note([change]);
  }

  async #pass(ms: number): Promise<void> {
    this.trueMs += ms;
    this.#clock.advance(Math.min(ms, CHECK_MS));
    await rest();
    this.#clock.advance(CHECK_MS);
    await rest();
  }

  async #restart(): Promise<void> {
    await this.#times.stop();
    this.#clock = new ManualClock();
    this.#times = this.#open();
  }
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
}

const due = suite("due times, by chance");

due("no hat is taken early by more than the date is off, none twice, and none is forgotten", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(EVENT, { maxLength: 60 }), async (events) => {
      const world = new World();
      for (const event of events) await world.play(event);
      await world.end();
      assert.equal(world.faults, []);
      assert.is(world.left, 0);
    }),
    { numRuns: 400 },
  );
});

due.run();
