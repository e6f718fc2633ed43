/** The desk as room presence sees it, in memory: what is changed is durable at once, what is recorded a moment later. */
import { applyChange, type Change } from "../../src/core/change.ts";
import type { Author } from "../../src/core/entry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import {
  type Affiliation,
  type Attachment,
  type Base,
  emptyRoom,
  emptyState,
  type Hat,
  type HatId,
  type View,
} from "../../src/core/model.ts";
import { viewState } from "../../src/core/view.ts";
import type { Attend, ChangeEvent, DurableRoom, Receipt, Request } from "../../src/desk/desk.ts";
import type { HatKeeping } from "../../src/presence/dresser.ts";

/** How somebody has a hat, in short: a title alone means an active hat of that title. */
export type Worn = Attachment | string;

/** Hats and wearers of one room. */
export class KeptHats implements HatKeeping {
  readonly room: RoomJid;
  readonly limits = DEFAULT_LIMITS;
  /** How often a base was recorded. */
  recorded = 0;
  /** Everything that was decided, with who did it. */
  readonly history: ChangeEvent[] = [];
  /** What people are in the room; members unless it says otherwise. */
  readonly affiliations = new Map<BareJid, Affiliation>();
  /** Thrown by `recordBase` and `transact` while set. */
  failure: Error | undefined;
  /** Who says what is noted together with a change. */
  attend: Attend = () => [];
  readonly #state = emptyState();
  readonly #listeners = new Set<(event: ChangeEvent) => void>();
  #seq = 0;

  constructor(room: RoomJid) {
    this.room = room;
  }

  durableRoom(room: RoomJid): DurableRoom {
    return this.#state.rooms.get(room) ?? emptyRoom();
  }

  now(): Date {
    return new Date("2026-06-01T12:00:00Z");
  }

  async recordBase(room: RoomJid, user: BareJid, after: Base | undefined): Promise<void> {
    this.recorded += 1;
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure !== undefined) throw this.failure;
    applyChange(this.#state, { kind: "base", room, user, after });
  }

  on(_event: "change", listener: (event: ChangeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Makes these all the hats of a person. */
  dress(user: BareJid, worn: Readonly<Record<string, Worn>>): void {
    const hats = new Map(Object.entries(worn).map(([id, how]) => [id as HatId, attachment(how)]));
    const known = this.durableRoom(this.room);
    const unknown = [...hats].filter(([id]) => !known.hats.has(id));
    const entries = unknown.map(([id, { title }]) =>
      this.#hatChange(id, title === undefined ? {} : { title }),
    );
    const before = known.users.get(user);
    const after = hats.size === 0 ? undefined : { hats };
    this.change([...entries, { kind: "user", room: this.room, user, before, after }]);
  }

  /** Makes a hat known or changes it. */
  define(id: string, hat: Hat | undefined): void {
    this.change([this.#hatChange(id as HatId, hat)]);
  }

  async transact(request: Request, decide: (view: View) => readonly Change[]): Promise<Receipt> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure !== undefined) throw this.failure;
    const affiliationOf = (_room: RoomJid, user: BareJid): Affiliation =>
      this.affiliations.get(user) ?? "member";
    const changes = decide(viewState(this.#state, () => true, affiliationOf));
    if (changes.length === 0) return { changes, seq: undefined };
    this.change(changes, request.author);
    return { changes, seq: this.#seq };
  }

  /** One durable transaction. */
  change(decided: readonly Change[], author: Author = { kind: "program" }): void {
    const { base } = this.durableRoom(this.room);
    const changes = [...decided, ...this.attend(this.room, decided, (user) => base.get(user))];
    for (const change of changes) applyChange(this.#state, change);
    this.#seq += 1;
    const event: ChangeEvent = {
      seq: this.#seq,
      at: "2026-01-01T00:00:00Z",
      room: this.room,
      author,
      changes,
    };
    this.history.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** How a person has their hats, by URI. */
  worn(user: BareJid): Record<string, Attachment> {
    return Object.fromEntries(this.durableRoom(this.room).users.get(user)?.hats ?? []);
  }

  /** How many transactions were the room's. */
  get adopted(): number {
    return this.history.filter(({ author }) => author.kind === "room").length;
  }

  /** The base of a person as an object. */
  base(user: BareJid): Record<string, string> {
    return Object.fromEntries(this.durableRoom(this.room).base.get(user) ?? []);
  }

  #hatChange(hat: HatId, after: Hat | undefined): Change {
    return { kind: "hat", room: this.room, hat, before: this.durableRoom(this.room).hats.get(hat), after };
  }
}

function attachment(how: Worn): Attachment {
  return typeof how === "string" ? { active: true, title: how } : how;
}
