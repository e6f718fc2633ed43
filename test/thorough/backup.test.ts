/** `milliner backup`: a copy of a store that is being written to opens as a store, with all that was acknowledged before. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { backup } from "../../src/cli/backup.ts";
import { run as runLine } from "../../src/cli.ts";
import type { Draft } from "../../src/core/entry.ts";
import { OperatorError } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import type { HatId } from "../../src/core/model.ts";
import { RESTORED } from "../../src/presence/picture/hat-mark.ts";
import { Store } from "../../src/store/store.ts";
import { startChild } from "../../src/testing/child-process.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { tracesOf } from "../support/file-traces.ts";
import { asOrdinaryUser } from "../support/ordinary-user.ts";

interface Scene {
  folder: string;
  data: string;
  lines: string[];
}

const ROOM = "team@rooms.example.org" as RoomJid;
const BOB = "bob@example.org" as BareJid;
const HAT = "urn:x:a" as HatId;
const WRITER = fileURLToPath(new URL("../support/crash-writer.ts", import.meta.url));

const test = suite<Scene>("milliner backup");

test.before.each((scene) => {
  scene.folder = mkdtempSync(join(tmpdir(), "milliner-backup-"));
  scene.data = join(scene.folder, "data");
  scene.lines = [];
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

const run = ({ lines }: Scene, from: string, to: string): Promise<number> =>
  backup({ out: (text) => lines.push(text), err: (text) => lines.push(text) }, from, to);

/* So small a journal is compacted after every few dozen changes. */
const openStore = (path: string, journalBytes = 8_192): Promise<Store> =>
  Store.open({ path, log: silentLog, now: () => new Date(), onDurable: () => undefined, journalBytes });

function draft(number: number): Draft {
  const hats = new Map([[HAT, { active: true, required: false, title: String(number) }]]);
  const after = { hats };
  const author = { kind: "program" } as const;
  return {
    at: new Date().toISOString(),
    room: ROOM,
    author,
    changes: [{ kind: "user", room: ROOM, user: BOB, before: undefined, after }],
  };
}

function titleIn(store: Store): number {
  return Number(store.state.rooms.get(ROOM)?.users.get(BOB)?.hats.get(HAT)?.title ?? 0);
}

/* Every change of a closed store, by its number: all of them are in the history then. */
function historyOf(folder: string): number[] {
  const lines = readFileSync(join(folder, "history.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
}

/* Takes copies while somebody writes as fast as the store takes it; `judge` gets what was acknowledged before each. */
async function whileWriting(
  scene: Scene,
  { journalBytes, reason, copies }: { journalBytes: number; reason?: string; copies: number },
  judge: (to: string, found: number) => void,
): Promise<void> {
  const store = await openStore(scene.data, journalBytes);
  const done = new AbortController();
  let written = 0;
  const writing = (async () => {
    while (!done.signal.aborted) {
      await store.append({ ...draft(written + 1), ...(reason && { reason }) });
      written += 1;
    }
  })();
  try {
    for (let copy = 1; copy <= copies; copy += 1) {
      const acknowledged = written;
      const to = join(scene.folder, `copy${copy}`);
      assert.is(await run(scene, scene.data, to), 0);
      const copied = await openStore(to);
      const found = titleIn(copied);
      assert.ok(
        found >= acknowledged && found <= written + 1,
        `${acknowledged} <= ${found} <= ${written} + 1`,
      );
      await copied.close();
      judge(to, found);
    }
    assert.ok(written > copies, `${written} changes`);
  } finally {
    done.abort();
    await writing;
    await store.close();
  }
}

test("of a store at work loses nothing that was acknowledged before, and its history has each change once", (scene) =>
  whileWriting(scene, { journalBytes: 8_192, copies: 12 }, (to, found) => {
    if (found > 0)
      assert.equal(
        historyOf(to),
        Array.from({ length: found }, (_, at) => at + 1),
      );
  }));

test("is whole also where the journal grows while it is read", async (scene) => {
  const reason = "x".repeat(20_000);
  await whileWriting(scene, { journalBytes: 1 << 22, reason, copies: 4 }, (to) => {
    assert.match(scene.lines.at(-1) ?? "", new RegExp(`to ${to}: all changes`));
  });
});

test("of a desk in another process, under load", async (scene) => {
  const writer = startChild({
    command: process.execPath,
    args: ["--import", "tsx", WRITER, scene.data],
  });
  try {
    await writer.until(/^0 20$/);
    for (let copy = 1; copy <= 5; copy += 1) {
      const acknowledged = new Map(writer.lines.map((line) => line.split(" ") as [string, string]));
      const to = join(scene.folder, `copy${copy}`);
      await run(scene, scene.data, to);
      const copied = await openStore(to);
      const { users } = copied.state.rooms.get(ROOM) ?? { users: new Map() };
      for (const [worker, number] of acknowledged) {
        const hats = users.get(`worker${worker}@example.org` as BareJid)?.hats;
        assert.ok(Number(hats?.get(HAT)?.title) >= Number(number), `worker ${worker}, change ${number}`);
      }
      await copied.close();
    }
  } finally {
    writer.signal("SIGKILL");
    await writer.ended;
  }
});

test("of a store at rest is the store", async (scene) => {
  const store = await openStore(scene.data);
  await store.append(draft(1));
  await store.close();
  writeFileSync(join(scene.data, "rooms.json"), '{"version":1,"rooms":{}}');
  const to = join(scene.folder, "a/new/folder");
  await run(scene, scene.data, to);
  assert.match(scene.lines[0] ?? "", /^copied .*: all changes up to number 1$/);
  for (const name of ["hats.json", "history.jsonl", "rooms.json"]) {
    assert.is(readFileSync(join(to, name), "utf8"), readFileSync(join(scene.data, name), "utf8"));
    assert.is(statSync(join(to, name)).mode & 0o777, 0o600);
  }
  assert.is(statSync(to).mode & 0o777, 0o700);
  assert.not.ok(existsSync(join(to, "lock")));
});

test("says of each room, in the copy alone, that it is to be told what the copy has", async (scene) => {
  const store = await openStore(scene.data);
  await store.append(draft(1));
  writeFileSync(
    join(scene.data, "rooms.json"),
    '{"version":1,"rooms":{"empty@rooms.example.org":{"ownAffiliation":"owner"}}}',
  );
  const to = join(scene.folder, "copy");
  await run(scene, scene.data, to);
  const copied = await openStore(to);
  const marked = [...copied.state.rooms].filter(([, { base }]) => base.has(RESTORED));
  assert.equal(
    marked.map(([room]) => room),
    [ROOM, "empty@rooms.example.org"],
  );
  await copied.close();
  assert.equal(historyOf(to), [1], "which is no history");
  assert.not.ok(store.state.rooms.get(ROOM)?.base.has(RESTORED));
  await store.close();
});

interface Obstacle {
  readonly rule: string;
  /** Puts it in the way; the default copy is to `copies/today`. */
  readonly put: (folder: string, data: string) => void;
  readonly from?: string;
  readonly to?: string;
  readonly message: RegExp;
}

const obstacles: readonly Obstacle[] = [
  {
    rule: "a source that does not exist",
    put: () => undefined,
    from: "dta",
    message: /\/dta: there is no such folder; name the folder of the store, such as \/var\/lib\/milliner$/,
  },
  {
    rule: "a source that is a file",
    put: () => undefined,
    from: "data/hats.json",
    message: /hats\.json: is no folder; name the folder of the store/,
  },
  {
    rule: "a source without a store",
    put: (folder) => mkdirSync(join(folder, "empty")),
    from: "empty",
    message: /empty: no store is there, since hats\.json is missing; name the folder/,
  },
  {
    rule: "a source with a file that this user may not read",
    put: (_, data) => chmodSync(join(data, "hats.json"), 0),
    message:
      /^the store cannot be read: .*hats\.json: this user may not read it; run the backup as the user of/,
  },
  {
    rule: "a source with a folder in place of a file",
    put: (_, data) => mkdirSync(join(data, "rooms.json")),
    message: /^the store cannot be read: .*rooms\.json: it is a folder$/,
  },
  {
    rule: "a target that is not empty",
    put: (folder) => mkdirSync(join(folder, "copies/today/before"), { recursive: true }),
    message: /copies\/today: not empty; name a new folder for each backup$/,
  },
  {
    rule: "a target that is a file",
    put: () => undefined,
    to: "data/hats.json",
    message: /^the backup cannot be written: .*hats\.json: a file has this name; name a new folder/,
  },
  {
    rule: "a target below a file",
    put: () => undefined,
    to: "data/hats.json/copy",
    message: /^the backup cannot be written: .*: a part of the path is a file; name a new folder/,
  },
  {
    rule: "a target that this user may not make",
    put: (folder) => chmodSync(join(folder, "copies"), 0o555),
    message: /^the backup cannot be written: .*today: this user may not write there; run it as one who may/,
  },
  {
    rule: "a target that this user may not write to",
    put(folder) {
      mkdirSync(join(folder, "copies/today"));
      chmodSync(join(folder, "copies/today"), 0o555);
    },
    message:
      /^the backup cannot be written: .*hats\.json: this user may not write there; run it as one who may/,
  },
];

for (const { rule, put, from = "data", to = "copies/today", message } of obstacles) {
  test(`is told of ${rule} in one line, with 2, and leaves nothing behind`, async (scene) => {
    await (await openStore(scene.data)).close();
    mkdirSync(join(scene.folder, "copies"));
    chmodSync(scene.folder, 0o755);
    for (const path of ["data", "copies"]) chmodSync(join(scene.folder, path), 0o777);
    for (const name of ["hats.json", "hats.journal"]) chmodSync(join(scene.data, name), 0o666);
    put(scene.folder, scene.data);
    const before = tracesOf(join(scene.folder, "copies"));
    const words = ["backup", join(scene.folder, from), join(scene.folder, to)];
    const lines: string[] = [];
    const output = { out: (text: string) => lines.push(text), err: (text: string) => lines.push(text) };
    assert.is(await asOrdinaryUser(() => runLine(words, output, {})), 2);
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? "", message);
    assert.equal(Object.keys(tracesOf(join(scene.folder, "copies"))), Object.keys(before));
    chmodSync(join(scene.folder, "copies"), 0o777);
  });
}

test("makes all folders of the copy, and takes all of them back where it fails", async (scene) => {
  const damaged = await damagedStore(scene, (bytes, at) => void (bytes[at + 40] = (bytes[at + 40] ?? 0) ^ 1));
  await assertRejects(run(scene, damaged, join(scene.folder, "a/new/folder")), OperatorError);
  assert.not.ok(existsSync(join(scene.folder, "a")));
});

/** A store as a desk that was killed leaves it, with three changes in the journal and one thing done to its bytes. */
async function damagedStore(
  scene: Scene,
  damage: (journal: Buffer, secondLine: number) => void,
): Promise<string> {
  const store = await openStore(scene.data, 1 << 24);
  for (const number of [1, 2, 3]) await store.append(draft(number));
  const damaged = join(scene.folder, "damaged");
  cpSync(scene.data, damaged, { recursive: true });
  await store.close();
  const journal = join(damaged, "hats.journal");
  const bytes = readFileSync(journal);
  damage(bytes, bytes.indexOf("\n") + 1);
  writeFileSync(journal, bytes);
  return damaged;
}

const damages: [rule: string, damage: (journal: Buffer, secondLine: number) => void, place: RegExp][] = [
  [
    "a flipped bit",
    (bytes, at) => void (bytes[at + 40] = (bytes[at + 40] ?? 0) ^ 1),
    /hats\.journal.* the entry here is damaged/,
  ],
  [
    "zeros",
    (bytes, at) => void bytes.fill(0, at, at + 40),
    /hats\.journal, offset \d+: nothing is written here/,
  ],
];

for (const [rule, damage, place] of damages) {
  test(`of a store damaged by ${rule} is refused with the place, and leaves no copy that looks like one`, async (scene) => {
    const damaged = await damagedStore(scene, damage);
    const to = join(scene.folder, "copy");
    const refusal = await assertRejects(run(scene, damaged, to), OperatorError);
    assert.is(refusal.code, "store-damaged");
    assert.match(refusal.message, place);
    assert.not.ok(existsSync(join(to, "hats.json")));
  });
}

test("of a store with a rooms.json that no desk would take is refused, naming that file", async (scene) => {
  const store = await openStore(scene.data);
  await store.append(draft(1));
  await store.close();
  const path = join(scene.data, "rooms.json");
  writeFileSync(path, "{");
  const to = join(scene.folder, "copy");
  const { message } = await assertRejects(run(scene, scene.data, to), OperatorError);
  assert.match(message, `${path} is not readable`);
  assert.not.ok(existsSync(to));
});

test("of a store whose desk was killed has what its journal has", async (scene) => {
  const killed = await damagedStore(scene, () => undefined);
  assert.is(readFileSync(join(killed, "hats.journal")).at(-1), 0);
  const to = join(scene.folder, "copy");
  await run(scene, killed, to);
  const copied = await openStore(to);
  assert.is(titleIn(copied), 3);
  await copied.close();
});

test.run();
