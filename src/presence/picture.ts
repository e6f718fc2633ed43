/**
 * What a room shows, as far as the desk knows: the room's list as it was read, and what the room has been told since.
 *
 * Held against what the desk keeps, wearer by wearer (difference.ts). Leaves out telling the room (reconciler.ts).
 */
import type { BareJid } from "../core/jid.ts";
import type { Base, HatId, User } from "../core/model.ts";
import type { DurableRoom } from "../desk/desk.ts";
import {
  announcedBase,
  compareWearer,
  desiredHats,
  settledBase,
  type TitledHats,
  type TitleScope,
  type WearerDifference,
  wornTitles,
} from "./difference.ts";

const NOTHING: TitledHats = new Map();

/** One room's picture. */
export class Picture {
  readonly #kept: () => DurableRoom;
  readonly #titles: TitleScope;
  #observed = new Map<BareJid, Map<HatId, string>>();

  /** `kept` gives what the desk has on the room, live. */
  constructor(kept: () => DurableRoom, titles: TitleScope) {
    this.#kept = kept;
    this.#titles = titles;
  }

  /** Begins with what the room's own list says. */
  begin(observed: Map<BareJid, Map<HatId, string>>): void {
    this.#observed = observed;
  }

  /** The room took this. */
  put(user: BareJid, id: HatId, title: string): void {
    const hats = this.#observed.get(user);
    if (hats === undefined) this.#observed.set(user, new Map([[id, title]]));
    else hats.set(id, title);
  }

  /** The room took this away; says whether the wearer has nothing left there. */
  take(user: BareJid, id: HatId): boolean {
    const hats = this.#observed.get(user);
    hats?.delete(id);
    if (hats?.size !== 0) return false;
    return this.#observed.delete(user);
  }

  /** What the room must be told of a wearer. */
  difference(user: BareJid): WearerDifference {
    return compareWearer(this.#desired(user), this.#shown(user), this.#base(user), this.#titles);
  }

  /** The base that must be durable before a wearer's difference is told; undefined where it is. */
  announced(user: BareJid): Base | undefined {
    return announcedBase(this.#base(user), this.#shown(user), this.difference(user).put);
  }

  /** The base that must be durable together with a wearer's next wardrobe; undefined where it is. */
  attended(user: BareJid, next: User | undefined, base: Base = NOTHING): Base | undefined {
    const shown = this.#shown(user);
    const desired = wornTitles(next, this.#kept().hats);
    return announcedBase(base, shown, compareWearer(desired, shown, base, this.#titles).put);
  }

  /** The base that says what the room shows of the desk's; undefined where it does. */
  settled(user: BareJid): Base | undefined {
    return settledBase(this.#desired(user), this.#shown(user), this.#base(user), this.#titles);
  }

  /** Everybody of whom the room must be told something, or whose base is not settled. */
  outdated(): BareJid[] {
    const { users, base } = this.#kept();
    return Array.from(new Set([...users.keys(), ...base.keys()])).filter((user) => {
      const { put, take } = this.difference(user);
      return put.length > 0 || take.length > 0 || this.settled(user) !== undefined;
    });
  }

  #desired(user: BareJid): TitledHats {
    return desiredHats(this.#kept(), user);
  }

  #shown(user: BareJid): TitledHats {
    return this.#observed.get(user) ?? NOTHING;
  }

  #base(user: BareJid): Base {
    return this.#kept().base.get(user) ?? NOTHING;
  }
}
