/** What is compared, and how work waits its turn. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { emptyRoom, type HatId } from "../../src/core/model.ts";
import { retryDelay } from "../../src/presence/timing.ts";
import { announcedBase, compareWearer, desiredHats, settledBase } from "../../src/presence/difference.ts";
import { hueOf } from "../../src/stanza/hue.ts";
import { WorkQueue } from "../../src/presence/work-queue.ts";
import { settle, timingBy, turnedClock } from "../support/presence-clock.ts";

const hats = (object: Record<string, string>): Map<HatId, string> =>
  new Map(Object.entries(object) as [HatId, string][]);

const difference = suite("the difference between desk and room");

const CASES = [
  { rule: "nothing anywhere", desired: {}, observed: {}, base: {}, put: [], take: [] },
  {
    rule: "all as it should be",
    desired: { a: "A" },
    observed: { a: "A" },
    base: { a: "A" },
    put: [],
    take: [],
  },
  { rule: "missing in the room", desired: { a: "A" }, observed: {}, base: {}, put: ["a"], take: [] },
  {
    rule: "ours and lost by the room",
    desired: { a: "A" },
    observed: {},
    base: { a: "A" },
    put: ["a"],
    take: [],
  },
  { rule: "ours and not wanted", desired: {}, observed: { a: "A" }, base: { a: "A" }, put: [], take: ["a"] },
  {
    rule: "perhaps ours and not wanted",
    desired: {},
    observed: { a: "A" },
    base: { a: "" },
    put: [],
    take: ["a"],
  },
  { rule: "ours, not wanted, gone already", desired: {}, observed: {}, base: { a: "A" }, put: [], take: [] },
  { rule: "somebody else's", desired: {}, observed: { a: "A" }, base: {}, put: [], take: [] },
  {
    rule: "somebody else's and wanted",
    desired: { a: "A" },
    observed: { a: "A" },
    base: {},
    put: [],
    take: [],
  },
  {
    rule: "in hat order: title, then URI",
    desired: { b: "A", c: "Z", a: "z" },
    observed: {},
    base: {},
    put: ["b", "c", "a"],
    take: [],
  },
] as const;

for (const { rule, desired, observed, base, put, take } of CASES) {
  difference(rule, () => {
    for (const titles of ["hat", "wearer"] as const) {
      const found = compareWearer(hats(desired), hats(observed), hats(base), titles);
      assert.equal(
        found.put.map(({ id }) => id),
        put,
      );
      assert.equal(found.take, take);
    }
  });
}

difference("another title counts only where titles belong to wearers", () => {
  const compare = (titles: "hat" | "wearer") =>
    compareWearer(hats({ a: "New" }), hats({ a: "Old" }), hats({ a: "Old" }), titles).put.length;
  assert.is(compare("hat"), 0);
  assert.is(compare("wearer"), 1);
});

difference(
  "only active hats are desired; the wearer's title goes before the room's, and that before the URI",
  () => {
    const user = "bob@example.org" as BareJid;
    const room = emptyRoom();
    const [own, rooms, bare, hidden] = ["urn:x:1", "urn:x:2", "urn:x:3", "urn:x:4"] as HatId[] as [
      HatId,
      HatId,
      HatId,
      HatId,
    ];
    for (const id of [own, rooms]) room.hats.set(id, { title: "Room's" });
    const worn = new Map([
      [own, { active: true, title: "Own" }],
      [rooms, { active: true }],
      [bare, { active: true }],
      [hidden, { active: false }],
    ]);
    room.users.set(user, { hats: worn });
    assert.equal(
      [...desiredHats(room, user)],
      [
        [own, "Own"],
        [rooms, "Room's"],
        [bare, bare],
      ],
    );
  },
);

difference("what is about to be put is announced once, and anew after it was taken", () => {
  const put = [{ id: "a" as HatId, title: "A" }];
  const nothing = hats({});
  const announced = announcedBase(hats({ b: "B" }), nothing, put);
  assert.equal(
    [...(announced ?? [])],
    [
      ["b", "B"],
      ["a", ""],
    ],
  );
  assert.is(announced && announcedBase(announced, nothing, put), undefined);
  assert.equal([...(announcedBase(hats({ a: "A" }), nothing, put) ?? [])], [["a", ""]]);
  assert.is(
    announcedBase(hats({ a: "A" }), hats({ a: "Old" }), put),
    undefined,
    "a new title of what is there",
  );
});

difference("a base settles on what the room shows of ours", () => {
  const settled = settledBase(hats({ a: "A" }), hats({ a: "A", n: "N" }), hats({ a: "", gone: "G" }), "hat");
  assert.equal([...(settled ?? [])], [["a", "A"]]);
  assert.is(settled && settledBase(hats({ a: "A" }), hats({ a: "A", n: "N" }), settled, "hat"), undefined);
});

difference.run();

const queue = suite("the work queue");

queue("a key is worked on once at a time, and once more for all that was added meanwhile", async () => {
  const runs: string[] = [];
  let release: () => void = () => undefined;
  const work = new WorkQueue<string>(
    {
      window: 4,
      async run(key) {
        runs.push(key);
        if (runs.length === 1) await new Promise<void>((resolve) => (release = resolve));
      },
      judge: () => "rest",
    },
    timingBy(turnedClock()),
  );
  for (let turn = 0; turn < 100; turn += 1) work.add("a");
  work.add("b");
  await settle();
  assert.equal(runs, ["a", "b"]);
  release();
  await settle();
  assert.equal(runs, ["a", "b", "a"]);
  assert.is(work.size, 0);
});

queue("no more than the window is worked on at the same time", async () => {
  let running = 0;
  let most = 0;
  const work = new WorkQueue<number>(
    {
      window: 3,
      async run() {
        running += 1;
        most = Math.max(most, running);
        await settle();
        running -= 1;
      },
      judge: () => "rest",
    },
    timingBy(turnedClock()),
  );
  for (let key = 0; key < 10; key += 1) work.add(key);
  while (work.size > 0) await settle();
  assert.is(most, 3);
});

queue("a stopped queue starts nothing more and wakes nobody", async () => {
  const clock = turnedClock();
  let runs = 0;
  const work = new WorkQueue<string>(
    {
      window: 1,
      async run() {
        runs += 1;
        throw new Error("no");
      },
      judge: () => "retry",
    },
    timingBy(clock),
  );
  work.add("a");
  await settle();
  work.stop();
  work.add("b");
  await clock.advance(1_000_000);
  assert.is(runs, 1);
  assert.is(clock.nextDue, undefined);
});

queue("waits double from one second to five minutes, less at most half", () => {
  const waits = [1, 2, 3, 9, 10, 1000].map((failures) => retryDelay(failures, () => 1));
  assert.equal(waits, [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  assert.is(
    retryDelay(1, () => 0),
    500,
  );
});

queue.run();

const hue = suite("hues");

hue("a hue comes from the text as XEP-0392 says", () => {
  // XEP-0392, section 13.2: test vectors.
  for (const [text, angle] of [
    ["Romeo", 327.255249],
    ["juliet@capulet.lit", 209.4104],
    ["😺", 331.199341],
    ["council", 359.994507],
    ["Board", 171.430664],
  ] as const) {
    assert.is(hueOf(text), angle);
  }
});

hue.run();
