/**
 * Room presence over random histories: changes, refusals, silences, leaving and coming back, crashes of the desk, and
 * somebody else's hats in between.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { retireHat } from "../../src/core/catalogue.ts";
import type { BareJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import type { Request } from "../../src/desk/desk.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { type DressedRoom, dressedRoom, settle } from "../support/dressed-room.ts";
import { isTitledByWearer, type Mishap, type RoomKind } from "../support/scripted-room.ts";

const PEOPLE = ["ann@x.org", "ben@x.org", "cat@x.org"] as BareJid[];
const HATS = ["urn:x:1", "urn:x:2", "urn:x:3", "urn:x:4"];
const NATIVE_HATS = ["urn:native:1", "urn:native:2", "urn:x:1"];

type Step =
  | {
      readonly kind: "dress";
      readonly user: number;
      readonly hats: readonly (readonly [number, boolean, number])[];
    }
  | { readonly kind: "define"; readonly hat: number; readonly title: number }
  | { readonly kind: "native"; readonly user: number; readonly hat: number; readonly isGiven: boolean }
  | { readonly kind: "rename"; readonly hat: number; readonly title: number }
  | { readonly kind: "retire" | "destroy"; readonly hat: number }
  | { readonly kind: "leave" | "join" | "let go" | "question" | "crash" | "settle" }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "mishaps"; readonly share: number };

const user = fc.nat(PEOPLE.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("dress" as const),
      user,
      hats: fc.uniqueArray(fc.tuple(fc.nat(HATS.length - 1), fc.boolean(), fc.nat(2)), {
        selector: ([hat]) => hat,
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("define" as const),
      hat: fc.nat(HATS.length - 1),
      title: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("native" as const),
      user,
      hat: fc.nat(NATIVE_HATS.length - 1),
      isGiven: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("rename" as const),
      hat: fc.nat(NATIVE_HATS.length - 1),
      title: fc.nat(2),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("retire", "destroy"), hat: fc.nat(NATIVE_HATS.length - 1) }),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("leave", "join", "let go", "question", "crash", "settle")
      .map((kind) => ({ kind }) as const),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(10_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("mishaps" as const), share: fc.constantFrom(0, 0.2, 0.9) }),
  },
);

const MISHAPS: readonly Mishap[] = [
  "lost-before",
  "lost-after",
  new StanzaError("wait", "resource-constraint"),
  new StanzaError("auth", "forbidden"),
];

/* A desk that goes on over crashes of the bot, and what the room must show in the end. */
class History {
  dressed: DressedRoom;
  readonly #random: () => number;
  #share = 0;

  constructor(kind: RoomKind, seed: number) {
    this.#random = pseudoRandom(seed);
    this.dressed = this.#opened(dressedRoom(kind));
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#do(step);
  }

  /* Everything works again; the bot is back. */
  async recover(): Promise<void> {
    this.#share = 0;
    if (!this.dressed.room.isJoined) this.dressed.room.join();
    await this.dressed.clock.advance(700_000);
  }

  /** What the room should show: what the desk says, since that has what others did in the room by then. */
  expected(): Record<string, string[]> {
    const { hats, users } = this.dressed.kept.durableRoom(this.dressed.room.room);
    const isByWearer = isTitledByWearer(this.dressed.room.kind);
    return byPerson((person) => {
      const worn = [...(users.get(person)?.hats ?? [])].filter(([, { active }]) => active);
      return worn.map(([id, { title }]) => {
        const rooms = hats.get(id)?.title;
        return `${id} ${(isByWearer ? (title ?? rooms) : rooms) ?? id}`;
      });
    });
  }

  shown(): Record<string, string[]> {
    const { assigned } = this.dressed.room;
    return byPerson((person) => [...(assigned.get(person) ?? [])].map(([id, title]) => `${id} ${title}`));
  }

  async #do(step: Step): Promise<void> {
    const { kept, room, clock, presence } = this.dressed;
    if (step.kind === "dress") {
      const worn = step.hats.map(([hat, active, title]) => [HATS[hat], { active, title: `T${title}` }]);
      kept.dress(PEOPLE[step.user] as BareJid, Object.fromEntries(worn));
    }
    if (step.kind === "define") this.#define(HATS[step.hat] as HatId, `D${step.title}`);
    if (step.kind === "native") this.#doNatively(PEOPLE[step.user] as BareJid, step);
    if (step.kind === "rename") this.#renameNatively(NATIVE_HATS[step.hat] as string, `R${step.title}`);
    if (step.kind === "destroy") this.#destroyNatively(NATIVE_HATS[step.hat] as string);
    if (step.kind === "retire") await this.#retire(HATS[step.hat] as HatId);
    if (step.kind === "let go") {
      presence.removeRoom(room.room);
      presence.addRoom(room, "auto");
    }
    if (step.kind === "question" && room.isJoined) room.emit("own-affiliation", "owner");
    if (step.kind === "leave" && room.isJoined) room.leave();
    if (step.kind === "join" && !room.isJoined) room.join();
    if (step.kind === "settle") await settle();
    if (step.kind === "wait") await clock.advance(step.ms);
    if (step.kind === "mishaps") this.#share = step.share;
    if (step.kind === "crash") {
      presence.close();
      room.leave();
      this.dressed = this.#opened(dressedRoom(room.kind, "auto", kept), room);
    }
  }

  #define(hat: HatId, title: string): void {
    const { kept } = this.dressed;
    if (kept.durableRoom(kept.room).hats.has(hat)) kept.define(hat, { title });
  }

  async #retire(hat: HatId): Promise<void> {
    const { kept } = this.dressed;
    if (!kept.durableRoom(kept.room).hats.has(hat)) return;
    const request: Request = { room: kept.room, users: [], author: { kind: "program" } };
    await kept.transact(request, (view) => retireHat(view, kept.room, hat));
  }

  /* The room says so, as each does that has a list of its hats. */
  #renameNatively(hat: string, title: string): void {
    const { room } = this.dressed;
    if (isTitledByWearer(room.kind)) return;
    room.catalogue.set(hat, { title, hue: "" });
    for (const hats of room.assigned.values()) if (hats.has(hat)) hats.set(hat, title);
    if (room.isJoined) room.emit("configuration");
  }

  #destroyNatively(hat: string): void {
    const { room } = this.dressed;
    if (isTitledByWearer(room.kind)) return;
    room.catalogue.delete(hat);
    for (const hats of room.assigned.values()) hats.delete(hat);
    if (room.isJoined) room.emit("configuration");
  }

  #doNatively(
    person: BareJid,
    { hat: index, isGiven }: { readonly hat: number; readonly isGiven: boolean },
  ): void {
    const { room } = this.dressed;
    const hat = NATIVE_HATS[index] as string;
    if (!isGiven) {
      room.assigned.get(person)?.delete(hat);
      return;
    }
    if (!isTitledByWearer(room.kind) && !room.catalogue.has(hat))
      room.catalogue.set(hat, { title: "Native", hue: "" });
    room.assign(person, hat, room.catalogue.get(hat)?.title ?? "Native");
  }

  /* The room outlives the bot: its state goes over. */
  #opened(dressed: DressedRoom, before?: DressedRoom["room"]): DressedRoom {
    for (const [uri, hat] of before?.catalogue ?? []) dressed.room.catalogue.set(uri, hat);
    for (const [jid, hats] of before?.assigned ?? []) dressed.room.assigned.set(jid, hats);
    dressed.room.mishap = (command) => {
      if (this.#random() >= this.#share) return undefined;
      const mishap = MISHAPS[Math.floor(this.#random() * MISHAPS.length)];
      // A room that refuses to show its commands has none for this bot, and is not asked again for nothing.
      return command === "disco" && mishap instanceof StanzaError ? undefined : mishap;
    };
    return dressed;
  }
}

function byPerson(hatsOf: (person: BareJid) => string[]): Record<string, string[]> {
  return Object.fromEntries(PEOPLE.map((person) => [person, hatsOf(person).toSorted()]));
}

function pseudoRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const test = suite("room presence over random histories");

for (const kind of ["hat", "hats#uri", "xep-0317-0.2", "prosody-hats"] as const) {
  test(`whatever happened, a room with ${kind} shows in the end what the desk says, whoever said it`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(), async (steps, seed) => {
        const history = new History(kind, seed);
        await history.play(steps);
        await history.recover();
        assert.equal(history.shown(), history.expected());
        assert.is(history.dressed.status().pending, 0);
        assert.is(history.dressed.status().lastError, undefined);
        await tellsNothingMore(history);
      }),
      { numRuns: 60 },
    );
  });

  test(`without failures, a room with ${kind} is told no more than differs between two rests`, async () => {
    const quiet = step.filter(({ kind }) => kind === "dress" || kind === "define");
    await fc.assert(
      fc.asyncProperty(fc.array(quiet, { minLength: 1, maxLength: 10 }), async (steps) => {
        const history = new History(kind, 0);
        await history.play(steps);
        await history.recover();
        history.dressed.room.leave();
        const before = history.shown();
        const known = new Map([...history.dressed.room.catalogue].map(([uri, { title }]) => [uri, title]));
        await history.dressed.told();
        await history.play(steps.toReversed());
        await history.recover();
        const told = await history.dressed.told();
        const tells = told.filter((command) => !command.startsWith("create"));
        assert.is(tells.length, countDifferences(before, history.shown(), kind));
        const { catalogue } = history.dressed.room;
        const changed = [...catalogue].filter(([uri, { title }]) => known.get(uri) !== title);
        assert.is(told.length - tells.length, changed.length);
      }),
      { numRuns: 40 },
    );
  });
}

/* An hour of quiet takes a question in ten minutes; a join that finds everything in order tells nothing either. */
async function tellsNothingMore({ dressed }: History): Promise<void> {
  await dressed.told();
  dressed.room.asked.length = 0;
  await dressed.clock.advance(3_600_000);
  assert.ok(dressed.room.asked.length <= 6, `asked ${dressed.room.asked.length} times`);
  dressed.room.leave();
  dressed.room.join();
  await dressed.clock.advance(60_000);
  assert.equal(await dressed.told(), []);
}

/* A room with one title a hat shows a new title everywhere at once; otherwise each counts. */
function countDifferences(
  before: Record<string, string[]>,
  after: Record<string, string[]>,
  kind: RoomKind,
): number {
  const keyOf = (line: string): string => (isTitledByWearer(kind) ? line : line.slice(0, line.indexOf(" ")));
  const hatOf = (line: string): string => line.slice(0, line.indexOf(" "));
  return PEOPLE.reduce((count, person) => {
    const [old, now] = [before[person] ?? [], after[person] ?? []];
    const put = now.filter((line) => !old.some((other) => keyOf(other) === keyOf(line)));
    const take = old.filter((line) => !now.some((other) => hatOf(other) === hatOf(line)));
    return count + put.length + take.length;
  }, 0);
}

test.run();
