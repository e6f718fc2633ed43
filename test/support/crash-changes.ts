/** Random changes of a small world, and states to compare. */
import type { Change } from "../../src/core/change.ts";
import type { Draft } from "../../src/core/entry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import {
  type Archive,
  type Attachment,
  type Base,
  emptyState,
  type Expiries,
  type Grant,
  type Hat,
  type HatId,
  type Room,
  type State,
  type User,
} from "../../src/core/model.ts";
import { below, type Random } from "./crash-disk.ts";

const ROOMS = ["team@rooms.example.org", "staff@rooms.example.org"] as RoomJid[];
const PEOPLE = ["ann@example.org", "bob@example.org", "__proto__@example.org"] as BareJid[];
const HATS = ["urn:x:a", "https://example.org/hats/b", "x:__proto__"] as HatId[];
const TITLES = ["Teacher", "Ünï 🎩", '"\\{}\n', "__proto__"];

/**
 * A transaction of one to three changes, each another value than can have been there before.
 *
 * `state` is what it comes upon: all earlier ones that were decided are in it.
 */
export function randomDraft(random: Random, number: number, state: State = emptyState()): Draft {
  const room = pick(random, ROOMS);
  const before = state.rooms.get(room)?.users;
  const changes = new Map<string, Change>();
  for (let left = 1 + below(random, 3); left > 0; left--) {
    const change = randomChange(random, room, number);
    const worn = change.kind === "user" ? { ...change, before: before?.get(change.user) } : change;
    changes.set(
      JSON.stringify([change.kind, "user" in change && change.user, "hat" in change && change.hat]),
      worn,
    );
  }
  return {
    at: instant(number),
    room,
    author: { kind: "account", jid: pick(random, PEOPLE) },
    ...(random() < 0.3 ? { reason: `because ${number} ${pick(random, TITLES)}` } : {}),
    changes: [...changes.values()],
  };
}

/* A random change of each kind, and of how many. */
const KINDS: readonly (readonly [number, (random: Random, room: RoomJid, number: number) => Change])[] = [
  [
    40,
    (random, room, number) =>
      userChange(room, pick(random, PEOPLE), maybe(random, randomUser(random, number))),
  ],
  [
    15,
    (random, room, number) => {
      const after = maybe(random, randomHat(random, number));
      return { kind: "hat", room, hat: pick(random, HATS), before: undefined, after };
    },
  ],
  [
    10,
    (random, room, number) => {
      const after = maybe(random, randomExpiries(random, number));
      return { kind: "expires", room, user: pick(random, PEOPLE), before: undefined, after };
    },
  ],
  [
    10,
    (random, room) => {
      const after = maybe(random, randomGrant(random));
      return { kind: "grant", room, hat: pick(random, HATS), before: randomGrant(random), after };
    },
  ],
  [
    8,
    (random, room, number) => {
      const after = maybe(random, { nick: `Desk ${number}`, announce: random() < 0.5 });
      return { kind: "managed", room, before: {}, after };
    },
  ],
  [
    7,
    (random, room, number) => {
      const after = maybe(random, randomArchive(random, number));
      return { kind: "archive", room, at: instant(below(random, 3)), before: undefined, after };
    },
  ],
  [
    10,
    (random, room, number) => {
      const base: Base = new Map([[pick(random, HATS), `shown ${number}`]]);
      return { kind: "base", room, user: pick(random, PEOPLE), after: maybe(random, base) };
    },
  ],
];

function randomChange(random: Random, room: RoomJid, number: number): Change {
  let left = below(random, 100);
  const [, make] = KINDS.find(([share]) => (left -= share) < 0)!;
  return make(random, room, number);
}

function userChange(room: RoomJid, user: BareJid, after: User | undefined): Change {
  return { kind: "user", room, user, before: undefined, after };
}

function maybe<T>(random: Random, value: T): T | undefined {
  return random() < 0.2 ? undefined : value;
}

function randomHat(random: Random, number: number): Hat {
  return {
    title: `Hat ${number}`,
    hue: below(random, 361),
    ...(random() < 0.5 ? { defaultExpires: 1 + below(random, 1_000) } : {}),
  };
}

function randomExpiries(random: Random, number: number): Expiries {
  return new Map(
    HATS.filter((_, index) => index === 0 || random() < 0.5).map((hat) => [hat, instant(number)]),
  );
}

function randomGrant(random: Random): Grant {
  return { users: PEOPLE.filter(() => random() < 0.5).toSorted(), members: random() < 0.5 };
}

function randomArchive(random: Random, number: number): Archive {
  const each = <K, V>(keys: readonly K[], value: () => V) =>
    new Map(keys.filter(() => random() < 0.5).map((key): [K, V] => [key, value()]));
  return {
    hats: each(HATS, () => randomHat(random, number)),
    users: each(PEOPLE, () => randomUser(random, number)),
    expires: each(PEOPLE, () => randomExpiries(random, number)),
    grants: each(HATS, () => randomGrant(random)),
  };
}

function instant(number: number): string {
  return new Date(1_700_000_000_000 + number).toISOString();
}

function randomUser(random: Random, number: number): User {
  const hats = new Map<HatId, Attachment>();
  for (const hat of HATS) {
    if (random() < 0.5) hats.set(hat, { active: random() < 0.5, title: `${pick(random, TITLES)} ${number}` });
  }
  return { hats: hats.size === 0 ? new Map([[HATS[0] as HatId, { required: true }]]) : hats };
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)] as T;
}

/** A state as text: equal texts for equal states, whatever the order in which they came to be. */
export function printState({ rooms, managed, archives }: State): string {
  const filled = [...rooms].filter(([, room]) => Object.values(room).some(({ size }) => size > 0));
  return JSON.stringify({
    rooms: sorted(new Map(filled), printRoom),
    managed: sorted(managed, ({ nick, announce }) => ({ nick, announce })),
    archives: sorted(archives, (times) => sorted(times, printRoom)),
  });
}

function printRoom({ hats, users, expires, grants, base = new Map() }: Archive & Partial<Room>): unknown {
  return {
    hats: sorted(hats, (hat) => hat),
    users: sorted(users, (user) => sorted(user.hats, (attachment) => attachment)),
    expires: sorted(expires, (expiries) => sorted(expiries, (time) => time)),
    grants: sorted(grants, (grant) => grant),
    base: sorted<string, Base>(base, (shown) => sorted(shown, (title) => title)),
  };
}

function sorted<K extends string, V>(map: ReadonlyMap<K, V>, print: (value: V) => unknown): unknown {
  return [...map].toSorted(byName).map(([key, value]) => [key, print(value)]);
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
