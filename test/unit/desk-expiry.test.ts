/** Hats that lapse, from the call that says so to the event that tells it, over restarts too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HatId } from "../../src/core/model.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { ChangeEvent, Desk } from "../../src/desk/desk.ts";
import { CHECK_MS } from "../../src/desk/due-times.ts";
import type { Until } from "../../src/desk/library.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { within } from "../support/deadline.ts";
import { ManualClock } from "../support/manual-clock.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const BOB = "bob@example.org" as BareJid;
const ANN = "ann@example.org";
const TEACHER = "https://example.org/hats/teacher";
const HELPER = "urn:x:helper";
const START = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;

interface Scene {
  readonly data: string;
  readonly clock: ManualClock;
  dateMs: number;
  isKept: boolean;
  desk: Desk;
  readonly events: ChangeEvent[];
  readonly heard: (() => void)[];
}

const lapsing = suite<Scene>("hats that lapse");

lapsing.before.each(async (scene) => {
  Object.assign(scene, {
    data: mkdtempSync(join(tmpdir(), "milliner-expiry-")),
    clock: new ManualClock(),
    dateMs: START,
    isKept: true,
    events: [],
    heard: [],
  });
  await open(scene);
});

lapsing.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

async function open(scene: Scene): Promise<void> {
  scene.desk = await openDesk({
    data: scene.data,
    affiliations: { isKept: () => scene.isKept, affiliation: async () => "member" },
    clock: scene.clock,
    now: () => new Date(scene.dateMs),
  });
  scene.desk.on("change", (event) => {
    scene.events.push(event);
    for (const heard of scene.heard.splice(0)) heard();
  });
}

function pass(scene: Scene, ms: number): void {
  scene.dateMs += ms;
  scene.clock.advance(ms);
}

function untilHeard(scene: Scene): Promise<void> {
  return within(new Promise((resolve) => scene.heard.push(resolve)), "a change");
}

function at(ms: number): Date {
  return new Date(START + ms);
}

lapsing("lapse at their time, told as the desk's own change", async (scene) => {
  await scene.desk.addUserHat(BOB, TEAM, TEACHER, { active: true }, { expires: at(HOUR) });
  assert.equal(scene.desk.userExpiries(BOB, TEAM), { [TEACHER]: at(HOUR) });
  const lapsed = untilHeard(scene);
  pass(scene, HOUR);
  await lapsed;
  assert.equal(scene.desk.userHats(BOB, TEAM), {});
  assert.equal(scene.desk.userExpiries(BOB, TEAM), {});
  const { seq, at: moment, author, command, changes } = scene.events[1]!;
  assert.equal([seq, moment, author, command], [2, at(HOUR).toISOString(), { kind: "desk" }, undefined]);
  assert.equal(
    changes.map(({ kind }) => kind),
    ["user", "expires"],
  );
});

lapsing("of several people lapse in one change", async (scene) => {
  for (const user of [BOB, ANN]) {
    await scene.desk.addUserHat(user, TEAM, TEACHER, {}, { expires: at(HOUR) });
  }
  const lapsed = untilHeard(scene);
  pass(scene, HOUR);
  await lapsed;
  assert.is(scene.events.length, 3);
  assert.equal(scene.desk.roomHats(TEAM).users, {});
});

lapsing("lapse at their time after a restart", async (scene) => {
  await scene.desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: at(HOUR) });
  await scene.desk.close();
  await open(scene);
  assert.equal(scene.desk.userExpiries(BOB, TEAM), { [TEACHER]: at(HOUR) });
  const lapsed = untilHeard(scene);
  pass(scene, HOUR);
  await lapsed;
  assert.equal(scene.desk.userHats(BOB, TEAM), {});
});

lapsing(
  "that fell due meanwhile lapse at the start, and whoever opened the desk hears of it",
  async (scene) => {
    await scene.desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: at(HOUR) });
    await scene.desk.close();
    scene.dateMs += 2 * HOUR;
    await open(scene);
    const lapsed = untilHeard(scene);
    scene.clock.advance(0);
    await lapsed;
    assert.equal(scene.desk.userHats(BOB, TEAM), {});
    assert.is(scene.events.at(-1)?.at, at(2 * HOUR).toISOString());
  },
);

lapsing("lapse in rooms that are not kept now, too", async (scene) => {
  await scene.desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: at(HOUR) });
  scene.isKept = false;
  const lapsed = untilHeard(scene);
  pass(scene, HOUR);
  await lapsed;
  assert.is(scene.desk.durableRoom(TEAM).users.size, 0);
});

lapsing("are given for as long as they usually are, unless something is said", async (scene) => {
  const { desk } = scene;
  await desk.transact({ room: TEAM, users: [], author: { kind: "program" } }, () => [
    { kind: "hat", room: TEAM, hat: HELPER as HatId, before: undefined, after: { defaultExpires: 60 } },
  ]);
  await desk.addUserHat(BOB, TEAM, HELPER);
  await desk.addUserHat(ANN, TEAM, HELPER, {}, { expires: "never" });
  await desk.setUserHats("carol@example.org", TEAM, { [HELPER]: {}, [TEACHER]: {} });
  assert.equal(desk.userExpiries(BOB, TEAM), { [HELPER]: at(60_000) });
  assert.equal(desk.userExpiries(ANN, TEAM), {});
  assert.equal(desk.userExpiries("carol@example.org", TEAM), { [HELPER]: at(60_000) });
});

lapsing("are set each with its own time", async ({ desk }) => {
  const hats = { [HELPER]: {}, [TEACHER]: {} };
  await desk.setUserHats(BOB, TEAM, hats, { expires: { [TEACHER]: at(HOUR) } });
  assert.equal(desk.userExpiries(BOB, TEAM), { [TEACHER]: at(HOUR) });
  assert.equal(await desk.setUserHats(BOB, TEAM, hats), { changed: false });
  const never = { expires: { [TEACHER]: "never" } } as const;
  assert.equal(await desk.setUserHats(BOB, TEAM, hats, never), { changed: true });
  assert.equal(desk.userExpiries(BOB, TEAM), {});
});

const BAD: readonly [unknown, string][] = [
  [at(0), "expires: not in the future, as 90m, 7d or P1DT2H would be"],
  [new Date(Number.NaN), "expires: not in the future, as 90m, 7d or P1DT2H would be"],
  [at(101 * 366 * 24 * HOUR), "expires: more than 100 years ahead; never means until it is taken"],
  ["7d", "expires: neither a date nor never"],
];

for (const [expires, text] of BAD) {
  lapsing(`are refused, and nothing changes: ${text}, of ${String(expires)}`, async ({ desk }) => {
    const error = await desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: expires as Until }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.is((error as Error).message, text);
    assert.equal(desk.userHats(BOB, TEAM), {});
  });
}

lapsing("that are extended lapse at the later time only", async (scene) => {
  await scene.desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: at(HOUR) });
  await scene.desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: at(2 * HOUR) });
  const lookedAgain = scene.clock.untilAsked(CHECK_MS);
  pass(scene, HOUR);
  await lookedAgain;
  assert.equal(Object.keys(scene.desk.userHats(BOB, TEAM)), [TEACHER]);
  const lapsed = untilHeard(scene);
  pass(scene, HOUR);
  await lapsed;
  assert.equal(scene.desk.userHats(BOB, TEAM), {});
});

lapsing("are not waited for once the desk is closed", async (scene) => {
  await scene.desk.addUserHat(BOB, TEAM, TEACHER, {}, { expires: at(HOUR) });
  await scene.desk.close();
  assert.is(scene.clock.waiting, 0);
});

lapsing.run();
