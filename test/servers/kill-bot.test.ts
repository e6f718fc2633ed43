/**
 * kill -9 of the bot in the middle of its work: what was acknowledged is there afterwards, and the room shows it.
 *
 * A killed process loses nothing that the kernel has, so this shows that answers wait for the append, that a restart
 * finds its way, and that room presence catches up. Lost power is another matter: see the power cuts of the store.
 */
// runner: deadline 600 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { registerAndConnect, type TestClient, type TestServer } from "../../src/testing/index.ts";
import { type BotProcess, makeBotHome } from "../support/bot-process.ts";
import { rowsOf, runCommand } from "../support/desk-client.ts";
import { hatAdmin, MODULE_KINDS, startHatServer } from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

const KILLS = 50;
const ACKNOWLEDGED_BEFORE_KILL = 100;
const WEARERS = 16;
const HATS = ["x:a", "x:b", "x:c"];
const MOST_LOOKS = 5_000;

/** One wearer's hats as one comparable text: empty where there are none. */
type Worn = string;

/** What one wearer may have: what was acknowledged last, or what was asked since and never answered. */
interface Expectation {
  acknowledged: Worn;
  asked: Worn;
}

type Expected = ReadonlyMap<string, Expectation>;

/** The admin who gives hats, the desk's address, and the room. */
interface Scene {
  readonly alice: TestClient;
  readonly desk: string;
  readonly room: string;
}

eachServer((kind) => {
  const kills = suite(`kill -9 of the bot on ${kind}`);

  kills(
    `${KILLS} kills under load lose nothing acknowledged, and then the room shows the store`,
    async () => {
      const server = await startHatServer({ kind });
      const home = makeBotHome({
        jid: `hats@${server.domain}`,
        password: "hats",
        service: server.service,
        rooms: [{ jid: server.room("team") }],
      });
      try {
        const scene = await setScene(server);
        const expected = await admitWearers(scene, server.domain);
        for (let kill = 0; kill < KILLS; kill++) {
          const bot = await home.start();
          await assertKept(scene, expected);
          await loadAndKill(scene, bot, expected);
        }
        await home.start();
        await assertKept(scene, expected);
        await untilShown(scene);
      } finally {
        await home.remove();
        await server.stop();
      }
    },
  );

  kills.run();
}, MODULE_KINDS);

async function setScene(server: TestServer): Promise<Scene> {
  const alice = await registerAndConnect({ server, user: "alice" });
  await server.register("hats", "hats");
  const account = `hats@${server.domain}`;
  const room = server.room("team");
  await alice.createRoom(room, "alice", { "muc#roomconfig_persistentroom": true });
  await alice.setAffiliation(room, account, "owner");
  return { alice, desk: `${account}/milliner`, room };
}

async function admitWearers({ alice, room }: Scene, domain: string): Promise<Expected> {
  const expected = new Map<string, Expectation>();
  for (let index = 0; index < WEARERS; index++) {
    const jid = `wearer${index}@${domain}`;
    await alice.setAffiliation(room, jid, "member");
    expected.set(jid, { acknowledged: "", asked: "" });
  }
  return expected;
}

/* Each wearer has one change at a time, so that what is unanswered at the kill is one wardrobe each. */
async function loadAndKill(scene: Scene, bot: BotProcess, expected: Expected): Promise<void> {
  let acknowledged = 0;
  let isEnough = () => {};
  const enough = new Promise<void>((resolve) => {
    isEnough = resolve;
  });
  const load = [...expected].map(async ([user, expectation]) => {
    for (;;) {
      const hats = otherHats(expectation.acknowledged);
      expectation.asked = hats.join(" ");
      const answer = runCommand(scene.alice, scene.desk, "set-user-hats", { room: scene.room, user, hats });
      const isAnswered = await Promise.race([answer.then(() => true), bot.ended.then(() => false)]);
      answer.catch(() => {});
      if (!isAnswered) return;
      expectation.acknowledged = expectation.asked;
      if (++acknowledged === ACKNOWLEDGED_BEFORE_KILL) isEnough();
    }
  });
  await Promise.race([enough, Promise.all(load)]);
  assert.ok(acknowledged >= ACKNOWLEDGED_BEFORE_KILL);
  await bot.kill();
  await Promise.all(load);
}

/* Goes through all subsets of the hats, a different one each time. */
function otherHats(worn: Worn): string[] {
  const bits = HATS.reduce((sum, hat, index) => sum + (worn.includes(hat) ? 2 ** index : 0), 0);
  const next = (bits + 1) % 2 ** HATS.length;
  return HATS.filter((_, index) => (next & (2 ** index)) !== 0);
}

async function assertKept(scene: Scene, expected: Expected): Promise<void> {
  const stored = await readDesk(scene);
  for (const [jid, expectation] of expected) {
    const now = stored.get(jid) ?? "";
    const { acknowledged, asked } = expectation;
    assert.ok(
      now === acknowledged || now === asked,
      `${jid} has "${now}", not "${acknowledged}" or "${asked}"`,
    );
    expectation.acknowledged = now;
    expectation.asked = now;
  }
}

async function readDesk({ alice, desk, room }: Scene): Promise<Map<string, Worn>> {
  const rows = rowsOf(await runCommand(alice, desk, "list-room-hats", { room }));
  return gather(rows.map(({ user = "", hat = "" }) => [user, hat]));
}

async function readRoom({ alice, room }: Scene): Promise<Map<string, Worn>> {
  const lines = await hatAdmin(alice, room).listAssigned();
  return gather(lines.map((line) => line.split(" ", 2) as [string, string]));
}

function gather(pairs: readonly (readonly [user: string, hat: string])[]): Map<string, Worn> {
  const worn = new Map<string, string[]>();
  for (const [user, hat] of pairs) worn.set(user, [...(worn.get(user) ?? []), hat]);
  return new Map(
    [...worn]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([user, hats]) => [user, hats.toSorted().join(" ")]),
  );
}

/* Asks again and again, each time after the answer: the room has to get there in a bounded number of looks. */
async function untilShown(scene: Scene): Promise<void> {
  const stored = [...(await readDesk(scene))];
  let shown: unknown;
  for (let look = 0; look < MOST_LOOKS; look++) {
    shown = [...(await readRoom(scene))];
    if (JSON.stringify(shown) === JSON.stringify(stored)) return;
  }
  assert.equal(shown, stored);
}
