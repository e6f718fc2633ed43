/**
 * Who and what a room has a place for, where it takes no more than so many wearers, and so many hats of each.
 *
 * Whoever is shown stays; who comes when all places are taken waits for one in the order of coming. Nothing is sent that
 * the room would refuse.
 */
import type { BareJid } from "../../core/jid.ts";
import type { TitledHat } from "../../core/titles.ts";
import type { TitledHats, WearerDifference } from "./difference.ts";
import type { RoomLimits } from "../dialects/room-commands.ts";

/** The places of one room. */
export class Places {
  /** Undefined where as many as anybody likes are taken, or nobody knows. */
  readonly limits: RoomLimits | undefined;
  #taken = new Set<BareJid>();
  readonly #waiting = new Set<BareJid>();

  constructor(limits: RoomLimits | undefined) {
    this.limits = limits;
  }

  /** These are shown; who has a place or waits for one besides, and still wants it, claims it again. */
  count(shown: Iterable<BareJid>, isWanted: (user: BareJid) => boolean): void {
    if (this.limits === undefined) return;
    const claimed = [...this.#taken, ...this.#waiting].filter(isWanted);
    this.#taken = new Set(shown);
    this.#waiting.clear();
    for (const user of claimed) this.claim(user);
  }

  /** The room shows somebody. */
  take(user: BareJid): void {
    if (this.limits === undefined) return;
    this.#waiting.delete(user);
    this.#taken.add(user);
  }

  /** Somebody wants to be shown, and is kept a place or waits for one. */
  claim(user: BareJid): void {
    if (this.#hasPlace(user)) this.take(user);
    else this.#waiting.add(user);
  }

  /** Somebody is not shown any more; says who has their place now. */
  leave(user: BareJid): BareJid | undefined {
    this.#waiting.delete(user);
    if (!this.#taken.delete(user)) return undefined;
    const [next] = this.#waiting;
    if (next !== undefined) this.claim(next);
    return next;
  }

  /** Of the hats that are to be put, those that the room takes once the others are taken off. */
  fitting(user: BareJid, shown: TitledHats, { put, take }: WearerDifference): readonly TitledHat[] {
    if (this.limits === undefined) return put;
    if (!this.#hasPlace(user)) return [];
    let left = this.limits.hatsPerWearer - shown.size + take.length;
    return put.filter(({ id }) => shown.has(id) || left-- > 0);
  }

  #hasPlace(user: BareJid): boolean {
    return this.limits === undefined || this.#taken.has(user) || this.#taken.size < this.limits.wearers;
  }
}
