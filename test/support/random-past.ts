/** Random histories of a room, and what must hold of each: shared by the quick test and by the long one. */
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { type Affiliation, emptyRoom, emptyState, type Grant, type HatId } from "../../src/core/model.ts";
import { applyRecorded, type RecordedEntry } from "../../src/core/recorded.ts";
import { below, type Random, seededRandom } from "./crash-disk.ts";
import { Oracle, printRoom } from "./past-oracle.ts";
import { OPERATORS, PastWorld, PEOPLE, pick } from "./past-world.ts";
import { randomCommand } from "./random-command.ts";

/** What was done and seen, and every fault as a line that begins with its seed. */
export interface Tally {
  histories: number;
  commands: number;
  changes: number;
  refused: number;
  readonly faults: string[];
}

/** How many histories go on at the same time in one desk. */
const ROOMS_A_DESK = 100;

/** Plays histories of so many commands each, one seed a history, and judges them. */
export async function playHistories(histories: number, commands: number, firstSeed = 1): Promise<Tally> {
  const tally: Tally = { histories: 0, commands: 0, changes: 0, refused: 0, faults: [] };
  for (let done = 0; done < histories; done += ROOMS_A_DESK) {
    const world = await PastWorld.open();
    const rooms = Array.from(
      { length: Math.min(ROOMS_A_DESK, histories - done) },
      (_, index) => firstSeed + done + index,
    );
    /* Time is one for all rooms of a desk, so they take turns. */
    for (const seed of rooms) await playHistory(world, seed, commands, tally);
    await world.close();
  }
  return tally;
}

async function playHistory(world: PastWorld, seed: number, commands: number, tally: Tally): Promise<void> {
  const random = seededRandom(seed);
  const room = `room${seed}@rooms.example.org` as RoomJid;
  const oracle = new Oracle(room, (user) => world.affiliation(room, user));
  const ids: number[] = [];
  world.add(room, random() < 0.6, (event) => {
    ids.push(event.seq);
    oracle.hear(event);
  });
  for (let step = 0; step < commands; step += 1) {
    const chance = random();
    if (chance < 0.06) await loseOrGain(world, room, random);
    else if (chance < 0.1) await world.pass(room, below(random, 5 * 3_600_000));
    else await askAtRandom(world, room, random, ids, true, tally);
  }
  tally.histories += 1;
  tally.changes += ids.length;
  tally.faults.push(...oracle.faults.map((fault) => `seed ${seed}: ${fault}`));
  const kept = printRoom(world.room(room));
  if (printRoom(oracle.room) !== kept) tally.faults.push(`seed ${seed}: what was told is not what is kept`);
  const entries = await readHistory(world, room);
  if (entries.map(({ seq }) => seq).join() !== ids.join())
    tally.faults.push(`seed ${seed}: the history is not what happened`);
  if (printReplayed(room, entries) !== kept)
    tally.faults.push(`seed ${seed}: the history does not explain the state`);
}

/** Plays until there were so many changes, none of which time or a lost affiliation made, and takes all back, newest first. */
export async function playAndUndo(changes: number, seed: number): Promise<Tally> {
  const tally: Tally = { histories: 1, commands: 0, changes: 0, refused: 0, faults: [] };
  const random = seededRandom(seed);
  const room = `undone${seed}@rooms.example.org` as RoomJid;
  const world = await PastWorld.open();
  const ids: number[] = [];
  const states = [printRoom(emptyRoom())];
  world.add(room, true, ({ seq }) => {
    ids.push(seq);
    states.push(printRoom(world.room(room)));
  });
  while (ids.length < changes) await askAtRandom(world, room, random, ids, false, tally);
  tally.changes = ids.length;
  for (let last = ids.length - 1; last >= 0; last -= 1) {
    const by = pick(random, [...OPERATORS]);
    const { error } = await world.ask(room, by, false, "undo", { id: String(ids[last]) });
    if (error !== undefined) tally.faults.push(`seed ${seed}: change ${last + 1} cannot be undone: ${error}`);
    if (printRoom(world.room(room)) !== states[last])
      tally.faults.push(`seed ${seed}: state ${last} is not restored`);
    if (tally.faults.length > 0) break;
  }
  await world.close();
  return tally;
}

/* Whoever may do most asks most often, then whoever may give some hat, then whoever has hats. */
function pickAsker(random: Random, wearers: readonly BareJid[], delegates: readonly BareJid[]): BareJid {
  const chance = random();
  if (chance < 0.45) return pick(random, PEOPLE.slice(0, 8));
  if (chance < 0.65 && delegates.length > 0) return pick(random, delegates);
  return chance < 0.8 && wearers.length > 0 ? pick(random, wearers) : pick(random, PEOPLE);
}

function delegatesOf(grants: ReadonlyMap<HatId, Grant>): BareJid[] {
  return [...grants.values()].flatMap(({ users, members }) => (members ? PEOPLE : users));
}

async function askAtRandom(
  world: PastWorld,
  room: RoomJid,
  random: Random,
  ids: readonly number[],
  lapses: boolean,
  tally: Tally,
): Promise<void> {
  const { hats, users, grants } = world.room(room);
  const user = pickAsker(random, [...users.keys()], delegatesOf(grants));
  const isInRoom = random() < 0.4 && world.affiliation(room, user) !== "outcast";
  const { node, values } = randomCommand(random, {
    hats: [...hats.keys()],
    own: [...(users.get(user)?.hats.keys() ?? [])],
    granted: [...grants.keys()],
    ids,
    lapses,
  });
  const { error } = await world.ask(room, user, isInRoom, node, values);
  tally.commands += 1;
  if (error !== undefined) tally.refused += 1;
}

async function loseOrGain(world: PastWorld, room: RoomJid, random: Random): Promise<void> {
  const affiliations: readonly Affiliation[] = ["member", "member", "admin", "none", "outcast"];
  await world.affiliate(room, pick(random, PEOPLE), pick(random, affiliations));
}

async function readHistory(world: PastWorld, room: RoomJid): Promise<RecordedEntry[]> {
  const entries: RecordedEntry[] = [];
  let before: number | undefined;
  do {
    const page = await world.desk.history({ room, before, rows: 7 });
    entries.push(...page.entries);
    before = page.next;
  } while (before !== undefined);
  return entries.toReversed();
}

function printReplayed(room: RoomJid, entries: readonly RecordedEntry[]): string {
  const state = emptyState();
  for (const { changes } of entries) for (const change of changes) applyRecorded(state, change);
  return printRoom(state.rooms.get(room) ?? emptyRoom());
}
