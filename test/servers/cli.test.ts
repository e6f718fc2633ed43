/** The command line on a real server: what is printed, and how it ends. */
// runner: deadline 600 s
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Lab, startLab, type TestServer } from "../../src/testing/index.ts";
import { type BotHome, type BotProcess, makeBotHome } from "../support/bot-process.ts";
import { type CliRun, runCli } from "../support/cli-process.ts";
import { faultsOf } from "../support/exec-schema.ts";
import { eachServer } from "../support/servers.ts";

interface Scene {
  lab: Lab<"team">;
  server: TestServer;
  home: BotHome;
  bot: BotProcess;
  room: string;
  desk: string;
}

eachServer((kind) => {
  const cli = suite<Scene>(`the command line on ${kind}`);

  cli.before(async (scene) => {
    const rooms = { team: { owner: "alice", members: ["bob"] } };
    const accounts = ["hats"];
    scene.lab = await startLab({ server: kind, rooms, people: ["mallory"], accounts, desk: false });
    scene.server = scene.lab.server;
    scene.room = scene.lab.room("team");
    await scene.lab.person("alice").setAffiliation(scene.room, scene.lab.jid("hats"), "owner");
    scene.desk = scene.lab.desk;
    scene.home = makeBotHome({
      jid: scene.lab.jid("hats"),
      password: "hats",
      service: scene.server.service,
      rooms: [{ jid: scene.room, nick: "hats" }, { jid: scene.server.room("nowhere") }],
    });
    scene.bot = await scene.home.start();
  });

  cli.after(async ({ home, lab }) => {
    await home.remove();
    await lab.stop();
  });

  const as = ({ server }: Scene, user: string, ...words: string[]): Promise<CliRun> =>
    runCli([...words, "--as", `${user}@${server.domain}`, "--service", server.service], {
      MILLINER_PASSWORD: user,
    });

  cli("start says ready, and each room that could not be entered in a line of its own", ({ bot, server }) => {
    const lines = bot.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const refused = lines.filter(({ room }) => room === server.room("nowhere"));
    assert.ok(refused.some(({ state, code }) => state === "refused" && code === "no-such-room"));
    assert.is(lines.filter(({ msg }) => msg === "ready").length, 1);
  });

  cli(
    "the first line of a room says that the bot is on its way, not that the room is offline",
    ({ bot, room }) => {
      const lines = bot.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.is(lines.find((line) => line["room"] === room)?.["msg"], "room joining");
    },
  );

  cli("no line of the log holds the password", ({ bot }) => {
    for (const line of bot.lines) assert.not.match(line, /"password"|"hats":"hats"/);
  });

  cli("commands lists what this account may run", async (scene) => {
    const owner = await as(scene, "alice", "commands", scene.desk);
    assert.is(owner.status, 0);
    assert.match(owner.stdout, /^add-user-hat +Give a hat$/m);
    const stranger = await as(scene, "mallory", "commands", scene.desk);
    assert.is(stranger.status, 0);
    assert.is(stranger.stdout, "");
    assert.is(stranger.stderr, `${scene.desk} has no commands for this account`);
  });

  cli("exec runs a command and prints its answer", async (scene) => {
    const { room, desk, server } = scene;
    const bob = `bob@${server.domain}`;
    const given = await as(
      scene,
      "alice",
      "exec",
      desk,
      "add-user-hat",
      `room=${room}`,
      `user=${bob}`,
      "title=Chair = 1",
    );
    assert.is(given.status, 0, given.stderr);
    assert.match(given.stdout, /Chair = 1/);
    const listed = await as(scene, "alice", "exec", desk, "list-user-hats", `room=${room}`, `user=${bob}`);
    assert.is(listed.status, 0, listed.stderr);
    assert.match(listed.stdout, /Chair = 1/);
  });

  cli("exec --json prints the same for scripts", async (scene) => {
    const { room, desk, server } = scene;
    const { status, stdout } = await as(
      scene,
      "alice",
      "exec",
      desk,
      "list-room-hats",
      `room=${room}`,
      "--json",
    );
    assert.is(status, 0);
    const answer = JSON.parse(stdout) as { status: string; table: { rows: Record<string, string>[] } };
    assert.is(answer.status, "completed");
    assert.is(answer.table.rows[0]?.["user"], `bob@${server.domain}`);
    assert.is(answer.table.rows[0]?.["title"], "Chair = 1");
    assert.equal(faultsOf(answer), []);
    const listed = await as(scene, "alice", "commands", desk, "--json");
    assert.equal(faultsOf(JSON.parse(listed.stdout)), []);
  });

  cli("exec ends with 1 when refused, the reason on stderr", async (scene) => {
    const { room, desk } = scene;
    const nobody = await as(scene, "mallory", "exec", desk, "list-hats", `room=${room}`);
    assert.is(nobody.status, 1);
    assert.match(nobody.stderr, /you may not do that here/);
    assert.is(nobody.stdout, "");
    const inJson = await as(scene, "mallory", "exec", desk, "list-hats", `room=${room}`, "--json");
    assert.is(inJson.status, 1);
    assert.match(inJson.stderr, /you may not do that here/);
    const refusal = JSON.parse(inJson.stdout) as { status: string; error: { condition: string } };
    assert.equal(faultsOf(refusal), []);
    assert.equal([refusal.status, refusal.error.condition], ["refused", "forbidden"]);
    const missing = await as(scene, "alice", "exec", desk, "add-user-hat", `room=${room}`);
    assert.is(missing.status, 1);
    assert.match(missing.stderr, /user: /);
    assert.is(missing.stdout, "");
  });

  cli("a reader that closes the pipe is no failure", async (scene) => {
    const { server, desk } = scene;
    const words = ["commands", desk, "--as", `alice@${server.domain}`, "--service", server.service];
    const { status, stderr } = await runCli(words, { MILLINER_PASSWORD: "alice" }, "closed");
    assert.equal([status, stderr], [0, ""]);
  });

  cli("the server's answer for a bare address comes with the address that may be meant", async (scene) => {
    const bare = `hats@${scene.server.domain}`;
    for (const words of [
      ["commands", bare],
      ["exec", bare, "list-hats", `room=${scene.room}`],
    ]) {
      const { status, stderr } = await as(scene, "alice", ...words);
      assert.is(status, 1, stderr);
      assert.ok(stderr.includes(`did you mean ${bare}/milliner?`), stderr);
    }
  });

  cli("the server's answer where no bot is comes with the question whether it runs", async (scene) => {
    const nobody = `hats@${scene.server.domain}/elsewhere`;
    const { status, stderr } = await as(scene, "alice", "exec", nobody, "list-hats", `room=${scene.room}`);
    assert.is(status, 1, stderr);
    assert.ok(stderr.includes(`is the bot running, and is ${nobody} its address?`), stderr);
  });

  cli("MILLINER_SERVICE says where to connect, where --service does not", async ({ server, desk }) => {
    const words = ["commands", desk, "--as", `alice@${server.domain}`];
    const there = await runCli(words, { MILLINER_PASSWORD: "alice", MILLINER_SERVICE: server.service });
    assert.is(there.status, 0, there.stderr);
    const elsewhere = { MILLINER_PASSWORD: "alice", MILLINER_SERVICE: "xmpp://127.0.0.1:1" };
    assert.is((await runCli(words, elsewhere)).status, 3);
    assert.is((await runCli([...words, "--service", server.service], elsewhere)).status, 0);
  });

  cli("exec without fields tells what the command asks for", async (scene) => {
    const asked = await as(scene, "alice", "exec", scene.desk, "add-user-hat");
    assert.is(asked.status, 2);
    assert.match(asked.stderr, /add-user-hat asks for more: .*user=…/);
    assert.is(asked.stdout, "");
  });

  cli("a wrong command line ends with 2 and says how to mend it", async (scene) => {
    const wrong: [string[], RegExp][] = [
      [["exec", scene.desk], /^NODE is missing, as in: milliner exec /],
      [["exec", scene.desk, "list-hats", "room"], /room: must be field=value/],
      [["dance"], /dance: say one of start, exec, commands, check/],
      [["start", "--loud"], /Unknown option `--loud`/],
      [["start", "--config", "/nowhere.json"], /\/nowhere\.json: cannot be read/],
      [["commands", scene.desk], /--as: say which account asks/],
      [["commands", scene.desk, "--as", "a@b@c"], /--as: a@b@c is not a JID/],
      [["commands", scene.desk, "--as", "a@b"], /--password-file: name a file/],
    ];
    for (const [words, reason] of wrong) {
      const { status, stderr } = await runCli(words);
      assert.is(status, 2, `${words.join(" ")}: ${stderr}`);
      assert.match(stderr, reason);
    }
  });

  cli("no connection ends with 3, and so does a wrong password", async (scene) => {
    const { desk, server } = scene;
    const jid = `alice@${server.domain}`;
    const wrong = await runCli(["commands", desk, "--as", jid, "--service", server.service], {
      MILLINER_PASSWORD: "wrong",
    });
    assert.is(wrong.status, 3);
    assert.match(wrong.stderr, /^the server refused the login: alice@\S+ could not sign in: not-authorized/);
    const nobody = await runCli(["commands", desk, "--as", jid, "--service", "xmpp://127.0.0.1:1"], {
      MILLINER_PASSWORD: "alice",
    });
    assert.is(nobody.status, 3);
    assert.match(
      nobody.stderr,
      /^no connection to the server: .*ECONNREFUSED.* set --service or MILLINER_SERVICE$/,
    );
  });

  cli(
    "check names each room, what is missing there and how to mend it, and disturbs nobody",
    async (scene) => {
      const { status, stdout } = await runCli([
        "check",
        "--config",
        join(scene.home.folder, "milliner.json"),
      ]);
      assert.is(status, 1);
      assert.match(
        stdout,
        /^store +in use by a running desk \(process \d+\), so rooms added by command and the history are left out$/m,
      );
      assert.match(stdout, new RegExp(`^${scene.room} +owner `, "m"));
      assert.match(
        stdout,
        /^nowhere@.* there is no such room.* create the room, make it persistent, and make the bot its owner/m,
      );
      assert.is((await as(scene, "alice", "commands", scene.desk)).status, 0);
    },
  );

  cli("a second desk on the same store ends with 2 and names the reason", async ({ home }) => {
    const { status, stderr } = await runCli(["start", "--config", join(home.folder, "milliner.json")]);
    assert.is(status, 2);
    assert.match(stderr, /another desk has this store open/);
  });

  cli("SIGTERM ends with 0 and leaves everything in hats.json, the journal empty", async ({ bot, home }) => {
    assert.is(await bot.stop(), 0);
    const snapshot = readFileSync(join(home.folder, "data/hats.json"), "utf8");
    assert.match(snapshot, /Chair = 1/);
    assert.ok(existsSync(join(home.folder, "data/hats.journal")));
    assert.not.match(readFileSync(join(home.folder, "data/hats.journal"), "utf8"), /Chair = 1/);
  });

  cli.run();
});
