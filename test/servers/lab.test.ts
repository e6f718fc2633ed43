/** The lab of milliner/testing: a server, people, rooms and a desk in one call, and nothing left after the end. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { executeCommand, listCommands, RequestTimeout, StanzaError, tableOf } from "../../src/adhoc.ts";
import { readOwnHats } from "../../src/index.ts";
import {
  chooseKind,
  connectClient,
  findInstallation,
  type Lab,
  shownHats,
  startLab,
} from "../../src/testing/index.ts";
import { startChild } from "../../src/testing/child-process.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { within } from "../support/deadline.ts";
import { placeExample } from "../support/installed-package.ts";
import { eachServer } from "../support/servers.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Scene {
  lab: Lab<"team" | "club">;
}

eachServer((kind) => {
  const test = suite<Scene>(`a lab on ${kind}`);

  test.before(async (scene) => {
    scene.lab = await startLab({
      server: kind,
      rooms: {
        team: { owner: "alice", admins: ["adam"], members: ["bob"], guests: ["gus"], outcasts: ["otto"] },
        club: { owner: "carol", desk: "none" },
      },
      people: ["mallory"],
      accounts: ["otherbot"],
      desk: { nick: "desk", admins: ["adam"] },
    });
  });
  test.after(({ lab }) => lab.stop());

  test("rooms are as they were asked for, with people and the desk in them", async ({ lab }) => {
    const alice = lab.person("alice");
    const members = async (affiliation: "admin" | "member" | "outcast" | "owner"): Promise<string[]> =>
      (await alice.affiliationList(lab.room("team"), affiliation)).map(({ jid }) => jid).toSorted();
    assert.equal(await members("owner"), [lab.jid("alice"), lab.jid("hats")]);
    assert.equal(await members("admin"), [lab.jid("adam")]);
    assert.equal(await members("member"), [lab.jid("bob")]);
    assert.equal(await members("outcast"), [lab.jid("otto")]);
    const kept = lab.bot.rooms.rooms();
    assert.equal(kept, [lab.room("team")]);
    const nicks = kept.flatMap((room) => lab.bot.rooms.occupants(room)).map(({ nick }) => nick);
    assert.equal(nicks.toSorted(), ["adam", "alice", "bob", "gus"]);
    assert.ok(alice.received.some(({ attrs }) => attrs["from"] === `${lab.room("team")}/desk`));
  });

  test("people run commands, and the room shows it", async ({ lab }) => {
    const room = lab.room("team");
    const values = { room, user: lab.jid("bob"), title: "Teacher" };
    const given = await executeCommand(lab.sender("alice"), { to: lab.desk, node: "add-user-hat", values });
    assert.is(given.status, "completed");
    const presence = await lab
      .person("gus")
      .next((stanza) => stanza.attrs["from"] === `${room}/bob` && shownHats(stanza).length > 0);
    assert.is(shownHats(presence)[0]?.title, "Teacher");
    const listed = await executeCommand(lab.sender("bob"), {
      to: lab.desk,
      node: "list-room-hats",
      values: { room },
    });
    assert.is(tableOf(listed)?.rows.length, 1);
  });

  test("config admins may do everything, strangers and outcasts nothing", async ({ lab }) => {
    const nodes = async (name: string): Promise<string[]> =>
      (await listCommands(lab.sender(name), lab.desk)).map(({ node }) => node);
    assert.ok((await nodes("adam")).includes("manage-room"));
    assert.not.ok((await nodes("alice")).includes("manage-room"));
    for (const name of ["mallory", "otto"]) {
      const values = { room: lab.room("team") };
      const refusal = await assertRejects(
        executeCommand(lab.sender(name), { to: lab.desk, node: "list-hats", values }),
        StanzaError,
      );
      assert.is(refusal.condition, "forbidden");
    }
  });

  test("a bot under test has an account, and is not connected", async ({ lab }) => {
    try {
      lab.person("otherbot");
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, /^nobody called otherbot is connected; connected are .*alice/);
    }
    const bot = await connectClient({ server: lab.server, user: "otherbot" });
    assert.is(bot.bareJid, lab.jid("otherbot"));
    await bot.close();
  });

  test("without hats of their own in rooms, the desk tells them itself", async () => {
    await using lab = await startLab({
      server: kind,
      roomHats: false,
      rooms: { team: { owner: "alice", members: ["bob"] } },
    });
    const room = lab.room("team");
    const values = { room, user: lab.jid("bob"), title: "Teacher" };
    await executeCommand(lab.sender("alice"), { to: lab.desk, node: "add-user-hat", values });
    const source = { room, nick: "hats" };
    const told = await lab
      .person("alice")
      .next((stanza) => (readOwnHats(stanza, source)?.wearers.length ?? 0) > 0);
    assert.is(readOwnHats(told, source)?.wearers[0]?.nick, "bob");
  });

  test("without a desk there is no trace of one, and its name is free", async () => {
    await using lab = await startLab({
      server: kind,
      rooms: { team: { owner: "alice", admins: ["hats"] } },
      desk: false,
    });
    const room = lab.room("team");
    const owners = await lab.person("alice").affiliationList(room, "owner");
    assert.equal(
      owners.map(({ jid }) => jid),
      [lab.jid("alice")],
    );
    await lab.person("hats").setAffiliation(room, lab.jid("bob"), "member");
  });

  test("a desk that a room does not let in is a lab that cannot be put up, and the reason is said", async () => {
    const configuration = {
      "muc#roomconfig_passwordprotectedroom": true,
      "muc#roomconfig_roomsecret": "open sesame",
    };
    /* COMPAT: ejabberd 26.07 asks no owner for a password. */
    const rooms = { team: { owner: "alice", configuration, desk: "member" } } as const;
    const failure = await assertRejects(startLab({ server: kind, rooms }), Error);
    assert.match(failure.message, /^the desk is not in team@rooms\.milliner\.test \(refused\): .*password/);
  });

  test("nothing is left after the end, and ending twice is harmless", async () => {
    const lab = await startLab({ server: kind, people: ["alice"], desk: false });
    const { c2sPort, dir } = lab.server;
    assert.throws(() => lab.bot, /this lab has no desk/);
    await lab.stop();
    await lab.stop();
    assert.not.ok(existsSync(dir));
    const [refusal] = (await once(connect(c2sPort, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
    assert.is(refusal.code, "ECONNREFUSED");
  });

  test("what cannot be put up leaves nothing behind either", async () => {
    const rooms = { team: { owner: "alice", members: ["bob"] } };
    const failure = await assertRejects(startLab({ server: kind, rooms, accounts: ["alice"] }), Error);
    assert.match(failure.message, /nobody called alice is connected/);
  });

  test("over TLS too", async () => {
    await using lab = await startLab({
      server: kind,
      serverSettings: { tls: true },
      rooms: { team: { owner: "alice" } },
    });
    assert.ok((await listCommands(lab.sender("alice"), lab.desk)).length > 5);
  });

  test("the example runs as it stands", async () => {
    const example = placeExample("docs/examples/lab.mjs");
    try {
      const args = ["--import", import.meta.resolve("tsx"), example.file, kind];
      const { stdout } = await run(process.execPath, args, { cwd: ROOT });
      assert.match(
        stdout,
        new RegExp(`^server: ${kind}, the desk is at hats@milliner\\.test/milliner$`, "m"),
      );
      assert.match(stdout, /^carol sees: bob, Quiz master\nall is well$/m);
    } finally {
      example.remove();
    }
  });

  test.run();
});

const choosing = suite("choosing a server");

/** Lets nothing be found: no package tool in the path, no tree of newer servers. */
async function whereNothingIsInstalled(act: () => Promise<void>): Promise<void> {
  const { PATH, MILLINER_CACHE } = process.env;
  const empty = mkdtempSync(join(tmpdir(), "milliner-nothing-"));
  Object.assign(process.env, { PATH: empty, MILLINER_CACHE: empty });
  try {
    await act();
  } finally {
    process.env["PATH"] = PATH;
    if (MILLINER_CACHE === undefined) delete process.env["MILLINER_CACHE"];
    else process.env["MILLINER_CACHE"] = MILLINER_CACHE;
    rmSync(empty, { recursive: true });
  }
}

choosing("a software means the first of its releases that is installed", async () => {
  assert.match(await chooseKind("prosody"), /^prosody-/);
  assert.match(await chooseKind("ejabberd"), /^ejabberd-/);
  assert.is(await chooseKind(), await chooseKind("prosody"));
});

choosing("where nothing is installed, the one command to run is said", () =>
  whereNothingIsInstalled(async () => {
    const none = await assertRejects(startLab(), Error);
    assert.match(
      none.message,
      /^none of prosody-0\.12, .* is installed here; run: .*apt-get install -y --no-install-recommends prosody$/,
    );
    const ejabberd = await assertRejects(startLab({ server: "ejabberd" }), Error);
    assert.match(ejabberd.message, /; run: .*apt-get install -y --no-install-recommends ejabberd$/);
    const newer = await assertRejects(startLab({ server: "prosody-13" }), Error);
    assert.match(newer.message, /^no prosody-13 here \(found: none\); run: node \.ci\/setup\.mjs matrix$/);
  }),
);

choosing("an empty variable for the cache folder is as good as none", async () => {
  const home = mkdtempSync(join(tmpdir(), "milliner-home-"));
  const cache = join(home, ".cache/milliner");
  const packages = join(cache, "trixie/var/lib/dpkg");
  mkdirSync(packages, { recursive: true });
  const fields = [
    "Package: prosody",
    "Status: install ok installed",
    "Version: 13.0.1-1",
    "Architecture: all",
  ];
  writeFileSync(join(packages, "status"), `${[...fields, "Description: a test"].join("\n")}\n\n`);
  const { HOME, MILLINER_CACHE, XDG_CACHE_HOME } = process.env;
  try {
    Object.assign(process.env, { MILLINER_CACHE: cache });
    const named = await findInstallation("prosody-13");
    Object.assign(process.env, { HOME: home, MILLINER_CACHE: "", XDG_CACHE_HOME: "" });
    assert.equal(await findInstallation("prosody-13"), named);
  } finally {
    for (const [name, value] of Object.entries({ HOME, MILLINER_CACHE, XDG_CACHE_HOME })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(home, { recursive: true });
  }
});

choosing.run();

const silence = suite("a lab whose server is frozen");

for (const tls of [false, true]) {
  silence(`ends as any other, ${tls ? "over TLS" : "in clear"}`, async () => {
    const lab = await startLab({ people: ["alice"], desk: false, serverSettings: { tls } });
    lab.server.freeze();
    const asked = listCommands(lab.sender("alice", { timeoutMs: 1 }), lab.server.domain);
    assert.match((await assertRejects(asked, RequestTimeout)).message, /within 1 ms$/);
    await lab.stop();
    assert.not.ok(existsSync(lab.server.dir));
  });
}

silence.run();

const program = suite("a program with a lab");

/* What a test of a bot does, in a process of its own. */
const PROGRAM = `
import { executeCommand } from "${new URL("../../src/adhoc.ts", import.meta.url).href}";
import { startLab } from "${new URL("../../src/testing/index.ts", import.meta.url).href}";

const lab = await startLab({ rooms: { team: { owner: "alice", members: ["bob"] } }, accounts: ["quizbot"] });
await executeCommand(lab.sender("alice"), {
  to: lab.desk,
  node: "add-user-hat",
  values: { room: lab.room("team"), user: lab.jid("bob"), title: "Teacher", expires: "7d" },
});
await lab.stop();
console.log("stopped");
`;
/* Less than any timer of ours, and far more than it takes where none is left. */
const TO_END_MS = 5_000;

program("ends by itself as soon as the lab has stopped", async () => {
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", PROGRAM];
  const child = startChild({ command: process.execPath, args });
  try {
    await child.until(/^stopped$/);
    assert.is(await within(child.ended, "the end of the process", TO_END_MS), 0);
  } finally {
    child.signal("SIGKILL");
  }
});

program.run();
