/** When the desk looks for hats whose time is over, and what it does where it cannot take them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ExpiresChange } from "../../src/core/change.ts";
import { momentAt } from "../../src/core/expiry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Expiries, HatId } from "../../src/core/model.ts";
import { CHECK_MS, DueTimes, MAX_LAPSING } from "../../src/desk/due-times.ts";
import { ManualClock } from "../support/manual-clock.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const OTHER = "other@rooms.example.org" as RoomJid;
const HAT = "urn:x:hat" as HatId;
const START = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;

/* A store of times, a timer and a date, each by itself; lapsing takes effect at once. */
class World {
  readonly clock = new ManualClock();
  dateMs = START;
  isWritable = true;
  afterLapse = () => undefined as void;
  /** What the disk takes for each change. */
  untilWritten: Promise<void> = Promise.resolve();
  readonly rooms = new Map<RoomJid, { expires: Map<BareJid, Expiries> }>();
  readonly lapsed: string[] = [];
  readonly warnings: string[] = [];
  times!: DueTimes;

  open(): this {
    this.times = new DueTimes({
      clock: this.clock,
      now: () => new Date(this.dateMs),
      log: { info() {}, error() {}, warn: (_fields, message) => this.warnings.push(message) },
      rooms: () => this.rooms,
      lapse: async (room, users, now) => {
        await this.untilWritten;
        if (!this.isWritable) throw new Error("the disk is full");
        const isDue = (user: BareJid) =>
          (this.rooms.get(room)?.expires.get(user)?.get(HAT) ?? "") <= now.toISOString();
        const due = users.filter(isDue);
        this.lapsed.push(`${room.split("@")[0]}: ${due.map((user) => user.split("@")[0]).join()}`);
        for (const user of due) this.times.note([this.put(user, undefined, room)]);
        this.afterLapse();
      },
    });
    return this;
  }

  /** Sets when somebody's hat lapses, in milliseconds from the start, without telling anybody. */
  put(name: string, dueMs: number | undefined, room = TEAM): ExpiresChange {
    const user = (name.includes("@") ? name : `${name}@example.org`) as BareJid;
    const after = dueMs === undefined ? undefined : new Map([[HAT, momentAt(START + dueMs)]]);
    const { expires } = this.rooms.get(room) ?? { expires: new Map<BareJid, Expiries>() };
    this.rooms.set(room, { expires });
    if (after === undefined) expires.delete(user);
    else expires.set(user, after);
    return { kind: "expires", room, user, before: undefined, after };
  }

  give(name: string, dueMs: number, room = TEAM): void {
    this.times.note([this.put(name, dueMs, room)]);
  }

  /** Lets time pass as it should, a minute at a time. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= CHECK_MS) {
      const step = Math.min(left, CHECK_MS);
      this.dateMs += step;
      this.clock.advance(step);
      await rest();
    }
  }
}

/* What was set off comes to rest; nothing here waits for a timer. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
}

const due = suite("due times");

due("a hat lapses at its time, once", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  await world.pass(HOUR - 1);
  assert.equal(world.lapsed, []);
  await world.pass(1);
  assert.equal(world.lapsed, ["team: bob"]);
  await world.pass(HOUR);
  assert.equal(world.lapsed, ["team: bob"]);
  assert.is(world.clock.waiting, 0);
});

due("a date that is put back while hats lapse takes none of them back", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.give("carol", HOUR, OTHER);
  world.afterLapse = () => {
    world.dateMs -= HOUR;
    world.afterLapse = () => undefined;
  };
  await world.pass(HOUR);
  assert.equal(world.lapsed.toSorted(), ["other: carol", "team: bob"]);
});

due("whoever is due at one time in one room lapses together, each room by itself", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.give("carol", HOUR);
  world.give("dave", HOUR, OTHER);
  world.give("erin", HOUR + 1);
  await world.pass(HOUR);
  assert.equal(world.lapsed.toSorted(), ["other: dave", "team: bob,carol"]);
});

due("who is due soon after somebody else waits no longer for that", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.give("carol", HOUR + 1_000);
  await world.pass(HOUR);
  await world.pass(1_000);
  assert.equal(world.lapsed, ["team: bob", "team: carol"]);
});

due("no more lapse in one transaction than fit a record", async () => {
  const world = new World().open();
  const changes = Array.from({ length: 2 * MAX_LAPSING + 1 }, (_, index) => world.put(`u${index}`, HOUR));
  world.times.note(changes);
  await world.pass(HOUR);
  assert.equal(
    world.lapsed.map((line) => line.split(",").length),
    [MAX_LAPSING, MAX_LAPSING, 1],
  );
});

due("a backlog is taken in parts, so that it stops nothing else, and all of it", async () => {
  const world = new World();
  const count = 25_000;
  for (let index = 0; index < count; index += 1) world.put(`u${index}`, index % 7, index % 2 ? TEAM : OTHER);
  world.open();
  world.dateMs += HOUR;
  world.clock.advance(CHECK_MS);
  await world.times.stop();
  const stoppedAfter = world.lapsed.length;
  assert.ok(stoppedAfter <= 1, "whoever stops it waits for one transaction only");
  world.open().clock.advance(CHECK_MS);
  while (world.rooms.get(TEAM)?.expires.size || world.rooms.get(OTHER)?.expires.size) await rest();
  assert.ok(world.lapsed.length < 40);
});

due("what fell due while nobody watched is taken at once", async () => {
  const world = new World();
  world.put("bob", -HOUR);
  world.put("carol", HOUR);
  world.open().clock.advance(0);
  await rest();
  assert.equal(world.lapsed, ["team: bob"]);
});

due("only the time that holds counts", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.give("bob", 3 * HOUR);
  world.give("carol", 3 * HOUR);
  world.give("carol", HOUR);
  world.give("dave", HOUR);
  world.times.note([world.put("dave", undefined)]);
  await world.pass(2 * HOUR);
  assert.equal(world.lapsed, ["team: carol"]);
  await world.pass(HOUR);
  assert.equal(world.lapsed, ["team: carol", "team: bob"]);
});

due("nobody waits where nothing lapses, nor longer than a minute where something does", async () => {
  const world = new World().open();
  assert.is(world.clock.waiting, 0);
  world.give("bob", 100 * 365 * 24 * HOUR);
  assert.is(world.clock.nextMs, CHECK_MS);
  world.clock.advance(CHECK_MS);
  await rest();
  assert.is(world.clock.nextMs, CHECK_MS);
  world.give("carol", 1_000);
  assert.is(world.clock.nextMs, 1_000);
  world.give("dave", 2_000);
  assert.is(world.clock.nextMs, 1_000);
  assert.is(world.clock.waiting, 1);
});

due("a date put forward takes a hat early by no more than that", async () => {
  const world = new World().open();
  world.give("bob", 3 * HOUR);
  world.dateMs += HOUR;
  await world.pass(2 * HOUR - 1);
  assert.equal(world.lapsed, []);
  await world.pass(1);
  assert.equal(world.lapsed, ["team: bob"]);
});

due("a date put forward is seen within a minute", async () => {
  const world = new World().open();
  world.give("bob", 365 * 24 * HOUR);
  world.dateMs += 366 * 24 * HOUR;
  await world.pass(CHECK_MS);
  assert.equal(world.lapsed, ["team: bob"]);
});

due("a date put back delays a hat and forgets none", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.dateMs -= 24 * HOUR;
  await world.pass(24 * HOUR);
  assert.equal(world.lapsed, []);
  await world.pass(HOUR);
  assert.equal(world.lapsed, ["team: bob"]);
});

due("a date put forward and back again changes nothing", async () => {
  const world = new World().open();
  world.give("bob", 2 * HOUR);
  world.dateMs += HOUR;
  await world.pass(CHECK_MS);
  world.dateMs -= HOUR;
  await world.pass(2 * HOUR - CHECK_MS - 1);
  assert.equal(world.lapsed, []);
  await world.pass(1);
  assert.equal(world.lapsed, ["team: bob"]);
});

due("after a sleep in which no timer ran, what is due is taken within a minute", async () => {
  const world = new World().open();
  world.give("bob", 8 * HOUR);
  world.clock.advance(CHECK_MS / 2);
  world.dateMs += 24 * HOUR;
  world.clock.advance(CHECK_MS);
  await rest();
  assert.equal(world.lapsed, ["team: bob"]);
});

due("what could not be taken is tried again a minute later, not sooner", async () => {
  const world = new World().open();
  for (let index = 0; index <= MAX_LAPSING; index += 1) world.put(`u${index}`, HOUR);
  world.put("dave", HOUR, OTHER);
  world.open();
  world.isWritable = false;
  await world.pass(HOUR);
  world.isWritable = true;
  assert.is(world.warnings.length, 1);
  await world.pass(CHECK_MS - 1);
  assert.equal(world.lapsed, []);
  await world.pass(1);
  assert.is(world.lapsed.length, 3);
  assert.is(world.rooms.get(TEAM)?.expires.size, 0);
});

due("a failure does not keep what falls due next from being taken in time", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.isWritable = false;
  await world.pass(HOUR);
  world.isWritable = true;
  world.give("carol", HOUR + 1_000);
  await world.pass(CHECK_MS);
  assert.equal(world.lapsed, ["team: bob,carol"]);
});

due("nothing is taken any more once it is stopped", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  await world.times.stop();
  assert.is(world.clock.waiting, 0);
  world.give("carol", 1);
  await world.pass(HOUR);
  assert.equal(world.lapsed, []);
});

due("to stop is to wait for what is being taken", async () => {
  const world = new World().open();
  world.give("bob", HOUR);
  world.give("carol", 2 * HOUR);
  world.dateMs += HOUR;
  let write = () => undefined as void;
  world.untilWritten = new Promise((resolve) => (write = resolve));
  world.clock.advance(CHECK_MS);
  let hasStopped = false;
  const stopped = world.times.stop().then(() => (hasStopped = true));
  await rest();
  assert.not.ok(hasStopped);
  write();
  await stopped;
  assert.equal(world.lapsed, ["team: bob"]);
  assert.is(world.clock.waiting, 0, "and nothing wakes any more");
});

due("somebody whose time is moved again and again leaves no more than so many behind", () => {
  const world = new World().open();
  for (let index = 0; index < 10_000; index += 1) world.give("bob", HOUR + index);
  assert.ok(world.times.waiting < 2_000);
});

due("somebody whom a store names without any time keeps nobody else waiting", async () => {
  const world = new World();
  world.rooms.set(TEAM, { expires: new Map([["alice@example.org" as BareJid, new Map()]]) });
  world.put("bob", HOUR);
  world.open();
  await world.pass(HOUR);
  assert.equal(world.lapsed, ["team: bob"]);
});

due.run();
