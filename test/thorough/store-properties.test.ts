/** What holds for every history of a store, tried on random ones. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { applyChange, type Change } from "../../src/core/change.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import {
  type Archive,
  emptyRoom,
  emptyState,
  type HatId,
  type State,
  type User,
} from "../../src/core/model.ts";
import { applyRecorded } from "../../src/core/recorded.ts";
import { baseSchema, userSchema } from "../../src/store/json/entry-schema.ts";
import type { Write } from "../../src/store/json/json-members.ts";
import { JsonWriter } from "../../src/store/json/json-writer.ts";
import { readPlainBase, readPlainUser } from "../../src/store/json/parse-json.ts";
import { parseChanges, parseRecorded } from "../../src/store/journal/parse-recorded.ts";
import { writeEntry } from "../../src/store/journal/write-entry.ts";
import { writeUser } from "../../src/store/json/write-json.ts";
import { buildSnapshot } from "../../src/store/snapshot/write-snapshot.ts";
import { printState, randomDraft } from "../support/crash-changes.ts";
import { CrashDisk, seededRandom } from "../support/crash-disk.ts";
import { openOn } from "../support/crash-store.ts";

const properties = suite("for every history of a store");
const seed = fc.integer();
const buildEntry = buildBy(writeEntry);
const buildUser = buildBy(writeUser);
const HAT = "urn:x:a" as HatId;
const RUNS = { numRuns: 60 };

/* Plays random changes into a store that compacts after so many bytes; also what they come to without a store. */
async function play(from: number, steps: number, journalBytes: number) {
  const random = seededRandom(from);
  const disk = new CrashDisk();
  const store = await openOn(disk, { journalBytes });
  const expected = emptyState();
  const waiting: Promise<unknown>[] = [];
  for (let step = 0; step < steps; step++) {
    const draft = randomDraft(random, step, expected);
    applyAll(expected, draft.changes);
    waiting.push(store.append(draft));
    if (random() < 0.4) await Promise.all(waiting);
  }
  await Promise.all(waiting);
  return { disk, store, expected: printState(expected) };
}

async function reopen(disk: CrashDisk): Promise<string> {
  return printState((await openOn(new CrashDisk({}, disk.files()))).state);
}

properties("the journal replayed is the state", async () => {
  await fc.assert(
    fc.asyncProperty(seed, fc.nat(30), async (from, steps) => {
      const { disk, store, expected } = await play(from, steps, 1 << 20);
      assert.is(printState(store.state), expected);
      assert.is(await reopen(disk), expected);
    }),
    RUNS,
  );
});

properties(
  "closed and opened again is the state; all is in hats.json, and the journal is empty",
  async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.nat(30), async (from, steps) => {
        const { disk, store, expected } = await play(from, steps, 1 << 20);
        await store.close();
        assert.is(disk.contentOf("hats.journal")?.length, 0);
        assert.is(await reopen(disk), expected);
      }),
      RUNS,
    );
  },
);

properties(
  "compacted at any time, while changes go on, it is the same state and the same history",
  async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.nat(40), fc.integer({ min: 200, max: 3_000 }), async (from, steps, bytes) => {
        const { disk, store, expected } = await play(from, steps, bytes);
        assert.is(printState(store.state), expected);
        assert.is(await reopen(disk), expected);
        await store.close();
        const plain = await play(from, steps, 1 << 20);
        await plain.store.close();
        assert.is(
          disk.contentOf("history.jsonl")?.toString() ?? "",
          plain.disk.contentOf("history.jsonl")?.toString() ?? "",
        );
      }),
      RUNS,
    );
  },
);

properties("a snapshot is one valid JSON document, one user a line, that any JSON tool reads", async () => {
  await fc.assert(
    fc.asyncProperty(seed, fc.nat(30), async (from, steps) => {
      const { store } = await play(from, steps, 1 << 20);
      const text = Buffer.concat([...buildSnapshot(store.state, 1, 7)]).toString();
      const document = JSON.parse(text) as { version: number; rooms: Record<string, { users?: object }> };
      assert.is(document.version, 1);
      assert.equal(Object.keys(document.rooms), [...store.state.rooms.keys()]);
      for (const [room, { users = {} }] of Object.entries(document.rooms)) {
        for (const [jid, user] of Object.entries(users)) {
          assert.ok(text.includes(`\n${JSON.stringify(jid)}:${JSON.stringify(user)}`), room);
        }
      }
    }),
    RUNS,
  );
});

properties("an entry written and read is the same entry, and comes to the same state", () => {
  fc.assert(
    fc.property(seed, fc.nat(30), (from, steps) => {
      const random = seededRandom(from);
      const [live, replayed] = [emptyState(), emptyState()];
      for (let step = 0; step < steps; step++) {
        const entry = { ...randomDraft(random, step, live), seq: step };
        applyAll(live, entry.changes);
        const json = JSON.parse(buildEntry(entry)) as unknown;
        const parsed = parseRecorded(json);
        assert.ok("value" in parsed, JSON.stringify(parsed));
        const { changes, ...rest } = parsed.value;
        assert.equal({ ...rest, changes: entry.changes }, entry);
        assert.equal(parseChanges(json), { value: changes });
        for (const change of changes) applyRecorded(replayed, change);
        assert.is(printState(replayed), printState(live));
      }
    }),
  );
});

properties(
  "a snapshot written and read is the same state, archives and rooms added by command, too",
  async () => {
    await fc.assert(
      fc.asyncProperty(seed, fc.nat(60), async (from, steps) => {
        const { store, expected } = await play(from, steps, 1 << 20);
        const snapshot = Buffer.concat([...buildSnapshot(store.state, 1, 7)]);
        assert.is(await stateOf(snapshot), expected);
        const { crc: _crc, ...document } = JSON.parse(snapshot.toString()) as Record<string, unknown>;
        assert.is(await stateOf(Buffer.from(JSON.stringify(document, null, 2))), expected);
      }),
      RUNS,
    );
  },
);

properties("what was archived is written one user a line, too", () => {
  const archive: Archive = {
    ...emptyRoom(),
    users: new Map(
      ["ann@x.org", "bob@x.org"].map((user) => [user as BareJid, { hats: new Map([[HAT, {}]]) }]),
    ),
  };
  const times = new Map([["2026-01-01T00:00:00.000Z", archive]]);
  const state: State = { ...emptyState(), archives: new Map([["team@x.org" as RoomJid, times]]) };
  const lines = Buffer.concat([...buildSnapshot(state, 1, 0)])
    .toString()
    .split("\n");
  assert.ok(lines.includes('"ann@x.org":{"hats":{"urn:x:a":{}}},'));
  assert.ok(lines.includes('"bob@x.org":{"hats":{"urn:x:a":{}}}'));
});

properties("a store is read the same in pieces of any size", async () => {
  await fc.assert(
    fc.asyncProperty(seed, fc.nat(30), fc.integer({ min: 1, max: 300 }), async (from, steps, size) => {
      const { disk, expected } = await play(from, steps, 1_500);
      const copy = new CrashDisk({}, disk.files());
      const read = copy.read.bind(copy);
      copy.read = async function* (name) {
        for await (const whole of read(name)) {
          for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
        }
      };
      assert.is(printState((await openOn(copy)).state), expected);
    }),
    RUNS,
  );
});

properties("any text is written as JSON has it", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("\ud800", '"\\\n', "Ünï 🎩"),
  );
  fc.assert(
    fc.property(fc.array(text), (texts) => {
      const json = new JsonWriter();
      for (const each of texts) json.text(each);
      assert.is(json.bytes.toString(), texts.map((each) => JSON.stringify(each)).join(""));
    }),
  );
});

properties("a user of the ordinary shape is read by hand as the schema reads it", () => {
  const text = fc.oneof(fc.constantFrom("Teacher", "a\u0000b", "__proto__", "\ud800"), fc.string());
  const attachment = fc.dictionary(
    fc.constantFrom("active", "required", "title", "other"),
    fc.oneof(fc.boolean(), text),
  );
  const id = fc.constantFrom("urn:x:a", "x:__proto__", "no uri", "");
  const user = fc.oneof(
    fc.record({ hats: fc.dictionary(id, attachment) }),
    fc.record({ hats: fc.anything(), more: fc.anything() }, { requiredKeys: [] }),
    fc.anything(),
  );
  fc.assert(
    fc.property(user, (raw) => {
      const plain = readPlainUser(raw);
      if (plain === undefined) return;
      assert.is(buildUser(plain), buildUser(v.parse(userSchema, raw) as User));
    }),
    { numRuns: 500 },
  );
});

properties("a base of the ordinary shape is read by hand as the schema reads it", () => {
  const id = fc.constantFrom("urn:x:a", "x:__proto__", "no uri", "");
  const title = fc.oneof(fc.string(), fc.constantFrom("a\u0000b", "__proto__"), fc.boolean());
  fc.assert(
    fc.property(fc.oneof(fc.dictionary(id, title), fc.anything()), (raw) => {
      const plain = readPlainBase(raw);
      if (plain !== undefined) assert.equal(plain, v.parse(baseSchema, raw));
    }),
  );
});

properties.run();

function buildBy<T>(write: Write<T>): (value: T) => string {
  return (value) => {
    const json = new JsonWriter();
    write(json, value);
    return json.bytes.toString();
  };
}

async function stateOf(snapshot: Buffer): Promise<string> {
  return printState((await openOn(new CrashDisk({}, { "hats.json": snapshot }))).state);
}

function applyAll(state: State, changes: readonly Change[]): void {
  for (const change of changes) applyChange(state, change);
}
