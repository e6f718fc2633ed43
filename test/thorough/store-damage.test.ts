/** Whatever is wrong with the files: a torn end is cut, everything else is refused by name and left as it is. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type FaultCode, OperatorError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { Store } from "../../src/store/store.ts";
import { printState, randomDraft } from "../support/crash-changes.ts";
import { CrashDisk, seededRandom } from "../support/crash-disk.ts";
import { Ledger, openOn } from "../support/crash-store.ts";

const STEPS = 8;

/* A store of some steps, closed or as a crash leaves it, with all states on the way. */
async function storeFiles(isClosed: boolean): Promise<{ files: Record<string, Buffer>; ledger: Ledger }> {
  const disk = new CrashDisk();
  const ledger = new Ledger();
  const random = seededRandom(7);
  const store = await openOn(disk, { journalBytes: 1 << 20 });
  for (let step = 0; step < STEPS; step++) {
    await store.append(ledger.draft(random));
  }
  if (isClosed) await store.close();
  return { files: disk.files(), ledger };
}

async function open(files: Record<string, Buffer>): Promise<{ state: string } | { fault: OperatorError }> {
  const disk = new CrashDisk({}, files);
  try {
    return { state: printState((await openOn(disk)).state) };
  } catch (error) {
    assert.instance(error, OperatorError);
    assert.equal(disk.files(), files);
    return { fault: error as OperatorError };
  }
}

const damage = suite("damage");

damage("a journal cut after any byte opens with exactly the entries that are whole", async () => {
  const { files, ledger } = await storeFiles(false);
  const journal = files["hats.journal"] as Buffer;
  for (let length = 0; length <= journal.length; length++) {
    const whole = journal.subarray(0, length).toString("latin1").split("\n").length - 1;
    const opened = await open({ ...files, "hats.journal": journal.subarray(0, length) });
    assert.equal(opened, { state: ledger.states[whole] }, `cut after ${length} bytes`);
  }
});

damage(
  "a journal with any bit flipped opens with an exact prefix or is refused, and loses at most its last entry",
  async () => {
    const { files, ledger } = await storeFiles(false);
    const journal = files["hats.journal"] as Buffer;
    const written = journal.lastIndexOf("\n") + 1;
    const lastLine = journal.lastIndexOf("\n", written - 2) + 1;
    for (let offset = 0; offset < journal.length; offset++) {
      const opened = await open({ ...files, "hats.journal": flip(journal, offset) });
      if (offset >= lastLine) {
        const kept = offset < written ? STEPS - 1 : STEPS;
        assert.ok("fault" in opened || opened.state === ledger.states[kept], `flip at ${offset}`);
      } else {
        assert.ok("fault" in opened, `flip at ${offset}`);
        assert.is(opened.fault.code, "store-damaged");
        assert.match(opened.fault.message, /hats\.journal: line \d, offset \d+: /);
      }
    }
  },
);

damage("a snapshot cut after any byte is refused", async () => {
  const { files } = await storeFiles(true);
  const snapshot = files["hats.json"] as Buffer;
  for (let length = 0; length < snapshot.length; length++) {
    const opened = await open({ ...files, "hats.json": snapshot.subarray(0, length) });
    // The line feed at the end is all that may be missing from a JSON document; it is no longer what the store wrote.
    assert.ok("fault" in opened && opened.fault.code === "store-damaged", `cut after ${length} bytes`);
  }
});

damage("a snapshot with any bit flipped is refused, with its line and offset", async () => {
  const { files } = await storeFiles(true);
  const snapshot = files["hats.json"] as Buffer;
  for (let offset = 0; offset < snapshot.length; offset++) {
    const opened = await open({ ...files, "hats.json": flip(snapshot, offset) });
    assert.ok("fault" in opened, `flip at ${offset}`);
    assert.ok(["store-damaged", "store-newer"].includes(opened.fault.code), `flip at ${offset}`);
    if (opened.fault.code === "store-damaged") assert.match(opened.fault.message, /hats\.json/);
  }
});

damage("a journal that was set aside is never cut: any flip in it is refused", async () => {
  const { files } = await storeFiles(false);
  const journal = files["hats.journal"] as Buffer;
  const aside = { "hats.json": files["hats.json"] as Buffer, "hats.journal": Buffer.alloc(0) };
  for (let offset = 0; offset < journal.length; offset += 3) {
    const opened = await open({ ...aside, "hats.journal.old": flip(journal, offset) });
    assert.ok("fault" in opened, `flip at ${offset}`);
  }
});

damage("a journal whose beginning is missing is refused", async () => {
  const { files } = await storeFiles(false);
  const journal = files["hats.journal"] as Buffer;
  const opened = await open({ ...files, "hats.journal": journal.subarray(journal.indexOf("\n") + 1) });
  assert.ok("fault" in opened);
  assert.match(opened.fault.message, /line 1, offset 0: entry 1 was expected, 2 found/);
});

damage("a journal without its snapshot is refused", async () => {
  const { files } = await storeFiles(false);
  const opened = await open({ "hats.journal": files["hats.journal"] as Buffer });
  assert.ok("fault" in opened);
  assert.match(opened.fault.message, /hats\.json: it is missing/);
});

damage("a journal that is older than its snapshot is refused", async () => {
  const { files } = await storeFiles(false);
  const closed = await storeFiles(true);
  const journal = files["hats.journal"] as Buffer;
  const older = journal.subarray(0, journal.indexOf("\n") + 1);
  const opened = await open({ ...closed.files, "hats.journal": older });
  assert.ok("fault" in opened && opened.fault.code === "store-damaged");
});

damage("a history of later changes than hats.json is refused, for it belongs to another one", async () => {
  const [{ files }, closed] = [await storeFiles(false), await storeFiles(true)];
  const history = closed.files["history.jsonl"] as Buffer;
  const older = { "hats.json": files["hats.json"] as Buffer, "history.jsonl": history };
  const opened = await open(older);
  assert.ok("fault" in opened && opened.fault.code === "store-damaged");
  assert.match(opened.fault.message, `history.jsonl: it holds entry ${STEPS}, but hats.json and the journal`);
  const torn = Buffer.concat([history, Buffer.from('{"seq":99,"at":"2026')]);
  assert.equal(await open({ ...closed.files, "history.jsonl": torn }), {
    state: closed.ledger.states[STEPS],
  });
});

damage("a history without its hats.json is refused", async () => {
  const { files } = await storeFiles(true);
  const opened = await open({ "history.jsonl": files["history.jsonl"] as Buffer });
  assert.ok("fault" in opened && opened.fault.code === "store-damaged");
  assert.match(opened.fault.message, /hats\.json: it is missing, but history\.jsonl holds changes/);
});

damage.run();

const badStart = suite("a bad hats.json");

const BAD: readonly (readonly [string, string | Buffer, FaultCode])[] = [
  ["empty", "", "store-damaged"],
  ["truncated", '{"version":1,"rooms":{"team@x.org":{', "store-damaged"],
  ["all NULs", Buffer.alloc(300), "store-damaged"],
  ["with a byte order mark", '\ufeff{"version":1,"rooms":{}}', "store-damaged"],
  ["null", "null", "store-damaged"],
  ["0", "0", "store-damaged"],
  ["[]", "[]", "store-damaged"],
  ["5", "5", "store-damaged"],
  ['"x"', '"x"', "store-damaged"],
  ["false", "false", "store-damaged"],
  ["{}", "{}", "store-damaged"],
  ["of a newer version", '{"version":2,"hats":[]}', "store-newer"],
  ["of a version that never was", '{"version":0,"rooms":{}}', "store-damaged"],
  ["of another program", '{"name":"milliner","version":"1.0.0","dependencies":{}}', "store-damaged"],
  ["with a member nobody knows", '{"version":1,"rooms":{},"extra":1}', "store-damaged"],
  [
    "with a wrong value",
    '{"version":1,"rooms":{"team@x.org":{"users":{"bob@x.org":{"hats":{"urn:x:a":{"active":"yes"}}}}}}}',
    "store-damaged",
  ],
  ["with a section nobody knows", '{"version":1,"rooms":{"team@x.org":{"colours":{}}}}', "store-damaged"],
  [
    "with a hat that lapses at no time",
    '{"version":1,"rooms":{"team@x.org":{"expires":{"bob@x.org":{"urn:x:a":"tomorrow"}}}}}',
    "store-damaged",
  ],
  [
    "with a hat worn for no time by default",
    '{"version":1,"rooms":{"team@x.org":{"hats":{"urn:x:a":{"defaultExpires":0}}}}}',
    "store-damaged",
  ],
  [
    "with a grant to nobody that could be named",
    '{"version":1,"rooms":{"team@x.org":{"grants":{"urn:x:a":{"users":["bob"],"members":false}}}}}',
    "store-damaged",
  ],
  [
    "with a room kept in an unknown way",
    '{"version":1,"rooms":{},"managed":{"team@x.org":{"nick":1}}}',
    "store-damaged",
  ],
  [
    "with an archive of no time",
    '{"version":1,"rooms":{},"archives":{"team@x.org":{"once":{}}}}',
    "store-damaged",
  ],
  ["that is no UTF-8", Buffer.from('{"version":1,"rooms":{"t\xe4m@x.org":{}}}', "latin1"), "store-damaged"],
];

for (const [name, content, code] of BAD) {
  badStart(`${name}: ${code}, named, and every file stays as it is`, async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "hats.json");
      writeFileSync(path, content);
      const fault = await openFault(folder);
      assert.is(fault.code, code);
      assert.match(fault.message, /hats\.json/);
      assert.equal(readFileSync(path), Buffer.from(content));
      assert.equal(readdirSync(folder).toSorted(), ["hats.json", "lock"]);
    });
  });
}

badStart("says where a wrong value is", async () => {
  await inFolder(async (folder) => {
    writeFileSync(
      join(folder, "hats.json"),
      '{"version":1,"rooms":{"team@x.org":{"users":{"bob@x.org":{"hats":{"urn:x:a":{"active":1}}}}}}}',
    );
    assert.match(
      (await openFault(folder)).message,
      "rooms.team@x.org.users.bob@x.org.hats.urn:x:a.active: true or false was expected",
    );
  });
});

badStart("that is a folder, or a link that leads nowhere, is no missing file", async () => {
  await inFolder(async (folder) => {
    mkdirSync(join(folder, "hats.json"));
    const fault = await openFault(folder);
    assert.is(fault.code, "store-unreadable");
    assert.match(fault.message, /it is a folder/);
  });
  await inFolder(async (folder) => {
    symlinkSync("nowhere", join(folder, "hats.json"));
    const fault = await openFault(folder);
    assert.is(fault.code, "store-unreadable");
    assert.match(fault.message, /a link that leads nowhere/);
    assert.not.ok(existsSync(join(folder, "nowhere")));
  });
});

badStart("that may not be read is named", async () => {
  const disk = new CrashDisk({}, { "hats.json": Buffer.from("{}") });
  disk.read = () => {
    throw Object.assign(new Error("permission denied"), { code: "EACCES", path: "/disk/hats.json" });
  };
  const fault = await faultOf(openOn(disk));
  assert.is(fault.code, "store-unreadable");
  assert.match(fault.message, "/disk/hats.json: this user may not read or write it");
});

badStart("written by hand, in any layout and without a checksum, is taken", async () => {
  await inFolder(async (folder) => {
    writeFileSync(
      join(folder, "hats.json"),
      JSON.stringify(
        {
          version: 1,
          rooms: {
            "team@x.org": {
              hats: { "urn:x:a": { title: "Teacher", hue: 171.4 } },
              users: {
                "bob@x.org": { hats: { "urn:x:a": { active: true, required: true, title: "Teacher" } } },
              },
            },
          },
        },
        null,
        2,
      ),
    );
    const store = await openStore(folder);
    assert.is(store.state.rooms.size, 1);
    await store.close();
  });
});

badStart("changed by hand with its checksum left in says how to mend it", async () => {
  await inFolder(async (folder) => {
    const store = await openStore(folder);
    await store.append(randomDraft(seededRandom(1), 1));
    await store.close();
    const path = join(folder, "hats.json");
    writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, "utf8"))));
    assert.match((await openFault(folder)).message, /if you changed it by hand, take its "crc" out/);
  });
});

badStart.run();

function flip(bytes: Buffer, offset: number): Buffer {
  const flipped = Buffer.from(bytes);
  flipped[offset] = (flipped[offset] as number) ^ (1 << (offset % 8));
  return flipped;
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "milliner-store-"));
  try {
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openStore(path: string): Promise<Store> {
  return Store.open({ path, log: silentLog, now: () => new Date(0), onDurable: () => undefined });
}

function openFault(folder: string): Promise<OperatorError> {
  return faultOf(openStore(folder));
}

async function faultOf(opening: Promise<Store>): Promise<OperatorError> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error("it was opened");
}
