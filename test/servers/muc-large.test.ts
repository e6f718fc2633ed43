/** A room with so many members that their list is longer than any other stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { NS_MUC_ADMIN } from "../../src/stanza/namespaces.ts";
import { xml } from "../../src/stanza/xml.ts";
import { registerAndConnect, startServer } from "../../src/testing/index.ts";
import { startRoomBot } from "../support/room-bot.ts";
import { eachServer } from "../support/servers.ts";

const MEMBERS = 30_000;
const AT_ONCE = 1_000;

eachServer(
  (kind) => {
    const test = suite(`a large room on ${kind}`);

    test("is entered, and its members are known", async () => {
      const server = await startServer({ kind });
      const alice = await registerAndConnect({ server, user: "alice" });
      await server.register("hats", "hats");
      const room = server.room("crowd");
      await alice.createRoom(room, "al");
      await alice.setAffiliation(room, `hats@${server.domain}`, "owner");
      for (let first = 0; first < MEMBERS; first += AT_ONCE) {
        const query = xml("query", { xmlns: NS_MUC_ADMIN });
        for (let index = first; index < first + AT_ONCE; index += 1)
          query.append(xml("item", { jid: `member${index}@people.example.org`, affiliation: "member" }));
        await alice.demand(xml("iq", { type: "set", to: room }, query), { timeout: 60_000 });
      }
      const bot = await startRoomBot(server, "hats", room);
      try {
        await bot.until("ready");
        const last = `member${MEMBERS - 1}@people.example.org` as BareJid;
        assert.is(await bot.rooms.affiliation(bot.room, last), "member");
        assert.is((await bot.rooms.affiliated(bot.room)).size, MEMBERS + 1);
        assert.is(bot.connection.online, true);
      } finally {
        await bot.stop();
        await server.stop();
      }
    });

    test.run();
  },
  // Prosody takes one affiliation in a question, which would take too long here.
  ["ejabberd-23", "ejabberd-26"],
);
