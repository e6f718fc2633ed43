/** Hats of those whose affiliation ended: taken off on the room's word, whatever else is under way. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { defineHat } from "../../src/core/catalogue.ts";
import { HatsError } from "../../src/core/errors.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { addUserHat } from "../../src/core/hats.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import { emptyRoom, type Grant, type HatId } from "../../src/core/model.ts";
import { type Desk, openDesk } from "../../src/index.ts";
import { followAffiliations } from "../../src/xmpp/muc/lost-affiliations.ts";
import type { Rooms } from "../../src/xmpp/muc/rooms.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import {
  calm,
  noticeOf,
  openRoom,
  openStage,
  passTime,
  person,
  type Stage,
  TEAM,
} from "../support/room-stage.ts";

const TEACHER = "https://example.org/hats/teacher";
const BOB = person("bob");
const BOB_ALONE: Grant = { users: [BOB], members: false };

interface Context {
  data: string;
  stage: Stage;
  desk: Desk;
}

/* Goes on until nobody has a hat any more, or for two seconds. */
async function untilBare(desk: Desk): Promise<void> {
  const deadline = performance.now() + 2_000;
  while (desk.durableRoom(TEAM).users.size > 0 && performance.now() < deadline)
    await new Promise(setImmediate);
}

const lost = suite<Context>("a lost affiliation");
lost.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-lost-"));
  const script = openRoom();
  context.stage = await openStage({ room: { ...script, lists: { ...script.lists, member: [BOB] } } });
  context.desk = await openDesk({ data: context.data, affiliations: context.stage.rooms });
  followAffiliations({
    rooms: context.stage.rooms,
    desk: context.desk,
    log: silentLog,
    clock: context.stage.clock,
    random: () => 0,
  });
});
lost.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

lost("takes the hats off", async ({ stage, desk }) => {
  await desk.addUserHat(BOB, TEAM, TEACHER);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await untilBare(desk);
  assert.equal(desk.userHats(BOB, TEAM), {});
});

lost("takes off also a hat that is decided and not durable yet", async ({ stage, desk }) => {
  await desk.transact({ room: TEAM, users: [BOB], author: { kind: "program" } }, (view) => {
    queueMicrotask(() => stage.stream.deliver(noticeOf({ [BOB]: "outcast" })));
    return addUserHat(view, BOB, TEAM, TEACHER);
  });
  await untilBare(desk);
  assert.equal(desk.userHats(BOB, TEAM), {});
});

/* Goes on until nothing is delegated any more, or for two seconds. */
async function untilNobodyMayGive(desk: Desk): Promise<void> {
  const deadline = performance.now() + 2_000;
  while (desk.durableRoom(TEAM).grants.size > 0 && performance.now() < deadline)
    await new Promise(setImmediate);
}

async function delegateToBob(desk: Desk): Promise<void> {
  await desk.transact({ room: TEAM, users: [BOB], author: { kind: "program" } }, (view) => [
    ...defineHat(view, TEAM, TEACHER as HatId, { title: "Teacher" }, DEFAULT_LIMITS),
    { kind: "grant", room: TEAM, hat: TEACHER as HatId, before: undefined, after: BOB_ALONE },
  ]);
}

lost("ends what was delegated, so that it does not come back with the person", async ({ stage, desk }) => {
  await delegateToBob(desk);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await untilNobodyMayGive(desk);
  assert.is(desk.durableRoom(TEAM).grants.size, 0);
  assert.is(desk.durableRoom(TEAM).hats.size, 1);
});

lost("ends what was delegated also where only the lists tell", async ({ stage, desk }) => {
  await delegateToBob(desk);
  stage.stream.goOffline(false);
  stage.room.lists.member = [];
  stage.stream.goOnline();
  await untilNobodyMayGive(desk);
  assert.is(desk.durableRoom(TEAM).grants.size, 0);
});

/* The rooms of the stage over a desk that can be made to refuse, where bob has hats. */
function refusingDesk(rooms: Rooms, clock: ManualClock) {
  const desk = {
    refuses: true,
    stripped: [] as string[],
    hats: [TEACHER],
    grants: new Map<HatId, Grant>(),
    durableRoom() {
      const hats = new Map(desk.hats.map((hat) => [hat as HatId, {}]));
      return { ...emptyRoom(), users: new Map([[BOB, { hats }]]), grants: desk.grants };
    },
    async stripUser(_room: unknown, user: string) {
      desk.stripped.push(user);
      if (desk.refuses) throw new HatsError("store-unwritable");
      return { changes: [], seq: undefined };
    },
  };
  followAffiliations({ rooms, desk, log: silentLog, clock, random: () => 0 });
  return desk;
}

lost("is tried again where the store could not be written", async ({ stage }) => {
  const desk = refusingDesk(stage.rooms, stage.clock);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  await passTime(stage.clock, 2500);
  desk.refuses = false;
  await passTime(stage.clock, 5000);
  assert.is(desk.stripped.length, 3);
  await passTime(stage.clock, 600_000, 60_000);
  assert.is(desk.stripped.length, 3);
});

lost("is tried again at once, and then later, when the person is affiliated again", async ({ stage }) => {
  const desk = refusingDesk(stage.rooms, stage.clock);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  stage.stream.deliver(noticeOf({ [BOB]: "member" }));
  await calm();
  assert.is(desk.stripped.length, 2);
  desk.refuses = false;
  await passTime(stage.clock, 10_000);
  assert.is(desk.stripped.length, 3);
  await passTime(stage.clock, 600_000, 60_000);
  assert.is(desk.stripped.length, 3);
});

lost("takes nothing from who is affiliated again and was given another hat since", async ({ stage }) => {
  const desk = refusingDesk(stage.rooms, stage.clock);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  stage.stream.deliver(noticeOf({ [BOB]: "member" }));
  await calm();
  desk.hats.push("urn:x:new");
  await passTime(stage.clock, 600_000, 60_000);
  assert.is(desk.stripped.length, 2);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  assert.is(desk.stripped.length, 3, "what they have now ends with the next loss");
  await passTime(stage.clock, 10_000);
  assert.ok(desk.stripped.length > 3, "and is tried again");
});

lost("takes nothing from who is affiliated again and may give another hat since", async ({ stage }) => {
  const desk = refusingDesk(stage.rooms, stage.clock);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  stage.stream.deliver(noticeOf({ [BOB]: "member" }));
  await calm();
  desk.grants.set(TEACHER as HatId, BOB_ALONE);
  await passTime(stage.clock, 600_000, 60_000);
  assert.is(desk.stripped.length, 2);
});

lost("is not tried again once nobody follows, also where a try was under way then", async ({ stage }) => {
  let refuse: (reason: Error) => void = () => undefined;
  let tries = 0;
  const stripUser = (): Promise<never> => {
    tries += 1;
    return new Promise((_, reject) => (refuse = reject));
  };
  const desk = { durableRoom: () => emptyRoom(), stripUser };
  const { rooms, clock } = stage;
  const stop = followAffiliations({ rooms, desk, log: silentLog, clock, random: () => 0 });
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  stop();
  refuse(new HatsError("store-unwritable"));
  await passTime(clock, 600_000, 60_000);
  assert.is(tries, 1);
});

lost("is not tried again in a room that is kept no more", async ({ stage }) => {
  const desk = refusingDesk(stage.rooms, stage.clock);
  stage.stream.deliver(noticeOf({ [BOB]: "none" }));
  await calm();
  stage.rooms.remove(TEAM);
  await passTime(stage.clock, 600_000, 60_000);
  assert.is(desk.stripped.length, 1);
});

lost(
  "is found on the complete lists of the same room when it happened while the bot was away",
  async ({ stage, desk }) => {
    await desk.addUserHat(BOB, TEAM, TEACHER);
    stage.stream.goOffline(false);
    stage.room.lists.member = [];
    stage.stream.goOnline();
    await untilBare(desk);
    assert.equal(desk.userHats(BOB, TEAM), {});
  },
);

/* COMPAT: Prosody shows an admin all lists but that of the owners. */
lost("is found on a list of outcasts also where the bot may not read all lists", async ({ stage, desk }) => {
  const carol = person("carol");
  const dora = "dora@banned.example" as BareJid;
  stage.room.own.affiliation = "admin";
  stage.room.lists = { admin: [], member: [BOB, carol, dora], outcast: [] };
  stage.stream.goOffline(false);
  stage.stream.goOnline();
  await calm();
  await desk.addUserHat(BOB, TEAM, TEACHER);
  for (const user of [carol, dora]) await desk.addUserHat(user, TEAM, TEACHER);
  stage.stream.goOffline(false);
  stage.room.lists = { admin: [], member: [], outcast: [BOB, "banned.example"] };
  stage.stream.goOnline();
  await calm();
  await desk.stripUser(TEAM, person("nobody"), { kind: "program" });
  assert.equal([...desk.durableRoom(TEAM).users.keys()], [carol, dora], "who is on no list may be an owner");
});

lost(
  "is not found on the lists of another room, whose people are not those of before",
  async ({ stage, desk }) => {
    await desk.addUserHat(BOB, TEAM, TEACHER);
    stage.stream.goOffline(false);
    stage.room.lists.member = [];
    stage.room.own.id = "own-2";
    stage.stream.goOnline();
    await calm();
    assert.is(stage.rooms.status(TEAM)?.state, "ready");
    assert.equal(Object.keys(desk.userHats(BOB, TEAM)), [TEACHER]);
  },
);

lost.run();
