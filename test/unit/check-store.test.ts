/** `milliner check` finds in a store whatever a desk would refuse it for, and changes nothing of it. */
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT_OK, EXIT_REFUSED } from "../../src/cli/exit.ts";
import { OperatorError } from "../../src/core/errors.ts";
import { type Desk, openDesk } from "../../src/index.ts";
import { checkStore } from "../../src/store/check-store.ts";
import { readableFolder } from "../../src/store/files/node-folder.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { runCheck } from "../support/check-run.ts";
import { FakeServer } from "../support/fake-server.ts";
import { tracesOf } from "../support/file-traces.ts";
import { asOrdinaryUser } from "../support/ordinary-user.ts";

interface Context {
  folder: string;
  /** A store as a desk that was killed leaves it, its changes in the journal. */
  killed: string;
  server: FakeServer;
}

const ROOM = "team@rooms.example.org";
const MEMBERS = { isKept: () => true, affiliation: () => Promise.resolve("member" as const) };
const LONG_AGO = new Date("2001-01-01T00:00:00.000Z");

function openStore(data: string): Promise<Desk> {
  return openDesk({ data, affiliations: MEMBERS, now: () => LONG_AGO });
}

async function makeKilled(data: string): Promise<void> {
  const living = `${data}-living`;
  const desk = await openStore(living);
  for (const title of ["One", "Two", "Three"]) await desk.defineHat(ROOM, "urn:x:hat", { title });
  cpSync(living, data, { recursive: true });
  await desk.close();
}

async function storeLine(context: Context, data: string): Promise<string> {
  const { lines } = await runCheck(context.server, data);
  return lines.find((line) => line.startsWith("store "))?.replace(/^store +/, "") ?? "";
}

const test = suite<Context>("check of the store");

test.before.each(async (context) => {
  context.folder = mkdtempSync(join(tmpdir(), "milliner-check-"));
  context.killed = join(context.folder, "data");
  context.server = await FakeServer.start();
  await makeKilled(context.killed);
});
test.after.each(async ({ folder, server }) => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test("says where the password was found, and never the password", async (context) => {
  const { lines } = await runCheck(context.server, context.killed);
  assert.ok(lines.includes("password       from MILLINER_PASSWORD"), lines.join("\n"));
  assert.not.match(lines.join("\n"), /secret$/m);
});

test("says that nobody can use a bot without rooms and without admins who could add one", async (context) => {
  const nothing = join(context.folder, "nothing");
  const { status, lines } = await runCheck(context.server, nothing, []);
  assert.is(lines.at(-1), "rooms          none, and no admins who could add one: set `rooms` or `admins`");
  assert.is(status, EXIT_REFUSED);
  assert.is((await runCheck(context.server, nothing)).status, EXIT_OK, "an admin can add rooms");
});

test("leaves every file as it was, its owner too, and makes none", async (context) => {
  rmSync(join(context.killed, "lock"));
  const before = tracesOf(context.killed);
  const { status } = await runCheck(context.server, context.killed);
  assert.is(status, EXIT_OK);
  assert.equal(tracesOf(context.killed), before);
});

test("cuts no torn end, and says that the next desk does", async (context) => {
  appendFileSync(join(context.killed, "hats.journal"), "0000");
  const before = tracesOf(context.killed);
  assert.match(await storeLine(context, context.killed), /^good: .*; the torn end .* is cut at the start$/);
  assert.equal(tracesOf(context.killed), before);
});

test("takes no half moved history for damage, and finishes no move", async (context) => {
  const { killed } = context;
  renameSync(join(killed, "hats.journal"), join(killed, "hats.journal.old"));
  writeFileSync(join(killed, "hats.journal.old"), withoutZeros(join(killed, "hats.journal.old")));
  writeFileSync(join(killed, "hats.journal"), "");
  writeFileSync(join(killed, "history.jsonl"), '{"seq":1,"at":"2001-01-01T00:0');
  const before = tracesOf(killed);
  const { status, lines } = await runCheck(context.server, killed);
  assert.equal(
    lines.filter((line) => line.startsWith("history ")),
    [],
  );
  assert.is(status, EXIT_OK);
  assert.equal(tracesOf(killed), before);
});

function withoutZeros(path: string): string {
  return readFileSync(path, "latin1").replace(/\0+$/, "");
}

test("says of a folder that is missing that there is none yet, and does not make it", async (context) => {
  const data = join(context.folder, "not", "yet");
  assert.is(await storeLine(context, data), `none yet: ${data} is made when the bot starts`);
  assert.not.ok(existsSync(join(context.folder, "not")));
});

test("says of a folder without a store that there is none yet, and puts nothing into it", async (context) => {
  const data = join(context.folder, "empty");
  mkdirSync(data);
  const before = tracesOf(data);
  assert.is(await storeLine(context, data), `none yet: ${data} is there, and filled when the bot starts`);
  assert.equal(tracesOf(data), before);
});

test("leaves a store alone that a desk has open, and names its process", async (context) => {
  const desk = await openStore(context.killed);
  const before = tracesOf(context.killed);
  const line = await storeLine(context, context.killed);
  const left = "so rooms added by command and the history are left out";
  assert.is(line, `in use by a running desk (process ${process.pid}), ${left}`);
  assert.equal(tracesOf(context.killed), before);
  await desk.close();
});

test("does not keep a desk from starting meanwhile, and takes what that one moves for no damage", async (context) => {
  let desk: Desk | undefined;
  const readable = (path: string) => {
    const folder = readableFolder(path);
    return {
      ...folder,
      async *read(name: string) {
        desk ??= await openStore(context.killed);
        writeFileSync(join(context.folder, "moved"), "");
        yield* readableFolder(context.folder).read("moved");
        yield Buffer.from(name);
      },
    };
  };
  const seen = await checkStore(context.killed, readable);
  assert.equal(seen, { is: "in use", holder: `process ${process.pid}` });
  await desk?.close();
});

const edit =
  (name: string, change: (text: string) => string) =>
  (data: string): void => {
    const path = join(data, name);
    writeFileSync(path, change(readFileSync(path, "latin1")), "latin1");
  };

const faults: readonly (readonly [rule: string, harm: (data: string) => void, message: RegExp])[] = [
  [
    "damage in hats.json",
    edit("hats.json", (text) => text.replace('"seq":0', '"seq":1')),
    /^the store is damaged: hats\.json: line \d+, offset \d+: it does not fit its checksum/,
  ],
  [
    "hats.json gone from beside its journal",
    (data) => rmSync(join(data, "hats.json")),
    /^the store is damaged: hats\.json: it is missing, but hats\.journal holds changes/,
  ],
  [
    "damage in the journal",
    edit("hats.journal", (text) => text.replace("Two", "Twt")),
    /^the store is damaged: hats\.journal: line 2, offset \d+: the entry here is damaged/,
  ],
  [
    "a newer version",
    edit("hats.json", () => '{"version":9,"rooms":{}}'),
    /^the store was written by a newer version: hats\.json has version 9/,
  ],
  [
    "a file that is a link to nowhere",
    (data) => {
      rmSync(join(data, "hats.json"));
      symlinkSync("/nowhere/hats.json", join(data, "hats.json"));
    },
    /^the store cannot be read: .*hats\.json: it is a link that leads nowhere$/,
  ],
  [
    "damage in rooms.json, in the words of the desk",
    (data) => writeFileSync(join(data, "rooms.json"), '{"version":1'),
    /^the store is damaged: .*rooms\.json is not readable as what the bot remembers of rooms; move it away/,
  ],
  [
    "a rooms.json that cannot be read",
    (data) => mkdirSync(join(data, "rooms.json")),
    /^the store cannot be read: .*rooms\.json: it is a folder$/,
  ],
  [
    "a folder that is a link to nowhere",
    (data) => {
      rmSync(data, { recursive: true });
      symlinkSync("/nowhere/data", data);
    },
    /^the store cannot be read: .*data: it is a link that leads nowhere$/,
  ],
  [
    "a folder that is a file",
    (data) => {
      rmSync(data, { recursive: true });
      writeFileSync(data, "");
    },
    /^the store cannot be read: .*data: a part of the path is not a folder$/,
  ],
];

for (const [rule, harm, message] of faults) {
  test(`finds ${rule}, and ends with 2`, async (context) => {
    harm(context.killed);
    const error = await assertRejects(runCheck(context.server, context.killed), OperatorError);
    assert.match(error.message, message);
    assert.is(error.exit, 2);
  });
}

test("finds that this user may read the store and not write it", async ({ folder, killed }) => {
  chmodSync(folder, 0o755);
  chmodSync(killed, 0o777);
  for (const name of ["hats.json", "hats.journal", "lock"]) chmodSync(join(killed, name), 0o666);
  assert.is((await asOrdinaryUser(() => checkStore(killed))).is, "sound");
  chmodSync(join(killed, "hats.journal"), 0o444);
  const error = await asOrdinaryUser(() => assertRejects(checkStore(killed), OperatorError));
  assert.match(error.message, /hats\.journal: this user may not read or write it$/);
});

test.run();
