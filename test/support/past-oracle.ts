/**
 * Whether a change may have happened, by rules of its own: an independent word on what the desk lets people do.
 *
 * It keeps its own copy of each room, told only of changes, and holds every change against it: that it says truly what
 * was before, that nobody gained what nobody allowed gave, and that nobody changed what was not theirs to change.
 */
import { applyChange, type Change } from "../../src/core/change.ts";
import type { Author } from "../../src/core/entry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import {
  type Affiliation,
  emptyRoom,
  emptyState,
  type HatId,
  type Room,
  type Wardrobe,
} from "../../src/core/model.ts";
import type { ChangeEvent } from "../../src/desk/desk.ts";
import { OPERATORS } from "./past-world.ts";

const NOTHING: Wardrobe = new Map();

/** One room, as it must be by what was told of it. */
export class Oracle {
  readonly #jid: RoomJid;
  readonly #affiliation: (user: BareJid) => Affiliation;
  readonly #state = emptyState();
  /** What should not have happened, a line each. */
  readonly faults: string[] = [];

  constructor(room: RoomJid, affiliation: (user: BareJid) => Affiliation) {
    this.#jid = room;
    this.#affiliation = affiliation;
  }

  get room(): Room {
    return this.#state.rooms.get(this.#jid) ?? emptyRoom();
  }

  /** Judges an entry, and then believes it. */
  hear(event: ChangeEvent): void {
    const rank = this.#rankOf(event.author);
    for (const change of event.changes) {
      const fault = this.#faultOf(change, event.author, rank);
      if (fault !== undefined)
        this.faults.push(`${event.seq} ${event.command} by ${JSON.stringify(event.author)}: ${fault}`);
    }
    for (const change of event.changes) applyChange(this.#state, change);
  }

  #faultOf(change: Change, author: Author, rank: "admin" | "desk" | "member" | "nobody"): string | undefined {
    if (change.room !== this.#jid) return "another room";
    if (change.kind === "base" || change.kind === "managed" || change.kind === "archive")
      return "no such change was asked for";
    if (print(this.#present(change)) !== print(change.before)) return `${change.kind} was not so before`;
    if (rank === "nobody") return "they may do nothing here";
    if (change.kind === "user")
      return this.#faultOfWardrobe(
        change.user,
        change.before?.hats ?? NOTHING,
        change.after?.hats ?? NOTHING,
        author,
        rank,
      );
    if (rank !== "member" || change.kind === "expires") return undefined;
    return `members may not change the ${change.kind}`;
  }

  #faultOfWardrobe(
    user: BareJid,
    before: Wardrobe,
    after: Wardrobe,
    author: Author,
    rank: "admin" | "desk" | "member",
  ): string | undefined {
    const gained = [...after.keys()].filter((id) => !before.has(id));
    const lost = [...before.keys()].filter((id) => !after.has(id));
    if (gained.length > 0 && rank === "desk") return `nobody gave ${gained.join()}`;
    if (gained.length > 0 && !isMember(this.#affiliation(user))) return `${user} is not affiliated`;
    if (rank !== "member") return undefined;
    const touched = [...new Set([...before.keys(), ...after.keys()])].filter(
      (id) => print(before.get(id)) !== print(after.get(id)),
    );
    const jid = "jid" in author ? author.jid : undefined;
    if (touched.every((id) => this.#mayGive(jid, id))) return undefined;
    if (user !== jid) return `they may not give or take ${touched.join()}`;
    if (gained.length + lost.length > 0) return "they may not give themselves hats, nor take them";
    return touched
      .map((id) => faultOfChoice(before.get(id), after.get(id)))
      .find((fault) => fault !== undefined);
  }

  #mayGive(jid: BareJid | undefined, hat: HatId): boolean {
    const grant = this.room.grants.get(hat);
    return grant !== undefined && jid !== undefined && (grant.members || grant.users.includes(jid));
  }

  #rankOf(author: Author): "admin" | "desk" | "member" | "nobody" {
    if (author.kind === "room" || author.kind === "desk") return "desk";
    if (author.kind === "program" || author.jid === undefined) return "nobody";
    if (author.kind === "account" && OPERATORS.has(author.jid)) return "admin";
    const affiliation = this.#affiliation(author.jid);
    if (affiliation === "owner" || affiliation === "admin") return "admin";
    return affiliation === "member" ? "member" : "nobody";
  }

  #present(change: Exclude<Change, { kind: "archive" | "base" | "managed" }>): unknown {
    const { hats, users, expires, grants } = this.room;
    if (change.kind === "hat") return hats.get(change.hat);
    if (change.kind === "grant") return grants.get(change.hat);
    return change.kind === "user" ? users.get(change.user) : expires.get(change.user);
  }
}

/** A value as text: the same for values that say the same, with keys sorted. */
export function print(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => {
      if (inner instanceof Map)
        return Object.fromEntries([...inner].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
      return Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? "nothing"
  );
}

/** A room as text, without what was last put into it. */
export function printRoom({ hats, users, expires, grants }: Omit<Room, "base">): string {
  return print({ hats, users, expires, grants });
}

function isMember(affiliation: Affiliation): boolean {
  return affiliation === "owner" || affiliation === "admin" || affiliation === "member";
}

/* Of their own hats, people choose which to show; what is required stays shown. */
function faultOfChoice(before: unknown, after: unknown): string | undefined {
  const [was, is] = [before, after] as { active?: boolean; required?: boolean; title?: string }[];
  if (was?.title !== is?.title || !!was?.required !== !!is?.required)
    return "they may only choose what to show";
  return was?.required === true && was.active === true && is?.active !== true
    ? "the hat is required"
    : undefined;
}
