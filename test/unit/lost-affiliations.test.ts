/** Hats of those whose affiliation ended: taken off on the room's word, whatever else is under way. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addUserHat } from "../../src/core/hats.ts";
import { silentLog } from "../../src/core/log.ts";
import { type Desk, openDesk } from "../../src/index.ts";
import { followAffiliations } from "../../src/xmpp/muc/lost-affiliations.ts";
import { noticeOf, openRoom, openStage, person, type Stage, TEAM } from "../support/room-stage.ts";

const TEACHER = "https://example.org/hats/teacher";
const BOB = person("bob");

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
  followAffiliations(context.stage.rooms, context.desk, silentLog);
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

lost.run();
