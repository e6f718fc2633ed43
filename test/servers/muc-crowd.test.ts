/** In a crowd ejabberd tells of nobody's coming and going: who took the nick of somebody with rights gets none of them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  registerAndConnect,
  startServer,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import { startRoomBot } from "../support/room-bot.ts";
import { eachServer } from "../support/servers.ts";

/* More than so many are a crowd. */
const MOST = 3;

eachServer((kind) => {
  const test = suite(`crowds on ${kind}`);
  let server: TestServer;

  test.before(async () => {
    server = await startServer({ kind, ejabberd: { mucOptions: { max_users_presence: MOST } } });
    await server.register("hats", "hats");
  });
  test.after(() => server.stop());

  function connect(user: string): Promise<TestClient> {
    return registerAndConnect({ server, user });
  }

  /* The bot is an admin, so that it may ask who has a nick, and is not told whether the room shows everybody. */
  test("whoever has the nick of an owner who left a crowd is not taken for the owner", async () => {
    const [alice, olga, mallory, eve] = [
      await connect("alice"),
      await connect("olga"),
      await connect("mallory"),
      await connect("eve"),
    ];
    const room = server.room("team");
    await alice.createRoom(room, "al");
    await alice.setAffiliation(room, `hats@${server.domain}`, "admin");
    await alice.setAffiliation(room, olga.bareJid, "owner");
    const bot = await startRoomBot(server, "hats", room);
    await bot.until("ready");
    await olga.join(room, "olga");
    const atOlga = () => bot.rooms.requester(`${room}/olga`);
    await bot.untilTrue(() => atOlga() !== undefined, "olga there");
    assert.is(await bot.rooms.hasNick(atOlga()!), true);
    await mallory.join(room, "mallory");
    await eve.join(room, "eve");
    await olga.leave(room, "olga");
    await mallory.leave(room, "mallory");
    await mallory.join(room, "olga");
    await alice.setAffiliation(room, "last@example.org", "member");
    await bot.untilTrue(
      () => bot.changes.some((change) => change.startsWith("last ")),
      "what the room told after all that",
    );
    const seen = atOlga()!;
    if (server.software === "ejabberd") assert.is(seen.occupant.affiliation, "owner", "nothing was told");
    const isOwner = seen.occupant.affiliation === "owner" && (await bot.rooms.hasNick(seen));
    assert.is(isOwner, false);
    await bot.stop();
  });

  test.run();
});
