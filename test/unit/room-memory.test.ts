/** What the bot remembers of rooms, and how it knows them again. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OperatorError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { recognise, type RoomMark } from "../../src/xmpp/muc/room-memory.ts";
import { openRoomMemory } from "../../src/xmpp/muc/room-memory-file.ts";
import { untilTrue } from "../support/deadline.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { TEAM } from "../support/room-stage.ts";

const test = suite("the memory of rooms");
const KNOWN: RoomMark = { ownId: "a", ownAffiliation: "owner" };
const NAMELESS: RoomMark = { ownId: undefined, ownAffiliation: "owner" };
let folder: string;

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "milliner-rooms-"));
});
test.after.each(() => rmSync(folder, { recursive: true }));

const verdicts: readonly (readonly [
  rule: string,
  before: RoomMark | undefined,
  now: RoomMark,
  verdict: string,
])[] = [
  ["a room never seen is new", undefined, KNOWN, "new"],
  ["the same occupant-id is the same room", KNOWN, KNOWN, "same"],
  [
    "the same occupant-id is the same room whatever the bot is there",
    KNOWN,
    { ...KNOWN, ownAffiliation: "none" },
    "same",
  ],
  ["another occupant-id is another room", KNOWN, { ...KNOWN, ownId: "b" }, "recreated"],
  ["a room that was missing is the same by its occupant-id", { ...KNOWN, wasMissing: true }, KNOWN, "same"],
  [
    "a room that was missing is another one without",
    { ...NAMELESS, wasMissing: true },
    NAMELESS,
    "recreated",
  ],
  ["without occupant-ids nothing is sure", NAMELESS, NAMELESS, "unsure"],
  ["a room that gives occupant-ids only now is not sure", NAMELESS, KNOWN, "unsure"],
  [
    "an affiliation lost unheard is reason for doubt",
    NAMELESS,
    { ...NAMELESS, ownAffiliation: "none" },
    "forgotten",
  ],
  ["a room that is gone for good is never the same", { ...KNOWN, replaced: "destroyed" }, KNOWN, "destroyed"],
  ["a room that is in doubt stays so", { ...NAMELESS, isDoubted: true }, NAMELESS, "forgotten"],
];

for (const [rule, before, now, verdict] of verdicts)
  test(rule, () => {
    assert.is(recognise(before, now), verdict);
  });

test("what is kept is there after a restart", async () => {
  const path = join(folder, "rooms.json");
  const first = openRoomMemory(path, silentLog);
  assert.is(first.recall(TEAM), undefined);
  first.keep(TEAM, NAMELESS);
  first.keep(TEAM, { ...KNOWN, replaced: "recreated" });
  await first.flush();
  const second = openRoomMemory(path, silentLog);
  assert.equal(second.recall(TEAM), { ...KNOWN, replaced: "recreated" });
  second.keep(TEAM, undefined);
  await second.flush();
  assert.is(openRoomMemory(path, silentLog).recall(TEAM), undefined);
});

test("what is known already is not written again", async () => {
  const path = join(folder, "rooms.json");
  const memory = openRoomMemory(path, silentLog);
  memory.keep(TEAM, KNOWN);
  await memory.flush();
  rmSync(path);
  memory.keep(TEAM, { ...KNOWN });
  await memory.flush();
  assert.throws(() => readFileSync(path));
});

for (const text of [
  "",
  "null",
  "[]",
  "{",
  `{"version":2,"rooms":{}}`,
  `{"version":1,"rooms":{"a@b":{"ownAffiliation":"king"}}}`,
])
  test(`a file that holds ${text === "" ? "nothing" : text} is refused by name and left as it is`, () => {
    const path = join(folder, "rooms.json");
    writeFileSync(path, text);
    try {
      openRoomMemory(path, silentLog);
      assert.unreachable("it was taken");
    } catch (error) {
      assert.instance(error, OperatorError);
      assert.match((error as OperatorError).message, path);
    }
    assert.is(readFileSync(path, "utf8"), text);
  });

test("what cannot be written is tried again, by itself and whenever somebody wants to be sure", async () => {
  const path = join(folder, "rooms.json");
  const clock = new ManualClock();
  const memory = openRoomMemory(path, silentLog, clock);
  mkdirSync(`${path}.new`);
  memory.keep(TEAM, KNOWN);
  assert.is(await memory.flush(), false);
  assert.is(await memory.flush(), false);
  rmdirSync(`${path}.new`);
  clock.advance(10_000);
  await untilTrue(() => existsSync(path), "the file");
  assert.is(await memory.flush(), true);
  assert.equal(openRoomMemory(path, silentLog).recall(TEAM), KNOWN);
  mkdirSync(`${path}.new`);
  memory.keep(TEAM, NAMELESS);
  assert.is(await memory.flush(), false);
  rmdirSync(`${path}.new`);
  assert.is(await memory.flush(), true);
  assert.equal(openRoomMemory(path, silentLog).recall(TEAM), NAMELESS);
  assert.is(clock.waiting, 0);
});

test("a memory that is closed does not try again", async () => {
  const path = join(folder, "rooms.json");
  const clock = new ManualClock();
  const memory = openRoomMemory(path, silentLog, clock);
  mkdirSync(`${path}.new`);
  memory.keep(TEAM, KNOWN);
  assert.is(await memory.close(), false);
  assert.is(clock.waiting, 0);
});

test("a memory that cannot be written does not stop the bot", async () => {
  let warned = 0;
  const memory = openRoomMemory(join(folder, "missing", "rooms.json"), {
    ...silentLog,
    warn: () => (warned += 1),
  });
  memory.keep(TEAM, KNOWN);
  assert.is(await memory.close(), false);
  assert.ok(warned > 0);
  assert.equal(memory.recall(TEAM), KNOWN);
});

test.run();
