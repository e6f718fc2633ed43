/** What is compared, and how work waits its turn. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { emptyRoom, type HatId } from "../../src/core/model.ts";
import { retryDelay } from "../../src/presence/timing.ts";
import {
  announcedBase,
  desiredHats,
  mergeHat,
  mergeWearer,
  settledBase,
} from "../../src/presence/picture/difference.ts";
import { hueOf } from "../../src/stanza/hue.ts";
import { WorkQueue } from "../../src/presence/reconciler/work-queue.ts";
import { MERGE_CASES, nameCase, titleIn } from "../support/merge-cases.ts";
import { settle, timingBy, turnedClock } from "../support/presence-clock.ts";

const hats = (object: Record<string, string>): Map<HatId, string> =>
  new Map(Object.entries(object) as [HatId, string][]);

const difference = suite("the difference between desk and room");

for (const merge of MERGE_CASES) {
  for (const titles of merge.scopes) {
    difference(`${nameCase(merge)}: ${merge.verdict}, where a title is the ${titles}'s`, () => {
      const [desk, noted, room] = [titleIn(merge.desk), titleIn(merge.noted), titleIn(merge.room)];
      assert.is(mergeHat({ desk, noted, room }, titles), merge.verdict);
    });
  }
}

difference("a title that differs is nothing where the room has one for a hat", () => {
  for (const merge of MERGE_CASES.filter(({ scopes }) => !scopes.includes("hat"))) {
    const same = (cell: string): string | undefined => titleIn(cell) && "A";
    const [desk, noted, room] = [same(merge.desk), same(merge.noted), same(merge.room)];
    const standing = { desk: titleIn(merge.desk), noted: titleIn(merge.noted), room: titleIn(merge.room) };
    assert.is(mergeHat(standing, "hat"), mergeHat({ desk, noted, room }, "hat"), nameCase(merge));
  }
});

difference("a wearer's hats are put in hat order: title, then URI", () => {
  const { put } = mergeWearer(hats({ b: "A", c: "Z", a: "z" }), hats({}), hats({}), "hat");
  assert.equal(
    put.map(({ id }) => id),
    ["b", "c", "a"],
  );
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

const settle3 = (
  desk: Record<string, string>,
  room: Record<string, string>,
  noted: Record<string, string>,
): Record<string, string> | undefined => {
  const standing = { desk: hats(desk), room: hats(room), noted: hats(noted) };
  const settled = settledBase(standing, hats(noted), "wearer");
  return settled && Object.fromEntries(settled);
};

difference("a base settles on what the room shows of ours", () => {
  const [desk, room] = [{ a: "A" }, { a: "A", n: "N" }];
  assert.equal(settle3(desk, room, { a: "", gone: "G" }), { a: "A" });
  assert.is(settle3(desk, room, { a: "A" }), undefined);
});

difference("a base keeps what somebody did in the room until the desk has adopted it", () => {
  assert.is(settle3({ a: "A" }, {}, { a: "A" }), undefined, "taken");
  assert.is(settle3({ a: "A" }, { a: "B" }, { a: "A" }), undefined, "retitled");
  assert.is(settle3({}, { a: "A" }, {}), undefined, "given");
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
