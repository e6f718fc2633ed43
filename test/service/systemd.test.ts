/**
 * The systemd unit that is shipped, unchanged, under a real systemd, with the package as people install it.
 *
 * See docs/operating.md.
 */
// runner: deadline 300 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Lab, startLab } from "../../src/testing/index.ts";

import { rowsOf, runCommand } from "../support/desk-client.ts";
import { SystemdMachine } from "../support/systemd-machine.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READY = /"msg":"ready"/;
const STORE = "/var/lib/milliner";
const CONFIG = "/etc/milliner/milliner.json";

interface Scene {
  readonly lab: Lab<"team">;
  readonly machine: SystemdMachine;
}

const test = suite<Scene>("the service under systemd");

test.before(async (scene) => {
  const rooms = { team: { owner: "alice", members: ["bob"] } };
  const lab = await startLab({ rooms, accounts: ["hats"], desk: false });
  await lab.person("alice").setAffiliation(lab.room("team"), lab.jid("hats"), "owner");
  const machine = new SystemdMachine();
  Object.assign(scene, { lab, machine });
  installPackage(machine.local);
  configure(machine.etc, lab);
  await machine.boot();
});

test.after(async ({ lab, machine }) => {
  await machine.stop();
  await lab.stop();
});

test("brings the bot into its room, with a password that only root can read", async ({ machine }) => {
  const before = await machine.journalEnd();
  await machine.run("systemctl", "start", "milliner");
  await machine.untilSaid("milliner", READY, before);
  assert.is(await machine.run("stat", "--format=%a %U", "/etc/milliner/password"), "600 root");
  const user = await machine.run("ps", "-o", "user=", "-p", await mainProcess(machine));
  assert.is(user.trim(), "milliner");
});

test("nobody but the service sees its store", async ({ machine }) => {
  assert.is(await machine.run("stat", "--format=%a %U", `${STORE}/`), "700 milliner");
  const modes = await machine.run("sh", "-c", `stat --format=%a ${STORE}/*`);
  assert.equal([...new Set(modes.split("\n"))], ["600"]);
});

test("comes back by itself when it is killed, and nothing is lost", async ({ lab, machine }) => {
  const alice = lab.person("alice");
  const room = lab.room("team");
  await runCommand(alice, lab.desk, "add-user-hat", { room, user: lab.jid("bob"), title: "Teacher" });
  const before = await machine.journalEnd();
  await machine.run("kill", "-KILL", await mainProcess(machine));
  await machine.untilSaid("milliner", READY, before);
  const rows = rowsOf(await runCommand(alice, lab.desk, "list-room-hats", { room }));
  assert.equal(
    rows.map(({ user, title }) => [user, title]),
    [[lab.jid("bob"), "Teacher"]],
  );
});

test("ends in good order, with an empty journal, when it is stopped", async ({ machine }) => {
  await machine.run("systemctl", "stop", "milliner");
  assert.is(await property(machine, "Result"), "success");
  assert.is(await property(machine, "ExecMainStatus"), "0");
  assert.is(await machine.run("stat", "--format=%s", `${STORE}/hats.journal`), "0");
});

test("has its store again after a restore, word by word as docs/operating.md says", async ({
  lab,
  machine,
}) => {
  await machine.run("milliner", "backup", STORE, "/var/backups/milliner/2026-11-22");
  await machine.run("sh", "-c", `echo damaged > ${STORE}/hats.json`);
  const before = await machine.journalEnd();
  await machine.run("sh", "-ec", blockUnder("Restore"));
  await machine.untilSaid("milliner", READY, before);
  assert.equal(await titlesIn(lab), ["Teacher"]);
  const owners = await machine.run("sh", "-c", `stat --format=%U ${STORE}/ ${STORE}/*`);
  assert.equal([...new Set(owners.split("\n"))], ["milliner"]);
});

test("has its store on another machine, where it was copied to as a folder of root's", async ({
  lab,
  machine,
}) => {
  await machine.run("systemctl", "stop", "milliner");
  await machine.run("cp", "-r", "/var/lib/private/milliner", "/var/lib/copied");
  await machine.run("rm", "-r", STORE, "/var/lib/private/milliner");
  await machine.run("mv", "/var/lib/copied", STORE);
  const before = await machine.journalEnd();
  await machine.run("sh", "-ec", blockUnder("Upgrade").replace(/^[\s\S]*(?=MILLINER_DATA)/, ""));
  await machine.untilSaid("milliner", READY, before);
  assert.equal(await titlesIn(lab), ["Teacher"]);
  await machine.run("systemctl", "stop", "milliner");
});

test("a wrong configuration is said once and not tried again", async ({ machine }) => {
  const before = await machine.journalEnd();
  await machine.run("sh", "-c", `echo '{ "jid": 1 }' > ${CONFIG}`);
  await machine.run("systemctl", "start", "milliner");
  await machine.untilSaid("milliner", /the configuration is wrong: .*milliner\.json: jid/, before);
  await machine.untilSaid("milliner", /Failed with result 'exit-code'/, before);
  assert.is(await property(machine, "ActiveState"), "failed");
  assert.is(await property(machine, "NRestarts"), "0");
});

test.run();

/** As docs/operating.md says: packed, and installed for the whole machine. */
function installPackage(local: string): void {
  const packed = mkdtempSync(join(tmpdir(), "milliner-packed-"));
  const npm = (...args: string[]) => execFileSync("npm", [...args, "--silent"], { cwd: ROOT });
  npm("pack", "--pack-destination", packed);
  const archives = readdirSync(packed).map((name) => join(packed, name));
  npm("install", "--global", "--prefix", local, "--omit=dev", "--prefer-offline", ...archives);
  rmSync(packed, { recursive: true });
  copyFileSync(process.execPath, join(local, "bin", "node"));
}

function configure(etc: string, lab: Lab<"team">): void {
  const units = join(etc, "systemd", "system");
  const own = join(etc, "milliner");
  for (const folder of [units, own]) mkdirSync(folder, { recursive: true });
  copyFileSync(join(ROOT, "docs/examples/milliner.service"), join(units, "milliner.service"));
  const config = { jid: lab.jid("hats"), service: lab.server.service, rooms: [{ jid: lab.room("team") }] };
  writeFileSync(join(own, "milliner.json"), JSON.stringify(config));
  writeFileSync(join(own, "password"), "hats", { mode: 0o600 });
}

/** The first block of shell lines under a heading. */
function blockUnder(heading: string): string {
  const text = readFileSync(join(ROOT, "docs/operating.md"), "utf8");
  const [, section = ""] = text.split(`\n## ${heading}\n`);
  const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  assert.ok(block, heading);
  return block;
}

async function titlesIn(lab: Lab<"team">): Promise<(string | undefined)[]> {
  const values = { room: lab.room("team") };
  return rowsOf(await runCommand(lab.person("alice"), lab.desk, "list-room-hats", values)).map(
    ({ title }) => title,
  );
}

function mainProcess(machine: SystemdMachine): Promise<string> {
  return property(machine, "MainPID");
}

function property(machine: SystemdMachine, name: string): Promise<string> {
  return machine.run("systemctl", "show", `--property=${name}`, "--value", "milliner");
}
