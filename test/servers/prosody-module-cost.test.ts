/**
 * The Prosody companion module: what strangers can make the server do.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { xml, type Element } from "../../src/stanza/xml.ts";
import { registerAndConnect } from "../../src/testing/index.ts";
import { hatAdmin, MODULE_KINDS, startHatServer } from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";

const HATS = 600;
const ROUNDS = 31;

eachServer((kind) => {
  const test = suite(`what asking costs on ${kind}`);

  test("asking what a room is costs about the same whether it knows no hats or hundreds", async () => {
    const server = await startHatServer({ kind });
    try {
      const olga = await registerAndConnect({ server, user: "olga" });
      const zoe = await registerAndConnect({ server, user: "zoe" });
      const [bare, full] = [server.room("bare"), server.room("full")];
      for (const room of [bare, full]) await olga.createRoom(room, "olga");
      const hats = hatAdmin(olga, full);
      const made = Array.from({ length: HATS }, (_, i) =>
        hats.create(`urn:x:hat:${i}`, `Teacher of class ${i}`),
      );
      await Promise.all(made);

      const query = xml("query", { xmlns: "http://jabber.org/protocol/disco#info" });
      const ask = async (room: string): Promise<number> => {
        const begun = performance.now();
        const answer: Element = await zoe.demand(xml("iq", { type: "get", to: room }, query));
        assert.match(String(answer), "hats#hash");
        return performance.now() - begun;
      };
      // In turn, so that whatever else the machine does is at the cost of both.
      const times: [number, number][] = [];
      for (let round = 0; round < ROUNDS; round += 1) times.push([await ask(bare), await ask(full)]);
      const [ofBare, ofFull] = [median(times.map(([one]) => one)), median(times.map(([, other]) => other))];
      assert.ok(ofFull < 3 * ofBare, `${ofFull.toFixed(1)} ms with hats, ${ofBare.toFixed(1)} ms without`);
    } finally {
      await server.stop();
    }
  });

  test.run();
}, MODULE_KINDS);

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] as number;
}
