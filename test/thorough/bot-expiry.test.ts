/** A bot that was down when a hat's time was over: the room is told when it comes back, whichever way it shows hats. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Bot, startBot } from "../../src/bot.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { configOfHats } from "../support/bot-config.ts";
import { HatsSeen } from "../support/conversation-sight.ts";
import { untilTrue } from "../support/deadline.ts";
import { HastyClock } from "../support/hasty-clock.ts";
import { openMemoryServer } from "../support/memory-server.ts";

const HAT = "https://example.org/hats/teacher";
const HOUR = 3_600_000;

const test = suite("a bot that comes back");

for (const [dialect, hats] of [
  ["xep-0317", true],
  ["own-presence", false],
] as const) {
  test(`takes off what lapsed meanwhile, and the room sees it: ${dialect}`, async () => {
    const server = openMemoryServer({ hats });
    const room = server.room("team");
    const bob = `bob@${server.domain}` as BareJid;
    const data = await mkdtemp(join(tmpdir(), "milliner-back-"));
    const maker = server.connect({ user: "hats", resource: "maker" });
    await maker.createRoom(room, "hats", {});
    await maker.setAffiliation(room, bob, "member");
    await maker.leave(room, "hats");
    await server.connect({ user: "bob", resource: "x" }).join(room, "Bob");
    const carol = server.connect({ user: "carol", resource: "x" });
    await carol.join(room, "Carol");
    const seen = new HatsSeen(dialect, carol, () => undefined);
    const sight = { roomJid: room, nick: "Bob", botNick: "hats" };

    const config = configOfHats(server, { data, rooms: [room] });
    const start = (aheadMs: number): Promise<Bot> =>
      startBot({
        config,
        clock: new HastyClock(50),
        stream: server.openStream("hats", "milliner"),
        time: { now: () => new Date(Date.now() + aheadMs) },
      });

    const before = await start(0);
    const expires = new Date(Date.now() + HOUR);
    await before.desk.addUserHat(bob, room, HAT, { active: true, title: "Teacher" }, { expires });
    await seen.waitFor(sight, ["Teacher"]);
    await before.stop();

    const after = await start(2 * HOUR);
    const isBare = () => Object.keys(after.desk.userHats(bob, room)).length === 0;
    await untilTrue(isBare, "what lapsed is taken off");
    await seen.waitFor(sight, []);
    assert.equal(after.desk.userHats(bob, room), {});
    await after.stop();
    await rm(data, { recursive: true });
  });
}

test.run();
