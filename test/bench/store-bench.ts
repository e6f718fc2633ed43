/**
 * Durable changes a second: the desk beside better-sqlite3 (WAL, synchronous=FULL) and plain lowdb.
 *
 * A change gives one of three hats of a person another title, among 1,000 or 1,000,000 people, and counts when it is on
 * the disk. The desk also judges it, keeps it in the history and tells listeners. SQLite updates one row by its key, from
 * JSON that is ready; with 64 in flight it gets all 64 in one transaction, which is the most that it can share. "With history"
 * it inserts a row of what changed as well, which is what the desk does. lowdb's JSONFile secures nothing and is measured as
 * it is.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import Database from "better-sqlite3";
import { Low } from "lowdb";
import { JSONFile } from "lowdb/node";
import { addUserHat } from "../../src/core/hats.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Attachment } from "../../src/core/model.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { openFolder } from "../../src/store/files/node-folder.ts";
import { type BenchRow, interleave, median, rate, ratioRow } from "./measure.ts";

const ROOM = "team@rooms.example.org" as RoomJid;
const OPS = "ops@example.org" as BareJid;
const ROUNDS = 5;
const ALONE = 8_000;
const TOGETHER = 64_000;

/* Something that makes changes durable: a number stands for a person, and another `version` makes it another change. */
interface Contender {
  change(person: number, version: string): Promise<unknown>;
  /** 64 changes that share what they can. */
  changeTogether(people: readonly number[], version: string): Promise<unknown>;
  close(): Promise<void> | void;
}

/** Measures; takes about three minutes. All sizes alternate, since a disk is not equally quick all the time. */
export async function benchStore(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "milliner-bench-"));
  try {
    const small = await openBoth(join(folder, "small"), 1_000);
    const large = await openBoth(join(folder, "large"), 1_000_000);
    const seen = await interleave(ROUNDS, {
      smallDesk1: () => alone(small.desk, 1_000),
      largeDesk1: () => alone(large.desk, 1_000_000),
      smallSqlite1: () => alone(small.sqlite, 1_000),
      largeSqlite1: () => alone(large.sqlite, 1_000_000),
      smallDesk64: () => together(small.desk, 1_000),
      largeDesk64: () => together(large.desk, 1_000_000),
      smallSqlite64: () => together(small.sqlite, 1_000),
      largeSqlite64: () => together(large.sqlite, 1_000_000),
      largeHistorian1: () => alone(large.historian, 1_000_000),
      largeHistorian64: () => together(large.historian, 1_000_000),
    });
    const rows = [
      ...small.rows,
      ...large.rows,
      ...(await closeBoth(small, "1k")),
      ...(await closeBoth(large, "1M")),
      rateRow("desk, 1k users, 1 in flight", seen.smallDesk1),
      rateRow("desk, 1M users, 1 in flight", seen.largeDesk1),
      rateRow("better-sqlite3, 1k users, 1 in flight", seen.smallSqlite1),
      rateRow("better-sqlite3, 1M users, 1 in flight", seen.largeSqlite1),
      rateRow("desk, 1k users, 64 in flight", seen.smallDesk64),
      rateRow("desk, 1M users, 64 in flight", seen.largeDesk64),
      rateRow("better-sqlite3, 1k users, 64 in flight", seen.smallSqlite64),
      rateRow("better-sqlite3, 1M users, 64 in flight", seen.largeSqlite64),
      rateRow("better-sqlite3 with history, 1M users, 1 in flight", seen.largeHistorian1),
      rateRow("better-sqlite3 with history, 1M users, 64 in flight", seen.largeHistorian64),
    ];
    return [
      ...rows,
      ...(await measureLowdb(folder, "1k", 1_000, 200)),
      ...(await measureLowdb(folder, "100k", 100_000, 2)),
      { what: "lowdb JSONFile, 1M users", value: "cannot" },
      ratioRow("cost, 1M beside 1k users, 1 in flight", seen.smallDesk1 / seen.largeDesk1, { atMost: 1.3 }),
      ratioRow("cost, 1M beside 1k users, 64 in flight", seen.smallDesk64 / seen.largeDesk64, {
        atMost: 2.2,
      }),
      ratioRow("desk beside SQLite, 1M users, 1 in flight", seen.largeDesk1 / seen.largeSqlite1, {
        atLeast: 0.9,
      }),
      ratioRow("desk beside SQLite, 1M users, 64 in flight", seen.largeDesk64 / seen.largeSqlite64, {
        atLeast: 2.5,
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Both {
  readonly desk: Contender;
  readonly sqlite: Contender;
  readonly historian: Contender;
  readonly rows: readonly BenchRow[];
}

async function openBoth(folder: string, users: number): Promise<Both> {
  const size = users === 1_000 ? "1k" : "1M";
  writeFullStore(folder, users);
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const desk = await openContender(folder);
  const rows: BenchRow[] = [
    { what: `desk, ${size} users, opening`, value: `${Math.round(performance.now() - began)} ms` },
    {
      what: `desk, ${size} users, memory`,
      value: `${Math.round((process.memoryUsage().rss - before) / 2 ** 20)} MiB`,
    },
  ];
  const db = openSqlite(folder, users);
  return { desk, sqlite: sqliteContender(db, false), historian: sqliteContender(db, true), rows };
}

async function closeBoth({ desk, sqlite }: Both, size: string): Promise<BenchRow[]> {
  await sqlite.close();
  const began = performance.now();
  await desk.close();
  return [
    {
      what: `desk, ${size} users, compaction at a clean stop`,
      value: `${Math.round(performance.now() - began)} ms`,
    },
  ];
}

function rateRow(what: string, value: number): BenchRow {
  return { what, value: `${Math.round(value).toLocaleString("en")}/s` };
}

let round = 0;

function alone(contender: Contender, users: number): Promise<number> {
  round += 1;
  return rate(1, ALONE, (index) => contender.change(person(index, users), version(index, users)));
}

async function together(contender: Contender, users: number): Promise<number> {
  round += 1;
  const batches = await rate(1, TOGETHER / 64, (index) => {
    const people = Array.from({ length: 64 }, (_, offset) => person(64 * index + offset, users));
    return contender.changeTogether(people, version(64 * index, users));
  });
  return batches * 64;
}

/* Another one each time that everybody had their turn, so that each change is one. */
function version(index: number, users: number): string {
  return `${round}.${Math.floor(index / (users - 64))}`;
}

/* Wanders over everybody, so that no cache has them at hand. */
function person(index: number, users: number): number {
  return (index * 7_919_153 + round * 104_729) % users;
}

async function openContender(folder: string): Promise<Contender> {
  const desk = await openDesk({
    data: folder,
    affiliations: { isKept: () => true, affiliation: async () => "member" },
  });
  const author = { kind: "account", jid: OPS } as const;
  const change = (number: number, version: string) => {
    const user = jid(number) as BareJid;
    return desk.transact({ room: ROOM, users: [user], author, command: "set-user-hats" }, (view) =>
      addUserHat(view, user, ROOM, hatId(0), hats(version)[0]?.[1]),
    );
  };
  return {
    change,
    changeTogether: (people, version) => Promise.all(people.map((number) => change(number, version))),
    close: () => desk.close(),
  };
}

function openSqlite(folder: string, users: number): Database.Database {
  const db = new Database(join(folder, "sqlite.db"));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec("CREATE TABLE users (room TEXT, jid TEXT, hats TEXT, PRIMARY KEY (room, jid)) WITHOUT ROWID");
  db.exec("CREATE TABLE history (id INTEGER PRIMARY KEY, entry TEXT)");
  const insert = db.prepare("INSERT INTO users VALUES (?, ?, ?)");
  db.transaction(() => {
    for (let number = 0; number < users; number++) insert.run(ROOM, jid(number), hatsJson("0"));
  })();
  db.pragma("wal_checkpoint(TRUNCATE)");
  return db;
}

/* Updates a row, and inserts one of what changed where it keeps a history. */
function sqliteContender(db: Database.Database, keepsHistory: boolean): Contender {
  const update = db.prepare("UPDATE users SET hats = ? WHERE room = ? AND jid = ?");
  const insert = db.prepare("INSERT INTO history (entry) VALUES (?)");
  const change = (number: number, version: string) => {
    update.run(hatsJson(version), ROOM, jid(number));
    if (keepsHistory)
      insert.run(
        `{"at":"","user":"${jid(number)}","before":${hatsJson(version)},"after":${hatsJson(version)}}`,
      );
  };
  const changeAll = db.transaction((people: readonly number[], version: string) => {
    for (const number of people) change(number, version);
  });
  return {
    change: async (number, version) =>
      keepsHistory ? changeAll([number], version) : change(number, version),
    changeTogether: async (people, version) => changeAll(people, version),
    close: () => void db.close(),
  };
}

async function measureLowdb(folder: string, size: string, users: number, count: number): Promise<BenchRow[]> {
  const state: Record<string, unknown> = {};
  for (let number = 0; number < users; number++) state[jid(number)] = { hats: Object.fromEntries(hats("0")) };
  const low = new Low(new JSONFile<Record<string, unknown>>(join(folder, `${users}.json`)), state);
  const rates: number[] = [];
  for (const inFlight of [1, 64]) {
    const runs: number[] = [];
    for (let repetition = 0; repetition < 3; repetition++) {
      round += 1;
      runs.push(
        await rate(inFlight, count * (inFlight === 1 ? 1 : 32), (index) =>
          low.update((data) => {
            data[jid(person(index, users))] = { hats: Object.fromEntries(hats(version(index, users))) };
          }),
        ),
      );
    }
    rates.push(median(runs));
  }
  return [
    rateRow(`lowdb JSONFile, ${size} users, 1 in flight`, rates[0] ?? 0),
    rateRow(`lowdb JSONFile, ${size} users, 64 in flight`, rates[1] ?? 0),
  ];
}

/* hats.json as the desk writes it, without having a million users in memory before it is measured. */
export function writeFullStore(folder: string, users: number): void {
  const file = openFolder(folder).create("hats.json");
  let crc = 0;
  const write = (text: string) => {
    const bytes = Buffer.from(text);
    crc = crc32(bytes, crc);
    file.append(bytes);
  };
  write(`{"version":1,"seq":0,\n"rooms":{\n"${ROOM}":{\n"hats":{\n`);
  write(`${[0, 1, 2].map((hat) => `"${hatId(hat)}":{"title":"Hat ${hat}"}`).join(",\n")}\n},\n"users":{\n`);
  for (let number = 0; number < users; number += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, offset) => `"${jid(number + offset)}":${hatsJson("0")}`);
    write(`${number === 0 ? "" : ",\n"}${some.join(",\n")}`);
  }
  write("\n}\n}\n},\n");
  file.append(Buffer.from(`"crc":"${crc.toString(16).padStart(8, "0")}"}\n`));
  file.sync();
  file.close();
}

function jid(number: number): string {
  return `user${number}@example.org`;
}

function hatId(hat: number): string {
  return `urn:uuid:164c41a2-7461-4cff-bdae-3f930780000${hat}`;
}

/* Three hats, the first titled by the version; made once for all, since what making them costs is no one's store. */
function hats(version: string): readonly [string, Attachment][] {
  return versionOf(version).hats;
}

function hatsJson(version: string): string {
  return versionOf(version).json;
}

let made: { version: string; hats: [string, Attachment][]; json: string } = {
  version: "",
  hats: [],
  json: "",
};

function versionOf(version: string): typeof made {
  if (made.version !== version) {
    const titles = [["Hat of version", version].join(" "), "Second hat", "Third hat"];
    const hats = titles.map((title, hat): [string, Attachment] => [hatId(hat), { active: true, title }]);
    made = { version, hats, json: JSON.stringify({ hats: Object.fromEntries(hats) }) };
  }
  return made;
}
