/** Disks that are full, read-only or broken: what a change comes to, and what the store does afterwards. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Draft, Entry } from "../../src/core/entry.ts";
import { HatsError, type RefusalCode } from "../../src/core/errors.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { viewState } from "../../src/core/view.ts";
import { Journal, LONGEST_WRITE, NothingWritten } from "../../src/store/journal/journal.ts";
import type { Store, StoreOptions } from "../../src/store/store.ts";
import { SyncPace } from "../../src/store/journal/sync-pace.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { printState } from "../support/crash-changes.ts";
import { type Access, CrashDisk } from "../support/crash-disk.ts";
import { openOn } from "../support/crash-store.ts";
import { fixedPace } from "../support/fixed-pace.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const HAT = "urn:x:a" as HatId;

/* Both ways to secure a write. */
const PACES: Readonly<Record<string, NonNullable<StoreOptions["pace"]>>> = {
  blocking: fixedPace(() => true),
  aside: fixedPace(() => false),
};

/* A disk with a switch: while `fault` is set, that access to the journal fails with its code. */
class FaultyDisk extends CrashDisk {
  fault: { access: Access; code: string } | undefined;
  roomLeft = Number.POSITIVE_INFINITY;
  accesses: string[] = [];

  constructor() {
    super({
      room: () => this.roomLeft,
      onAccess: (access, name) => {
        this.accesses.push(`${access} ${name}`);
        if (this.fault?.access === access && name.startsWith("hats.journal")) throw fail(this.fault.code);
      },
    });
  }
}

function fail(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

for (const [name, pace] of Object.entries(PACES)) {
  const faults = suite(`faults of the disk, securing ${name}`);

  for (const code of ["ENOSPC", "EDQUOT", "EROFS"]) {
    faults(
      `${code}: nothing changed, everything staged is refused with it, and later changes succeed`,
      async () => {
        const disk = new FaultyDisk();
        const store = await openOn(disk, { pace });
        await store.append(draft("ann"));
        const before = { state: printState(store.state), journal: disk.contentOf("hats.journal") };
        disk.fault = { access: "append", code };
        assert.equal(await outcomes(store, ["bob", "cid", "dan"]), Array(3).fill("store-unwritable"));
        assert.equal({ state: printState(store.state), journal: disk.contentOf("hats.journal") }, before);
        assert.not.ok(isPending(store, "bob"));
        disk.fault = undefined;
        const { seq } = await store.append(draft("eve"));
        assert.is(seq, 2);
        assert.equal(await reopened(disk), printState(store.state));
      },
    );
  }

  faults("an append that failed half-way is cut back and secured before anybody is told", async () => {
    const disk = new FaultyDisk();
    const store = await openOn(disk, { pace });
    await store.append(draft("ann"));
    const before = disk.contentOf("hats.journal");
    disk.roomLeft = 20;
    disk.accesses = [];
    assert.equal(await outcomes(store, ["bob"]), ["store-unwritable"]);
    assert.is(disk.contentOf("hats.journal")?.toString(), before?.toString().replace(/\0*$/, ""));
    assert.equal(disk.accesses.slice(-2), ["sync hats.journal", "sync hats.journal"]);
  });

  faults("an append that failed half-way and cannot be cut back has an unknown outcome", async () => {
    const disk = new FaultyDisk();
    const store = await openOn(disk, { pace });
    disk.roomLeft = 20;
    disk.fault = { access: "truncate", code: "EIO" };
    assert.equal(await outcomes(store, ["bob"]), ["outcome-unknown"]);
    disk.fault = undefined;
    assert.equal(await outcomes(store, ["bob"]), ["store-unwritable"]);
  });

  for (const nth of [1, 2, 5]) {
    faults(
      `EIO on fdatasync ${nth}: not acknowledged, outcome unknown, nothing written until a restart`,
      async () => {
        const disk = new FaultyDisk();
        const told: number[] = [];
        const store = await openOn(disk, { pace, onDurable: ({ seq }) => told.push(seq) });
        for (let number = 1; number < nth; number++) await store.append(draft(`user${number}`));
        const before = printState(store.state);
        disk.fault = { access: "sync", code: "EIO" };
        assert.equal(await outcomes(store, ["bob", "cid"]), ["outcome-unknown", "outcome-unknown"]);
        disk.fault = undefined;
        const written = disk.accesses.length;
        assert.equal(await refusal(store, "eve"), {
          code: "store-unwritable",
          text: "the store has failed, nothing changed; the desk needs a restart",
        });
        await store.close();
        assert.is(disk.accesses.length, written);
        assert.is(printState(store.state), before);
        assert.is(told.length, nth - 1);
      },
    );
  }

  faults("EIO on an append is not retried either", async () => {
    const disk = new FaultyDisk();
    const store = await openOn(disk, { pace });
    disk.fault = { access: "append", code: "EIO" };
    assert.equal(await outcomes(store, ["bob"]), ["outcome-unknown"]);
    disk.fault = undefined;
    assert.equal(await outcomes(store, ["bob"]), ["store-unwritable"]);
  });

  faults("an acknowledgement comes after the fdatasync that follows its append, never before", async () => {
    const order: string[] = [];
    const disk: CrashDisk = new CrashDisk({
      onAccess(access, file) {
        if (file === "hats.journal" && (access === "append" || access === "sync")) order.push(access);
      },
    });
    const store = await openOn(disk, { pace, journalBytes: 1 << 20 });
    order.length = 0;
    const acknowledged = [1, 2, 3].map(async (number) => {
      await store.append(draft(`user${number}`));
      order.push(`acknowledged ${number}`);
    });
    await Promise.all(acknowledged);
    const acknowledgements = ["acknowledged 1", "acknowledged 2", "acknowledged 3"];
    // The disk tells of each access as it begins and as it ends.
    assert.equal(order, ["append", "append", "sync", "sync", ...acknowledgements]);
  });

  for (const [what, code, failing] of [
    ["a disk too full to compact", "ENOSPC", "hats.json"],
    ["a folder that nothing may be made in", "EACCES", "hats"],
  ] as const)
    faults(`${what} keeps the journal, and compacts when it can again`, async () => {
      const disk = new FaultyDisk();
      let isFull = false;
      const create = disk.create.bind(disk);
      disk.create = (file) => {
        if (isFull && file.startsWith(failing)) throw fail(code);
        return create(file);
      };
      const store = await openOn(disk, { pace, journalBytes: 400 });
      isFull = true;
      for (let number = 0; number < 12; number++) await store.append(draft(`user${number}`));
      isFull = false;
      for (let number = 12; number < 24; number++) await store.append(draft(`user${number}`));
      const state = printState(store.state);
      await store.close();
      assert.is(disk.contentOf("hats.journal.old"), undefined);
      assert.is(disk.contentOf("hats.journal")?.length, 0);
      assert.is(await reopened(disk), state);
      const seqs = historyOf(disk);
      assert.equal(
        seqs,
        Array.from({ length: 24 }, (_, index) => index + 1),
      );
    });

  faults("a compaction that could not be finished leaves nothing in the journal after a stop", async () => {
    const disk = new FaultyDisk();
    const create = disk.create.bind(disk);
    let isFull = false;
    disk.create = (file) => {
      if (isFull && file === "hats.json.new") throw fail("ENOSPC");
      return create(file);
    };
    const store = await openOn(disk, { pace, journalBytes: 400 });
    isFull = true;
    for (let number = 0; number < 12; number++) await store.append(draft(`user${number}`));
    isFull = false;
    await store.close();
    assert.is(disk.contentOf("hats.journal")?.length, 0);
    assert.is(historyOf(disk).length, 12);
  });

  faults("a journal that was retired, which could not be secured at once, is secured later", async () => {
    const disk = new FaultyDisk();
    let isRetired = false;
    let isFailing = true;
    const remove = disk.remove.bind(disk);
    const sync = disk.sync.bind(disk);
    disk.remove = (file) => {
      remove(file);
      isRetired ||= file === "hats.journal.old";
    };
    disk.sync = () => {
      if (isRetired && isFailing) throw fail("EMFILE");
      sync();
    };
    const store = await openOn(disk, { pace, journalBytes: 400 });
    for (let number = 0; number < 12; number++) await store.append(draft(`user${number}`));
    isFailing = false;
    for (let number = 12; number < 24; number++) await store.append(draft(`user${number}`));
    await store.close();
    assert.ok(isRetired);
    assert.is(historyOf(disk).length, 24);
  });

  faults.run();
}

const length = suite("length");

length("what is longer than can be told from damage is not written, and the journal goes on", () => {
  const disk = new CrashDisk();
  const journal = Journal.open(disk, 0);
  assert.throws(
    () => journal.append(new Uint8Array(LONGEST_WRITE + 1)),
    (error: unknown) => error instanceof NothingWritten,
  );
  journal.append(Buffer.from("x"));
  assert.is(journal.size, 1);
});

length.run();

const reading = suite("the past");

reading("that cannot be opened whole leaves none of its files open", async () => {
  const disk = new CrashDisk();
  const store = await openOn(disk);
  await store.append(draft("ann"));
  const opened: string[] = [];
  const open = disk.openToRead.bind(disk);
  disk.openToRead = (name) => {
    if (name === "history.jsonl") throw fail("EACCES");
    const file = open(name);
    if (file === undefined) return undefined;
    opened.push(name);
    return { ...file, close: () => void opened.splice(opened.indexOf(name), 1) };
  };
  const error = await assertRejects(
    store.readPast({ holding: [] }, () => false),
    Error,
  );
  assert.match(error.message, "EACCES");
  assert.equal(opened, []);
});

reading.run();

const ordering = suite("order");

ordering("listeners hear of entries in order, and after the state has them", async () => {
  const heard: string[] = [];
  const store: Store = await openOn(new CrashDisk(), {
    onDurable: (entry: Entry) => heard.push(`${entry.seq} ${store.state.rooms.get(TEAM)?.users.size}`),
  });
  await Promise.all(["ann", "bob", "cid"].map((name) => store.append(draft(name))));
  assert.equal(heard, ["1 1", "2 2", "3 3"]);
});

ordering("what is staged in one turn shares one append and one fdatasync", async () => {
  const disk = new FaultyDisk();
  const store = await openOn(disk, { journalBytes: 1 << 20, pace: PACES["blocking"]! });
  disk.accesses = [];
  await Promise.all(Array.from({ length: 64 }, (_, number) => store.append(draft(`user${number}`))));
  assert.equal(disk.accesses, [
    "append hats.journal",
    "append hats.journal",
    "sync hats.journal",
    "sync hats.journal",
  ]);
});

ordering(
  "one entry alone may block, and many together; of a few the next ones are to gather meanwhile",
  () => {
    const pace = new SyncPace();
    const mayBlock = [1, 2, 31, 32, 64].map((entries) => pace.mayBlock(entries));
    assert.equal(mayBlock, [true, false, false, true, true]);
  },
);

ordering("how many entries are to be secured is asked about, not how many wait", async () => {
  const asked: number[] = [];
  const store = await openOn(new CrashDisk(), {
    pace: fixedPace((entries) => asked.push(entries) > 0),
  });
  await store.append(draft("ann"));
  await Promise.all(["bob", "cid", "dan"].map((name) => store.append(draft(name))));
  assert.equal(asked, [1, 3]);
});

ordering("a slow disk is secured aside, and blocks again once it is quick", () => {
  const pace = new SyncPace();
  assert.ok(pace.mayBlock(1));
  for (let sync = 0; sync < 20; sync++) pace.noteBlocking(0.05);
  assert.ok(pace.mayBlock(1));
  pace.noteBlocking(40);
  assert.ok(pace.mayBlock(1), "one stall is not typical");
  for (let sync = 0; sync < 11; sync++) pace.noteBlocking(2);
  assert.not.ok(pace.mayBlock(1));
  for (let sync = 0; sync < 100; sync++) pace.noteAside(5);
  assert.not.ok(pace.mayBlock(1));
  for (let sync = 0; sync < 16; sync++) pace.noteAside(0.4);
  assert.ok(pace.mayBlock(1));
  pace.noteBlocking(1.8);
  assert.not.ok(pace.mayBlock(1));
  for (let sync = 0; sync < 16; sync++) pace.noteAside(0.4);
  pace.noteBlocking(0.05);
  assert.ok(pace.mayBlock(1));
});

ordering.run();

function draft(name: string): Draft {
  const user = `${name}@example.org` as BareJid;
  return {
    at: "2026-01-01T00:00:00.000Z",
    room: TEAM,
    author: { kind: "program" },
    changes: [{ kind: "user", room: TEAM, user, before: undefined, after: { hats: new Map([[HAT, {}]]) } }],
  };
}

async function outcomes(store: Store, names: readonly string[]): Promise<string[]> {
  return Promise.all(names.map(async (name) => (await refusal(store, name)).code));
}

async function refusal(store: Store, name: string): Promise<{ code: RefusalCode | "durable"; text: string }> {
  try {
    await store.append(draft(name));
    return { code: "durable", text: "" };
  } catch (error) {
    if (!(error instanceof HatsError)) throw error;
    return { code: error.code, text: error.text };
  }
}

function isPending(store: Store, name: string): boolean {
  const view = store.pending.over(
    viewState(
      store.state,
      () => true,
      () => "member",
    ),
  );
  return view.room(TEAM)?.user(`${name}@example.org` as BareJid) !== undefined;
}

async function reopened(disk: CrashDisk): Promise<string> {
  return printState((await openOn(new CrashDisk({}, disk.files()))).state);
}

function historyOf(disk: CrashDisk): number[] {
  const lines = disk.contentOf("history.jsonl")?.toString().trim().split("\n") ?? [];
  return lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
}
