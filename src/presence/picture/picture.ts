/**
 * What a room shows, as far as the desk knows: the room's list as it was read, and what the room has been told since.
 *
 * Held against what the desk keeps, wearer by wearer (difference.ts), and against how much the room takes (places.ts).
 * Leaves out telling the room (telling.ts) and adopting what others did there (adoption.ts). A little long because every
 * question is asked of the same two maps.
 */
import type { BareJid } from "../../core/jid.ts";
import { put, putWithin } from "../../core/maps.ts";
import type { Base, HatId, User } from "../../core/model.ts";
import { compareHats, type TitledHat } from "../../core/titles.ts";
import type { DurableRoom } from "../../desk/desk.ts";
import {
  announcedBase,
  countDeeds,
  desiredHats,
  isSameList,
  mergeWearer,
  settledBase,
  type TitledHats,
  type WearerDifference,
  wornTitles,
} from "./difference.ts";
import type { UnshownHat } from "../dresser.ts";
import { isMarkKey } from "./hat-mark.ts";
import { Places } from "./places.ts";
import type { Assigned, RoomLimits, TitleScope } from "../dialects/room-commands.ts";

const NOTHING: TitledHats = new Map();

/** What a picture begins with. */
export interface FirstReading {
  readonly assigned: Assigned;
  readonly limits: RoomLimits | undefined;
  /** Whether this surely is the room into which the base was put: only then somebody took what is missing. */
  readonly isSameRoom: boolean;
}

/** One room's picture. */
export class Picture {
  readonly #kept: () => DurableRoom;
  /** Whose title a hat is shown under. */
  readonly titles: TitleScope;
  #observed: Assigned["hats"] = new Map();
  #strange = 0;
  #isRead = false;
  /* What was put (its title) and taken (undefined) since a wearer's base was settled. */
  readonly #since = new Map<BareJid, Map<HatId, string | undefined>>();
  #places = new Places(undefined);

  /** `kept` gives what the desk has on the room, live. */
  constructor(kept: () => DurableRoom, titles: TitleScope) {
    this.#kept = kept;
    this.titles = titles;
  }

  /** Begins with what the room's own list says; one that is not certain says nothing, and all is as it was noted. */
  begin({ assigned, limits, isSameRoom }: FirstReading): void {
    this.#places = new Places(limits);
    if (!assigned.isCertain) this.#observed = this.#notedHats();
    this.read(assigned);
    if (!isSameRoom) this.#forgetMissing();
    for (const user of this.#kept().users.keys()) this.makePlace(user);
  }

  /** Whether the room's own list was ever read and certain. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /**
   * Takes over what the room's own list says now, and says whether that is anything new; one that is not certain
   * changes nothing.
   */
  read({ hats, strange, isCertain }: Assigned): boolean {
    if (!isCertain) return false;
    this.#isRead = true;
    const isNew = !isSameList(this.#observed, hats);
    this.#observed = hats;
    this.#strange = strange;
    this.#places.count(hats.keys(), (user) => this.#desired(user).size > 0);
    return isNew;
  }

  /** Those who have nothing left on a list that is about to be read, with what they had. */
  bared({ hats }: Assigned): Assigned["hats"] {
    return new Map([...this.#observed].filter(([user]) => !hats.has(user)));
  }

  /** The room took this. */
  put(user: BareJid, id: HatId, title: string): void {
    putWithin(this.#observed, user, id, title);
    this.#note(user, id, title);
    this.#places.take(user);
  }

  /** The room took this away; says who gets a place by it, if anybody does. */
  take(user: BareJid, id: HatId): BareJid | undefined {
    this.#note(user, id, undefined);
    const hats = this.#observed.get(user);
    hats?.delete(id);
    if (hats?.size !== 0) return undefined;
    this.#observed.delete(user);
    return this.#desired(user).size === 0 ? this.#places.leave(user) : undefined;
  }

  /** Sees to it that a wearer has a place while there is one for them; says who gets one that became free. */
  makePlace(user: BareJid): BareJid | undefined {
    if (this.#desired(user).size > 0) this.#places.claim(user);
    else if (!this.#observed.has(user)) return this.#places.leave(user);
    return undefined;
  }

  /** The hats that the room shows for a wearer. */
  shown(user: BareJid): TitledHats {
    return this.#observed.get(user) ?? NOTHING;
  }

  /** Those of them that are the desk's, in hat order. */
  asShown(user: BareJid): TitledHat[] {
    const shown = this.shown(user);
    const ours = [...this.#desired(user)].filter(([id]) => shown.has(id) && this.#base(user).has(id));
    return ours.map(([id, title]) => ({ id, title })).toSorted(compareHats);
  }

  /** Whether the room shows a hat for anybody. */
  isWorn(id: HatId): boolean {
    for (const hats of this.#observed.values()) if (hats.has(id)) return true;
    return false;
  }

  /** What follows for a wearer; of what should be put, that for which there is a place. */
  difference(user: BareJid): WearerDifference {
    return this.#fitting(user, this.merge(user, this.#desired(user), this.#base(user)));
  }

  /** The same for other hats and another base than what is durable, wherever there is a place for it or not. */
  merge(user: BareJid, desk: TitledHats, base: Base): WearerDifference {
    return mergeWearer(desk, this.#noted(user, base), this.shown(user), this.titles);
  }

  /** The base that must be durable before a wearer's difference is told; undefined where it is. */
  announced(user: BareJid): Base | undefined {
    return announcedBase(this.#base(user), this.shown(user), this.difference(user).put);
  }

  /** The base that must be durable together with a wearer's next wardrobe; undefined where it is. */
  attended(user: BareJid, next: User | undefined, base: Base = NOTHING): Base | undefined {
    const { hats } = this.#kept();
    const desk = wornTitles(next, (id) => hats.get(id)?.title);
    const { put } = this.#fitting(user, this.merge(user, desk, base));
    return announcedBase(base, this.shown(user), put);
  }

  /** The base that says what the room shows of the desk's; undefined where it does. */
  settled(user: BareJid): Base | undefined {
    const base = this.#base(user);
    const standing = { desk: this.#desired(user), noted: this.#noted(user, base), room: this.shown(user) };
    return settledBase(standing, base, this.titles);
  }

  /** The base of a wearer says all that was put and taken. */
  noteSettled(user: BareJid): void {
    this.#since.delete(user);
  }

  /** These hats are in desk and base as the room has them. */
  noteAdopted(user: BareJid, ids: readonly HatId[]): void {
    for (const id of ids) this.#since.get(user)?.delete(id);
  }

  /** What somebody took in the room, and the desk has taken too, nobody has to hear of again. */
  forgetTaken(user: BareJid): void {
    const desired = this.#desired(user);
    const shown = this.shown(user);
    for (const id of this.#noted(user, this.#base(user)).keys())
      if (!desired.has(id) && !shown.has(id)) this.#note(user, id, undefined);
  }

  /** Everybody of whom the room must be told something, or whose base is not settled. */
  outdated(): BareJid[] {
    const { users, base } = this.#kept();
    return Array.from(new Set([...users.keys(), ...base.keys()])).filter((user) => {
      if (isMarkKey(user)) return false;
      const { put, take } = this.difference(user);
      return put.length > 0 || take.length > 0 || this.settled(user) !== undefined;
    });
  }

  /** Whether a hat that a wearer is seen with is news and somebody else's gift: the desk never put it. */
  isGivenByOthers(user: BareJid, id: HatId): boolean {
    return !this.#base(user).has(id) && !this.shown(user).has(id);
  }

  /** Everybody whose hats somebody changed in the room. */
  changedByOthers(): BareJid[] {
    const { users } = this.#kept();
    return Array.from(new Set([...this.#observed.keys(), ...users.keys()])).filter(
      (user) => countDeeds(this.difference(user)) > 0,
    );
  }

  /** How many hats differ since somebody changed them in the room, or are such as no desk can have. */
  get drift(): number {
    const users = this.changedByOthers();
    return users.reduce((sum, user) => sum + countDeeds(this.difference(user)), this.#strange);
  }

  /** The hats of a person that the room has no place for. */
  unshown(user: BareJid): HatId[] {
    if (this.#places.limits === undefined) return [];
    const all = this.merge(user, this.#desired(user), this.#base(user));
    const fitting = new Set(this.#fitting(user, all).put);
    return all.put.filter((hat) => !fitting.has(hat)).map(({ id }) => id);
  }

  /** All of them. */
  allUnshown(): UnshownHat[] {
    if (this.#places.limits === undefined) return [];
    return [...this.#kept().users.keys()].flatMap((user) => this.unshown(user).map((hat) => ({ user, hat })));
  }

  #fitting(user: BareJid, difference: WearerDifference): WearerDifference {
    const shown = this.shown(user);
    const put = this.#places.fitting(user, shown, difference);
    return put.length === difference.put.length ? difference : { ...difference, put };
  }

  #desired(user: BareJid): TitledHats {
    return desiredHats(this.#kept(), user);
  }

  #base(user: BareJid): Base {
    return this.#kept().base.get(user) ?? NOTHING;
  }

  /* The base as it would be if it were settled at once. */
  #noted(user: BareJid, base: Base): Base {
    const since = this.#since.get(user);
    if (since === undefined) return base;
    const noted = new Map(base);
    for (const [id, title] of since) put(noted, id, title);
    return noted;
  }

  #note(user: BareJid, id: HatId, title: string | undefined): void {
    putWithin(this.#since, user, id, title);
  }

  /* Another room may have lost what is missing; it is put there again. */
  #forgetMissing(): void {
    for (const [user, base] of this.#kept().base) {
      if (isMarkKey(user)) continue;
      for (const id of base.keys()) if (!this.shown(user).has(id)) this.#note(user, id, undefined);
    }
  }

  #notedHats(): Assigned["hats"] {
    const bases = [...this.#kept().base].filter(([user]) => !isMarkKey(user));
    const noted = bases.map(([user, base]): [BareJid, Map<HatId, string>] => [
      user,
      new Map([...base].filter(([, title]) => title !== "")),
    ]);
    return new Map(noted.filter(([, hats]) => hats.size > 0));
  }
}
