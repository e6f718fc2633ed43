/** Random changes of a small world, and states to compare. */
import type { Change } from "../../src/core/change.ts";
import type { Draft } from "../../src/core/entry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Attachment, Base, Hat, HatId, Room, State, User } from "../../src/core/model.ts";
import { below, type Random } from "./crash-disk.ts";

const ROOMS = ["team@rooms.example.org", "staff@rooms.example.org"] as RoomJid[];
const PEOPLE = ["ann@example.org", "bob@example.org", "__proto__@example.org"] as BareJid[];
const HATS = ["urn:x:a", "https://example.org/hats/b", "x:__proto__"] as HatId[];
const TITLES = ["Teacher", "Ünï 🎩", '"\\{}\n', "__proto__"];

/** A transaction of one to three changes, each another value than can have been there before. */
export function randomDraft(random: Random, number: number): Draft {
  const room = pick(random, ROOMS);
  const changes = Array.from({ length: 1 + below(random, 3) }, () => randomChange(random, room, number));
  return {
    at: new Date(1_700_000_000_000 + number).toISOString(),
    room,
    author: { kind: "account", jid: pick(random, PEOPLE) },
    ...(random() < 0.3 ? { reason: `because ${number} ${pick(random, TITLES)}` } : {}),
    changes: changes.filter(({ kind }) => kind !== "base" || changes.every((other) => other.kind === "base")),
  };
}

function randomChange(random: Random, room: RoomJid, number: number): Change {
  const user = pick(random, PEOPLE);
  const kind = random();
  if (kind < 0.7) return { kind: "user", room, user, before: undefined, after: randomUser(random, number) };
  if (kind < 0.9) {
    const after: Hat | undefined =
      random() < 0.2 ? undefined : { title: `Hat ${number}`, hue: below(random, 361) };
    return { kind: "hat", room, hat: pick(random, HATS), before: undefined, after };
  }
  const base: Base = new Map([[pick(random, HATS), `shown ${number}`]]);
  return { kind: "base", room, user, after: random() < 0.3 ? undefined : base };
}

function randomUser(random: Random, number: number): User | undefined {
  if (random() < 0.2) return undefined;
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
export function printState(state: State): string {
  const rooms = [...state.rooms].filter(([, room]) => room.hats.size + room.users.size + room.base.size > 0);
  return JSON.stringify(rooms.toSorted(byName).map(([jid, room]) => [jid, printRoom(room)]));
}

function printRoom(room: Room): unknown {
  return {
    hats: [...room.hats].toSorted(byName),
    users: [...room.users].toSorted(byName).map(([jid, { hats }]) => [jid, [...hats].toSorted(byName)]),
    base: [...room.base].toSorted(byName).map(([jid, base]) => [jid, [...base].toSorted(byName)]),
  };
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
