/** Ten thousand rows over a real server, by the command line: tried, taken in as one change, given out, taken back. */
// runner: deadline 300 s
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NS_MUC_ADMIN } from "../../src/stanza/namespaces.ts";
import { xml } from "../../src/stanza/xml.ts";
import {
  registerAndConnect,
  type ServerKind,
  startServer,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import { type BotHome, type BotProcess, makeBotHome } from "../support/bot-process.ts";
import { type CliRun, runCli } from "../support/cli-process.ts";
import { eachServer } from "../support/servers.ts";

const ROWS = 10_000;
const AT_ONCE = 1_000;

interface Scene {
  server: TestServer;
  home: BotHome;
  bot: BotProcess;
  room: string;
  people: readonly string[];
}

/* Prosody takes one affiliation in a question: there few people have many hats each. */
const PEOPLE: Readonly<Record<ServerKind, number>> = {
  "prosody-0.12": 100,
  "prosody-13": 100,
  "ejabberd-23": ROWS,
  "ejabberd-26": ROWS,
};

eachServer((kind) => {
  const test = suite<Scene>(`a large import on ${kind}`);

  test.before(async (scene) => {
    const server = await startServer({ kind });
    const account = `hats@${server.domain}`;
    await server.register("hats", "hats");
    const alice = await registerAndConnect({ server, user: "alice" });
    const room = server.room("crowd");
    await alice.createRoom(room, "al");
    await alice.setAffiliation(room, account, "owner");
    const people = Array.from({ length: PEOPLE[kind] }, (_, index) => `member${index}@people.example.org`);
    const step = kind.startsWith("ejabberd") ? AT_ONCE : 1;
    for (let first = 0; first < people.length; first += step) {
      await makeMembers(alice, room, people.slice(first, first + step));
    }
    const config = { jid: account, password: "hats", service: server.service };
    const home = makeBotHome({ ...config, rooms: [{ jid: room, nick: "hats", presence: "off" }] });
    Object.assign(scene, { server, room, people, home, bot: await home.start() });
  });

  test.after(async ({ home, server }) => {
    await home.remove();
    await server.stop();
  });

  const exec = ({ server, room }: Scene, node: string, ...fields: string[]): Promise<CliRun> => {
    const command = ["exec", `hats@${server.domain}/milliner`, node, `room=${room}`, ...fields];
    const account = ["--as", `alice@${server.domain}`, "--service", server.service];
    return runCli([...command, ...account], { MILLINER_PASSWORD: "alice" });
  };

  test("goes in whole or not at all, as one change, and comes out as it went in", async (scene) => {
    const { home, bot, people } = scene;
    const file = (name: string) => join(home.folder, name);
    const each = ROWS / people.length;
    const rows = people.flatMap((user, index) =>
      Array.from({ length: each }, (_, hat) => [
        user,
        `https://example.org/hats/${(index + hat) % 100}`,
        `Hat ${hat}`,
      ]),
    );
    const list = (last: readonly string[]) =>
      [...rows.slice(0, -1), last].map((row) => row.join(",")).join("\n");

    writeFileSync(
      file("wrong.csv"),
      list(["nobody@people.example.org", "https://example.org/hats/0", "Hat"]),
    );
    const refused = await exec(scene, "import-hats", `document=@${file("wrong.csv")}`);
    assert.is(refused.status, 1);
    assert.match(refused.stderr, /user not affiliated with room: nobody@people\.example\.org/);
    assert.equal(wearersIn(await exec(scene, "export-hats")), {});

    writeFileSync(file("list.csv"), `user,hat,title\n${list(rows.at(-1) ?? [])}\n`);
    const tried = await exec(scene, "import-hats", `document=@${file("list.csv")}`, "dry-run=1");
    assert.is(tried.status, 0, tried.stderr);
    assert.match(tried.stdout, new RegExp(`people ${people.length}, hats on them ${ROWS}`));
    assert.equal(wearersIn(await exec(scene, "export-hats")), {});

    const taken = await exec(scene, "import-hats", `document=@${file("list.csv")}`);
    assert.is(taken.status, 0, taken.stderr);
    assert.match(taken.stdout, new RegExp(`^Changed in .*: people ${people.length}, hats on them ${ROWS}`));

    const given = await exec(scene, "export-hats");
    const wearers = wearersIn(given);
    assert.is(Object.keys(wearers).length, people.length);
    const worn = Object.values(wearers).flatMap(({ hats }) => Object.keys(hats));
    assert.is(worn.length, ROWS);

    writeFileSync(file("room.json"), given.stdout);
    const again = await exec(scene, "import-hats", `document=@${file("room.json")}`, "mode=replace");
    assert.is(again.status, 0, again.stderr);
    assert.match(again.stdout, /^Nothing changed in/);

    assert.is(await bot.stop(), 0);
    const history = readFileSync(join(home.folder, "data/history.jsonl"), "utf8").trim().split("\n");
    assert.is(history.filter((line) => line.includes('"import-hats"')).length, 1);
    assert.is(bot.lines.filter((line) => /"level":(50|60)/.test(line)).join("\n"), "");
  });

  test.run();
});

async function makeMembers(owner: TestClient, room: string, people: readonly string[]): Promise<void> {
  const query = xml("query", { xmlns: NS_MUC_ADMIN });
  for (const jid of people) query.append(xml("item", { jid, affiliation: "member" }));
  await owner.demand(xml("iq", { type: "set", to: room }, query), { timeout: 60_000 });
}

function wearersIn({ status, stdout, stderr }: CliRun): Record<string, { hats: Record<string, unknown> }> {
  assert.is(status, 0, stderr);
  const { rooms } = JSON.parse(stdout) as {
    rooms: Record<string, { users: Record<string, { hats: Record<string, unknown> }> }>;
  };
  return Object.values(rooms)[0]?.users ?? {};
}
