/** The desk as room presence sees it, in memory: what is changed is durable at once, what is recorded a moment later. */
import { applyChange, type Change } from "../../src/core/change.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import {
  type Attachment,
  type Base,
  emptyRoom,
  emptyState,
  type Hat,
  type HatId,
} from "../../src/core/model.ts";
import type { Attend, ChangeEvent, DurableRoom } from "../../src/desk/desk.ts";
import type { HatKeeping } from "../../src/presence/dresser.ts";

/** How somebody has a hat, in short: a title alone means an active hat of that title. */
export type Worn = Attachment | string;

/** Hats and wearers of one room. */
export class KeptHats implements HatKeeping {
  readonly room: RoomJid;
  /** How often a base was recorded. */
  recorded = 0;
  /** Thrown by `recordBase` while set. */
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

  /** One durable transaction. */
  change(decided: readonly Change[]): void {
    const { base } = this.durableRoom(this.room);
    const changes = [...decided, ...this.attend(this.room, decided, (user) => base.get(user))];
    for (const change of changes) applyChange(this.#state, change);
    this.#seq += 1;
    const event: ChangeEvent = {
      seq: this.#seq,
      at: "2026-01-01T00:00:00Z",
      room: this.room,
      author: { kind: "program" },
      changes,
    };
    for (const listener of this.#listeners) listener(event);
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
