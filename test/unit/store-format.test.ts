/** Older versions are migrated in place; the history is kept exactly once, and as long as its retention says. */
import { crc32 } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OperatorError } from "../../src/core/errors.ts";
import type { Format, Migration } from "../../src/store/format.ts";
import { appendHistory, cutHistory, trimHistory } from "../../src/store/history/history.ts";
import { LineBatch } from "../../src/store/journal/journal-line.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { printState, randomDraft } from "../support/crash-changes.ts";
import { CrashDisk, seededRandom } from "../support/crash-disk.ts";
import { openOn } from "../support/crash-store.ts";

/* A version 0 that never was: rooms were called places, and entries had a place. */
const FROM_ZERO: Migration = {
  snapshot(raw) {
    const { places } = raw as { places: object };
    return { version: 1, seq: 1, rooms: places };
  },
  entry(raw) {
    const { place, ...rest } = raw as { place: string };
    return { ...rest, room: place };
  },
};
const FORMAT: Format = { version: 1, migrations: new Map([[0, FROM_ZERO]]) };

function oldStore(): CrashDisk {
  const journal = new LineBatch();
  journal.begin(1);
  journal.add(
    '{"seq":2,"at":"2026-01-01T00:00:00.000Z","place":"team@x.org","author":{"kind":"room"},' +
      '"changes":[{"user":"bob@x.org","hats":{"urn:x:a":{"after":{"active":true}}}}]}',
    (to, json) => to.raw(json),
  );
  return new CrashDisk(
    {},
    {
      "hats.json": Buffer.from('{"version":0,"places":{"team@x.org":{"hats":{"urn:x:a":{"title":"A"}}}}}'),
      "hats.journal": Buffer.from(journal.bytes),
    },
  );
}

const format = suite("versions");

format("an older store is migrated with its journal, and written anew at once", async () => {
  const disk = oldStore();
  const store = await openOn(disk, { format: FORMAT });
  const state = printState(store.state);
  assert.match(state, '"bob@x.org",[["urn:x:a",{"active":true}]]');
  const written = JSON.parse(disk.contentOf("hats.json")?.toString() ?? "") as {
    version: number;
    seq: number;
  };
  assert.equal([written.version, written.seq], [1, 2]);
  assert.is((await store.append(randomDraft(seededRandom(3), 3))).seq, 3);
  const after = printState(store.state);
  assert.is(printState((await openOn(disk)).state), after);
});

format("a migration that is cut short is done again", async () => {
  const random = seededRandom(5);
  for (let cut = 0; cut < 40; cut++) {
    let left = cut;
    const images: Record<string, Buffer>[] = [];
    const files = oldStore().files();
    const disk: CrashDisk = new CrashDisk(
      {
        onAccess() {
          if (left-- === 0) images.push(disk.cut(random));
        },
      },
      files,
    );
    const store = await openOn(disk, { format: FORMAT });
    const expected = printState(store.state);
    await store.close();
    for (const image of images) {
      assert.is(printState((await openOn(new CrashDisk({}, image), { format: FORMAT })).state), expected);
    }
  }
});

/* A store as a program wrote it that knows another version, or more than this one; its checksum is right. */
function laidOut(body: string): CrashDisk {
  const crc = crc32(body).toString(16).padStart(8, "0");
  return new CrashDisk({}, { "hats.json": Buffer.from(`${body}"crc":"${crc}"}\n`) });
}
const ROOM_OF_A = '"team@x.org":{\n"hats":{\n"urn:x:a":{"title":"A"}\n}\n}\n';

format("an older store that has a checksum is migrated all the same", async () => {
  const disk = laidOut(`{"version":0,"seq":1,\n"places":{\n${ROOM_OF_A}},\n`);
  const { state } = await openOn(disk, { format: FORMAT });
  assert.match(printState(state), '"urn:x:a"');
});

for (const [what, body, code] of [
  ["of a newer version", `{"version":2,"seq":1,\n"rooms":{\n${ROOM_OF_A}},\n`, "store-newer"],
  [
    "that holds more than is known",
    `{"version":1,"seq":1,\n"rooms":{\n${ROOM_OF_A}},\n"capes":{\n},\n`,
    "store-damaged",
  ],
  [
    "in which a room stands beside the rooms",
    `{"version":1,"seq":1,\n"rooms":{\n},\n${ROOM_OF_A},\n`,
    "store-damaged",
  ],
] as const)
  format(`a store ${what} is refused though its checksum is right, and stays as it is`, async () => {
    const disk = laidOut(body);
    const before = disk.files();
    assert.is((await assertRejects(openOn(disk), OperatorError)).code, code);
    assert.equal(disk.files(), before);
  });

format("a torn end of the journal is cut before anything is written behind it", async () => {
  const written = new CrashDisk();
  const store = await openOn(written);
  await store.append(randomDraft(seededRandom(3), 1));
  const journal = Buffer.concat([written.contentOf("hats.journal")!, Buffer.from("00000a0b 1234")]);
  const disk = new CrashDisk({}, { ...written.files(), "hats.journal": journal });
  const again = await openOn(disk);
  await again.append(randomDraft(seededRandom(4), 2));
  assert.is(printState((await openOn(new CrashDisk({}, disk.files()))).state), printState(again.state));
});

format("an older store without a way to the present is refused, and stays as it is", async () => {
  const disk = oldStore();
  const before = disk.files();
  try {
    await openOn(disk);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, OperatorError);
    assert.match((error as OperatorError).message, "there never was a version 0");
  }
  assert.equal(disk.files(), before);
});

format.run();

const history = suite("history");
const NOW = new Date("2026-06-01T00:00:00.000Z");

const SUM = /,"crc":"[0-9a-f]{8}"\}$/gm;

function line(seq: number, at = "2026-05-01T00:00:00.000Z"): string {
  return `{"seq":${seq},"at":"${at}","room":"team@x.org"}`;
}

/* Without their checksums. */
function lines(disk: CrashDisk): string[] {
  const text = disk.contentOf("history.jsonl")?.toString().replace(SUM, "}") ?? "";
  return text.split("\n").slice(0, -1);
}

function bring(...entries: string[]): (onEntry: (json: Buffer) => void) => Promise<void> {
  return async (onEntry) => {
    for (const entry of entries) onEntry(Buffer.from(entry));
  };
}

history("holds what people did, not what the desk noted for itself", async () => {
  const disk = new CrashDisk();
  const noted = '{"seq":2,"at":"2026-05-01T00:00:00.000Z","changes":[{"base":"bob@x.org"}]}';
  await appendHistory(disk, bring(line(1), noted, line(3)));
  assert.equal(lines(disk), [line(1), line(3)]);
});

history("has the CRC-32 of each line in it, of all that is before it", async () => {
  const disk = new CrashDisk();
  await appendHistory(disk, bring(line(1), line(2)));
  for (const each of disk.contentOf("history.jsonl")?.toString().trim().split("\n") ?? []) {
    const { crc } = JSON.parse(each) as { crc: string };
    assert.is(
      crc,
      crc32(each.slice(0, each.indexOf('"crc"')))
        .toString(16)
        .padStart(8, "0"),
    );
    assert.ok(each.endsWith(`,"crc":"${crc}"}`));
  }
});

history("what an interrupted move had brought is cut off before it is brought again", async () => {
  for (const end of [
    "",
    `${line(3)}\n`,
    `${line(3)}\n${line(4).slice(0, 9)}`,
    "\0\0\0\n",
    `\0\0\n${line(4)}\n`,
  ]) {
    const disk = new CrashDisk({}, { "history.jsonl": Buffer.from(`${line(1)}\n${line(2)}\n${end}`) });
    await cutHistory(disk, 3);
    await appendHistory(disk, bring(line(3), line(4)));
    assert.equal(lines(disk), [line(1), line(2), line(3), line(4)]);
  }
});

history("an append that fails leaves it as it was", async () => {
  let room = 1_000;
  const disk = new CrashDisk({ room: () => room });
  await appendHistory(disk, bring(line(1)));
  room = 10;
  let code = "";
  await appendHistory(disk, bring(line(2))).catch((error: { code: string }) => {
    code = error.code;
  });
  assert.is(code, "ENOSPC");
  assert.equal(lines(disk), [line(1)]);
});

history("goes on in a line of its own where the last one was left without an end", async () => {
  const disk = new CrashDisk({}, { "history.jsonl": Buffer.from(line(1)) });
  await appendHistory(disk, bring(line(2)));
  assert.equal(lines(disk), [line(1), line(2)]);
});

history("that cannot be trimmed for want of room is as it was, and takes no more room", async () => {
  let room = 1_000;
  const disk = new CrashDisk({ room: () => room });
  await appendHistory(disk, bring(line(1, "2025-05-31T00:00:00.000Z"), line(2)));
  room = 10;
  const error = await assertRejects(trimHistory(disk, { days: 365, bytes: 1_000_000 }, NOW), Error);
  assert.is(error.message, "no room");
  assert.equal(Object.keys(disk.files()), ["history.jsonl"]);
  assert.equal(lines(disk), [line(1, "2025-05-31T00:00:00.000Z"), line(2)]);
});

history("loses what is older than its days, and nothing younger", async () => {
  const disk = new CrashDisk();
  const old = line(1, "2026-04-30T23:59:59.999Z");
  await appendHistory(disk, bring(old, line(2, "2026-05-02T00:00:00.000Z"), line(3)));
  await trimHistory(disk, { days: 31, bytes: 1_000_000 }, NOW);
  assert.equal(lines(disk), [line(2, "2026-05-02T00:00:00.000Z"), line(3)]);
});

history(
  "loses nothing by age to a clock that is years ahead, before or after entries of such a time",
  async () => {
    const disk = new CrashDisk();
    await appendHistory(disk, bring(line(1, "2026-05-30T00:00:00.000Z"), line(2)));
    await trimHistory(disk, { days: 31, bytes: 1_000_000 }, new Date("2096-01-01T00:00:00.000Z"));
    await appendHistory(disk, bring(line(3, "2096-01-02T00:00:00.000Z")));
    for (const now of ["2096-01-03T00:00:00.000Z", "2026-06-02T00:00:00.000Z"])
      await trimHistory(disk, { days: 31, bytes: 1_000_000 }, new Date(now));
    assert.is(lines(disk).length, 3);
  },
);

history("loses what was before a rest of years with what came after it", async () => {
  const disk = new CrashDisk();
  await appendHistory(disk, bring(line(1, "2019-01-01T00:00:00.000Z"), line(2)));
  await trimHistory(disk, { days: 31, bytes: 1_000_000 }, NOW);
  assert.is(lines(disk).length, 2);
  const later = "2026-07-20T00:00:00.000Z";
  await appendHistory(disk, bring(line(3, later)));
  await trimHistory(disk, { days: 31, bytes: 1_000_000 }, new Date(later));
  assert.equal(lines(disk), [line(3, later)]);
});

history("is kept whole for days without end, and for more days than there are dates", async () => {
  const disk = new CrashDisk();
  await appendHistory(disk, bring(line(1, "1999-12-31T23:59:59.999Z"), line(2)));
  for (const days of [Number.POSITIVE_INFINITY, 1_000_000_000]) {
    await trimHistory(disk, { days, bytes: Number.POSITIVE_INFINITY }, NOW);
    assert.is(lines(disk).length, 2);
  }
});

history("loses its oldest entries when it is larger than its bytes, whole ones only", async () => {
  const disk = new CrashDisk();
  await appendHistory(disk, bring(...Array.from({ length: 100 }, (_, index) => line(100 + index))));
  const size = `${line(100).slice(0, -1)},"crc":"00000000"}\n`.length;
  await trimHistory(disk, { days: 365, bytes: 50 * size }, NOW);
  assert.equal(lines(disk)[0], line(175));
  assert.is(lines(disk).length, 25);
  const before = disk.contentOf("history.jsonl");
  await trimHistory(disk, { days: 365, bytes: 50 * size }, NOW);
  assert.is(disk.contentOf("history.jsonl"), before);
});

history("is trimmed as the store says when it is compacted", async () => {
  const disk = new CrashDisk();
  const store = await openOn(disk, { retention: { days: 1 }, now: () => new Date(1_710_000_000_000) });
  await store.append(randomDraft(seededRandom(1), 1));
  await store.close();
  assert.equal(lines(disk), []);
});

history.run();
