/** The past is read backwards: each entry once, whatever is compacted, trimmed or damaged meanwhile. */
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Draft } from "../../src/core/entry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Log } from "../../src/core/log.ts";
import { silentLog } from "../../src/core/log.ts";
import type { HatId } from "../../src/core/model.ts";
import type { RecordedEntry } from "../../src/core/recorded.ts";
import type { Folder, ReadFile } from "../../src/store/files/folder.ts";
import { readHistoryLine } from "../../src/store/history/history-line.ts";
import { readPast } from "../../src/store/history/read-history.ts";
import { BLOCK, lineStartFrom, linesBackwards } from "../../src/store/history/lines-backwards.ts";
import { openFolder } from "../../src/store/files/node-folder.ts";
import { Store, type StoreOptions } from "../../src/store/store.ts";
import { CrashDisk } from "../support/crash-disk.ts";
import { fixedPace } from "../support/fixed-pace.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const STAFF = "staff@rooms.example.org" as RoomJid;
const HAT = "urn:x:a" as HatId;
const WIDE = "w".repeat(1_000);

function fileOf(content: Buffer): ReadFile {
  return {
    size: content.length,
    read: async (position, length) => content.subarray(position, position + length),
    close: () => undefined,
  };
}

const lines = suite("lines backwards");

lines("are those of the file, in reverse, however long blocks and lines are", async () => {
  const text = fc.array(fc.string({ maxLength: 12, unit: fc.constantFrom("a", "b", "é") }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 20 }), fc.boolean(), async (all, block, isEnded) => {
      const content = Buffer.from(all.join("\n") + (isEnded ? "\n" : ""));
      const read: string[] = [];
      for await (const found of linesBackwards(fileOf(content), content.length, block)) {
        for (const { bytes, start } of found) {
          read.push(bytes.toString());
          assert.is(content.subarray(start, start + bytes.length).equals(bytes), true);
        }
      }
      const expected = content.toString().split("\n");
      if (expected.at(-1) === "") expected.pop();
      assert.equal(read, expected.toReversed());
    }),
    { numRuns: 300 },
  );
});

lines("begin where a line begins, found from anywhere", async () => {
  const content = Buffer.from("one\ntwo\n\nfour");
  const starts = await Promise.all(Array.from({ length: 15 }, (_, at) => lineStartFrom(fileOf(content), at)));
  assert.equal(starts, [0, 4, 4, 4, 4, 8, 8, 8, 8, 9, 13, 13, 13, 13, 13]);
});

lines.run();

interface Context {
  /** Where a store is opened that nobody needs on a real disk. */
  disk: CrashDisk;
  path: string;
  log: string[];
}
const past = suite<Context>("the past");

past.before.each(async (context) => {
  context.path = await mkdtemp(join(tmpdir(), "milliner-past-"));
  context.disk = new CrashDisk();
  context.log = [];
});
past.after.each(({ path }) => rm(path, { recursive: true }));

function open({ disk, path, log }: Context, more: Partial<StoreOptions> = {}): Promise<Store> {
  const noted: Log = { ...silentLog, warn: (_fields, message) => void log.push(message) };
  return Store.open({
    path,
    log: noted,
    now: () => new Date("2026-06-01T00:00:00.000Z"),
    onDurable: () => undefined,
    journalBytes: 1 << 16,
    openFolder: () => disk,
    ...more,
  });
}

function draft(number: number, room = TEAM): Draft {
  const user = `user${number}@example.org` as BareJid;
  return {
    at: "2026-05-01T00:00:00.000Z",
    room,
    author: { kind: "program" },
    reason: `${number} ${WIDE}`,
    changes: [{ kind: "user", room, user, before: undefined, after: { hats: new Map([[HAT, {}]]) } }],
  };
}

async function append(
  store: Store,
  count: number,
  roomOf: (number: number) => RoomJid = () => TEAM,
): Promise<void> {
  let first = 0;
  while (first < count) {
    const some = Math.min(100, count - first);
    const drafts = Array.from({ length: some }, (_, index) => draft(first + index, roomOf(first + index)));
    await Promise.all(drafts.map((each) => store.append(each)));
    first += some;
  }
}

/** The numbers of all entries of a room, read page by page. */
async function readAll(
  store: Store,
  { page = 1_000_000, room = TEAM, mostRead = BLOCK, between = async () => {} }: Partial<ReadAll> = {},
): Promise<number[]> {
  const seqs: number[] = [];
  let before: number | undefined;
  do {
    let left = page;
    before = await store.readPast({ before, holding: [room], mostRead }, ({ seq }) => {
      seqs.push(seq);
      left -= 1;
      return left === 0;
    });
    await between();
  } while (before !== undefined);
  return seqs;
}

interface ReadAll {
  readonly page: number;
  readonly room: RoomJid;
  readonly mostRead: number;
  readonly between: () => Promise<unknown>;
}

function countdown(from: number, to = 1): number[] {
  return Array.from({ length: from - to + 1 }, (_, index) => from - index);
}

/** Appends until what was in the journal has gone into the history. */
async function compact(store: Store, { path }: Context): Promise<void> {
  const size = () => openFolder(path).sizeOf("history.jsonl") ?? 0;
  const before = size();
  while (size() === before || openFolder(path).sizeOf("hats.journal.old") !== undefined) {
    await append(store, 20, () => STAFF);
  }
}

past("comes newest first, over journal and history", async (context) => {
  const store = await open(context);
  const sizeOf = (name: string) => context.disk.sizeOf(name) ?? 0;
  let count = 0;
  do {
    await append(store, 50);
    count += 50;
  } while (sizeOf("history.jsonl") < 2 * BLOCK || sizeOf("hats.journal") === 0);
  assert.equal(await readAll(store), countdown(count));
  await store.close();
  const again = await open(context);
  assert.is(sizeOf("hats.journal"), 0);
  assert.equal(await readAll(again), countdown(count));
  await again.close();
});

past("comes in pages of any length, each beginning where the last one ended", async (context) => {
  const store = await open(context);
  await append(store, 300);
  assert.equal(await readAll(store, { page: 70 }), countdown(300));
  await store.close();
});

past("begins at any number", async (context) => {
  const store = await open(context);
  await append(store, 300);
  for (const before of [1, 2, 3, 50, 99, 100, 101, 177, 299, 300, 301, 5_000]) {
    const seqs: number[] = [];
    await store.readPast({ before, holding: [] }, ({ seq }) => seqs.push(seq) === 3);
    assert.equal(seqs, countdown(Math.min(before - 1, 300)).slice(0, 3));
  }
  await store.close();
});

past("is read on where it was, though it was compacted between two pages", async (context) => {
  const store = await open(context, { openFolder });
  await append(store, 250);
  const seqs = await readAll(store, { page: 100, between: () => compact(store, context) });
  assert.equal(seqs, countdown(250));
  await store.close();
});

past("is read whole, though it was compacted in the middle of the reading", async (context) => {
  let reads = 0;
  let onRead: (count: number) => Promise<void> = async () => {};
  const store = await open(context, {
    openFolder: (path) =>
      watched(openFolder(path), async () => {
        reads += 1;
        await onRead(reads);
      }),
  });
  await append(store, 250);
  for (const moment of [1, 3, 5]) {
    reads = 0;
    onRead = (count) => (count === moment ? compact(store, context) : Promise.resolve());
    assert.equal(await readAll(store, { mostRead: Infinity }), countdown(250));
    assert.ok(reads > moment, `compacted at read ${moment} of ${reads}`);
  }
  await store.close();
});

past("comes once, though it is in the old journal and in the history at the same time", async (context) => {
  const readings: Promise<number[]>[] = [];
  let store: Store | undefined;
  const disk = new CrashDisk({
    onAccess(access, name) {
      const isMoved = access === "append" && name === "history.jsonl" && disk.sizeOf(name) !== 0;
      if (isMoved && store !== undefined) readings.push(readAll(store));
    },
  });
  store = await open({ ...context, disk });
  await append(store, 150);
  while (disk.sizeOf("hats.journal.old") !== undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(readings.length > 0, "the history was written to");
  for (const reading of readings) {
    const seqs = await reading;
    assert.equal(seqs, countdown(seqs[0] ?? 0));
    assert.ok(seqs.length >= 50, `${seqs.length} entries`);
  }
  const opened = store;
  store = undefined;
  await opened.close();
});

/** A folder that says when somebody reads backwards. */
function watched(folder: Folder, onRead: () => Promise<void>): Folder {
  return {
    ...folder,
    openToRead(name) {
      const file = folder.openToRead(name);
      if (file === undefined) return undefined;
      return {
        ...file,
        async read(position, length) {
          await onRead();
          return file.read(position, length);
        },
      };
    },
  };
}

past("is read by many at once, who do not disturb each other", async (context) => {
  const store = await open(context);
  await append(store, 300, (number) => (number % 3 === 0 ? STAFF : TEAM));
  const team = countdown(300).filter((seq) => (seq - 1) % 3 !== 0);
  const staff = countdown(300).filter((seq) => (seq - 1) % 3 === 0);
  const readers = Array.from({ length: 12 }, (_, index) =>
    readAll(store, { room: index % 2 === 0 ? TEAM : STAFF, page: 10 + index }),
  );
  const writer = append(store, 100, () => "elsewhere@rooms.example.org" as RoomJid);
  for (const [index, seqs] of (await Promise.all(readers)).entries()) {
    assert.equal(seqs, index % 2 === 0 ? team : staff);
  }
  await writer;
  await store.close();
});

past(
  "a question that matches nothing reads no more than its bound a call, and comes to the end",
  async (context) => {
    let bytes = 0;
    const counting: Partial<StoreOptions> = {
      openFolder: (path) => {
        const folder = openFolder(path);
        return {
          ...folder,
          openToRead(name) {
            const file = folder.openToRead(name);
            return file && { ...file, read: (at, length) => ((bytes += length), file.read(at, length)) };
          },
        };
      },
    };
    /* Opened anew, as one that was just written to may still be reading for itself. */
    const writer = await open(context, counting);
    await append(writer, 600);
    await writer.close();
    const store = await open(context, counting);
    let before: number | undefined;
    let calls = 0;
    do {
      bytes = 0;
      before = await store.readPast({ before, holding: ["nobody@x"], mostRead: BLOCK }, () => true);
      calls += 1;
      assert.ok(bytes <= 6 * BLOCK, `${bytes} bytes`);
    } while (before !== undefined);
    assert.ok(calls >= 5, `${calls} calls`);
    await store.close();
  },
);

past("lets others run between its blocks", async (context) => {
  const store = await open(context);
  await append(store, 400);
  let turns = 0;
  let isRead = false;
  const turn = () => {
    turns += 1;
    if (!isRead) setImmediate(turn);
  };
  setImmediate(turn);
  await readAll(store, { mostRead: Infinity });
  isRead = true;
  assert.ok(turns >= 4, `${turns} turns`);
  await store.close();
});

past("takes lines that are longer than many blocks", async (context) => {
  const store = await open(context, { journalBytes: 1 << 30 });
  await append(store, 3);
  await store.append({ ...draft(4), reason: "x".repeat(5 * BLOCK) });
  await append(store, 3);
  assert.equal(await readAll(store), countdown(7));
  await store.close();
  const again = await open(context);
  assert.equal(await readAll(again), countdown(7));
  assert.equal(await readAll(again, { page: 1 }), countdown(7));
  await again.close();
});

past("leaves out a damaged line, and says so in the log", async (context) => {
  const store = await open(context, { openFolder });
  await append(store, 10);
  await store.close();
  const file = join(context.path, "history.jsonl");
  const text = readFileSync(file, "utf8").split("\n");
  text[4] = text[4]?.replace('"room"', 'room"') ?? "";
  text[6] = text[6]?.slice(0, 100) + "\0\0";
  writeFileSync(file, text.join("\n"));
  const again = await open(context, { openFolder });
  assert.equal(await readAll(again), [10, 9, 8, 6, 4, 3, 2, 1]);
  assert.equal(context.log, Array(2).fill("a line of the history cannot be read"));
  await again.close();
});

past(
  "shows nothing else than what was written, whichever bit of it is another, and all the rest",
  async (context) => {
    const store = await open(context);
    await append(store, 220);
    await store.close();
    const whole = context.disk.contentOf("history.jsonl") ?? Buffer.alloc(0);
    const written = whole.toString().split("\n").slice(0, -1);
    const reasons = written.map((line) => (JSON.parse(line) as { reason: string }).reason);

    /* Read in pages, with one bit turned over. */
    async function readWith(position: number, bit: number): Promise<number> {
      const damaged = Buffer.from(whole);
      damaged[position]! ^= 1 << bit;
      const file = { ...fileOf(damaged), name: "history.jsonl", json: readHistoryLine };
      let count = 0;
      let before: number | undefined;
      const take = ({ seq, reason }: RecordedEntry) => {
        assert.is(reason, reasons[seq - 1], `entry ${seq}`);
        count += 1;
        return count % 50 === 0;
      };
      do {
        before = await readPast([file], { before, holding: [], mostRead: BLOCK }, take, silentLog);
      } while (before !== undefined);
      return count;
    }

    /* The numbers of the entries lead the reading. */
    let start = 0;
    for (const line of written) {
      const number = start + '{"seq":'.length;
      assert.is(await readWith(number, 0), 219, line.slice(0, 20));
      assert.is(await readWith(number, 3), 219, line.slice(0, 20));
      start += Buffer.byteLength(line) + 1;
    }
    const position = fc.integer({ min: 0, max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const count = await readWith(at, bit);
        /* A line feed more or less damages two of them. */
        assert.ok(count === 219 || count === 218, `${count} entries`);
      }),
      { numRuns: 50 },
    );
  },
);

past("of lines from before there was a checksum is read as they stand", async (context) => {
  const store = await open(context);
  await append(store, 5);
  await store.close();
  const text = context.disk.contentOf("history.jsonl")?.toString() ?? "";
  const old = text.replace(/,"crc":"[0-9a-f]{8}"\}$/gm, "}");
  assert.is.not(old, text);
  const disk = new CrashDisk({}, { ...context.disk.files(), "history.jsonl": Buffer.from(old) });
  const again = await open({ ...context, disk });
  await append(again, 5);
  assert.equal(await readAll(again), countdown(10));
  await again.close();
  assert.equal(context.log, []);
  assert.ok(disk.contentOf("history.jsonl")?.toString().startsWith(old), "they stay as they are");
});

past("is read while it is trimmed, and ends earlier from then on", async (context) => {
  const store = await open(context, { openFolder, retention: { bytes: 200_000 } });
  await append(store, 300);
  let isTrimmed = false;
  const seqs: number[] = [];
  await store.readPast({ holding: [TEAM] }, ({ seq }) => seqs.push(seq) === 100);
  assert.equal(seqs, countdown(300, 201));
  for (let round = 0; round < 4; round += 1) await compact(store, context);
  const rest: number[] = [];
  await store.readPast({ before: 201, holding: [TEAM] }, ({ seq }) => {
    rest.push(seq);
    return false;
  });
  isTrimmed = rest.length < 200;
  assert.ok(isTrimmed, "the oldest are gone");
  assert.equal(rest, countdown(200).slice(0, rest.length));
  await store.close();
});

past("holds nothing that is not durable yet", async (context) => {
  let secure: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    secure = resolve;
  });
  const store = await open(context, {
    pace: fixedPace(() => false),
    openFolder: (path) => {
      const folder = openFolder(path);
      return {
        ...folder,
        openToAppend(name) {
          const file = folder.openToAppend(name);
          const end = () => file.end;
          return {
            get end() {
              return end();
            },
            append: (bytes) => file.append(bytes),
            reserve: (length) => file.reserve(length),
            truncate: (size) => file.truncate(size),
            sync: () => file.sync(),
            syncAside: () => gate.then(() => file.syncAside()),
            close: () => file.close(),
          };
        },
      };
    },
  });
  const appended = store.append(draft(1));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(readFileSync(join(context.path, "hats.journal")).includes("user1@example.org"), "it is written");
  assert.equal(await readAll(store), []);
  secure();
  await appended;
  assert.equal(await readAll(store), [1]);
  await store.close();
});

past.run();
