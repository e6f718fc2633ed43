/**
 * Makes the desk's own what somebody did with the room's own commands.
 *
 * One transaction a person, in the history as the room's: the wardrobe, the catalogue where the hat is new, and the
 * base, so that nothing is sent back to the room. All is judged anew on what is pending by then, under the desk's own
 * rules; what they do not allow (somebody who is not affiliated, a limit) stays in the room as it is, neither the
 * desk's nor taken off.
 *
 * Where the store is a copy of an earlier time, the room is to be told instead: what would be adopted is noted as
 * something of which nobody knows whether the room took it, so that what the desk has goes before.
 */
import type { Change } from "../../core/change.ts";
import { defineHat } from "../../core/catalogue.ts";
import type { Author } from "../../core/entry.ts";
import { HatsError } from "../../core/errors.ts";
import { setUserHats, wardrobeOf } from "../../core/hats.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import { put } from "../../core/maps.ts";
import type { Attachment, HatId, RoomView, View, Wardrobe } from "../../core/model.ts";
import { overlay } from "../../core/overlay.ts";
import { parseUserJid } from "../../stanza/jid.ts";
import type { Catalogue, NativeHat } from "./catalogue.ts";
import type { Crossings } from "./crossings.ts";
import type { TitleScope } from "../dialects/room-commands.ts";
import { isChangedInDesk, UNCONFIRMED, type WearerDifference, wornTitles } from "../picture/difference.ts";
import type { HatKeeping } from "../dresser.ts";
import { markKey, RESTORED } from "../picture/hat-mark.ts";
import type { Picture } from "../picture/picture.ts";

/** What adoption works with. */
export interface AdoptionOptions {
  readonly room: RoomJid;
  readonly picture: Picture;
  readonly catalogue: Catalogue | undefined;
  readonly crossings: Crossings;
  readonly keeping: HatKeeping;
  readonly log: Log;
}

const BY_THE_ROOM: Author = { kind: "room" };

/* So many people at a time, so that thousands do not wait for each other's affiliation. */
const AT_ONCE = 100;

/** Adopts for one room. */
export class Adoption {
  readonly #options: AdoptionOptions;
  #underWay = 0;

  constructor(options: AdoptionOptions) {
    this.#options = options;
  }

  /** How many people and hats are being adopted. */
  get pending(): number {
    return this.#underWay;
  }

  /**
   * Adopts all there is; resolves with whether the room has to be told instead, and rejects with why something cannot be
   * adopted now.
   */
  async adoptAll(): Promise<boolean> {
    const { picture, catalogue, room } = this.#options;
    const hats = catalogue?.changedByOthers() ?? [];
    const people = picture.changedByOthers().filter((user) => isPerson(user, room));
    const deeds = [
      ...hats.map((hat) => () => this.#adoptHat(hat)),
      ...people.map((user) => () => this.#adoptPerson(user)),
    ];
    this.#underWay += deeds.length;
    const failures: unknown[] = [];
    for (let from = 0; from < deeds.length; from += AT_ONCE) {
      const part = deeds.slice(from, from + AT_ONCE);
      const outcomes = await Promise.allSettled(part.map((deed) => deed()));
      for (const outcome of outcomes) if (outcome.status === "rejected") failures.push(outcome.reason);
      this.#underWay -= part.length;
    }
    if (failures.length > 0) throw failures[0];
    return this.#endRestoring();
  }

  /* Once all that differs is noted so. */
  async #endRestoring(): Promise<boolean> {
    const { room, picture, keeping, log } = this.#options;
    if (!picture.isRead || !keeping.durableRoom(room).base.has(RESTORED)) return false;
    await keeping.recordBase(room, RESTORED, undefined);
    log.info({ room }, "the store is a backup: the room is told what it has");
    return true;
  }

  async #adoptPerson(user: BareJid): Promise<void> {
    const { room, picture, crossings, keeping, log } = this.#options;
    let decision = NO_DECISION;
    const { seq } = await keeping.transact({ room, users: [user], author: BY_THE_ROOM }, (view) => {
      decision = this.#decide(view, user);
      return decision.changes;
    });
    if (seq === undefined) return;
    const { hats, isCrossing, isRestored } = decision;
    picture.noteAdopted(user, hats);
    if (isRestored) return;
    log.info({ room, user, hats, seq }, "adopted what was changed in the room");
    if (!isCrossing) return;
    crossings.merged(user);
    log.warn({ room, user }, "desk and room were both changed: the desk's own changes go before");
  }

  #decide(view: View, user: BareJid): Decision {
    const { room: jid, picture, keeping } = this.#options;
    const room = view.room(jid);
    if (room === undefined) return NO_DECISION;
    const base = room.base(user) ?? new Map<HatId, string>();
    const desk = wornTitles(room.user(user), (id) => room.hat(id)?.title);
    const noted = new Map(base);
    const hats: HatId[] = [];
    let worn = wardrobeOf(room, user);
    let changes: readonly Change[] = [];
    /* The room has no word for how long, so a hat that is new is worn as long as it usually is. */
    const term = { now: keeping.now() };
    for (const deed of deedsOf(picture.merge(user, desk, base), picture.titles)) {
      const next = deed.dress(worn, room);
      const tried = unlessRefused(() => {
        const entering = [...changes.filter(({ kind }) => kind === "hat"), ...this.#enter(view, deed.hat)];
        return [...entering, ...setUserHats(overlay(view, entering), user, jid, next, keeping.limits, term)];
      });
      if (tried === undefined) continue;
      changes = tried;
      worn = next;
      hats.push(deed.hat);
      put(noted, deed.hat, deed.noted);
    }
    if (hats.length === 0) return NO_DECISION;
    const isRestored = room.base(RESTORED) !== undefined;
    if (isRestored) for (const hat of hats) noted.set(hat, UNCONFIRMED);
    const after = noted.size === 0 ? undefined : noted;
    const others = new Set([...hats, ...picture.unshown(user)]);
    return {
      hats,
      isRestored,
      changes: [...(isRestored ? [] : changes), { kind: "base", room: jid, user, after }],
      isCrossing: isChangedInDesk(desk, base, picture.titles, others),
    };
  }

  /* A hat that the desk does not know comes as the room knows it. */
  #enter(view: View, hat: HatId): readonly Change[] {
    const { catalogue, room, keeping } = this.#options;
    const entry = catalogue?.entry(hat);
    if (entry === undefined || entry.title === hat || view.room(room)?.hat(hat) !== undefined) return [];
    return defineHat(view, room, hat, { title: entry.title, hue: entry.hue ?? null }, keeping.limits);
  }

  async #adoptHat({ id, before, after, mark }: NativeHat): Promise<void> {
    const { room, keeping, log } = this.#options;
    const { seq } = await keeping.transact({ room, users: [], author: BY_THE_ROOM }, (view) => {
      const known = view.room(room);
      const hat = known?.hat(id);
      if (hat?.title !== before.title || hat?.hue !== before.hue) return [];
      const noted: Change = { kind: "base", room, user: markKey(id), after: mark };
      if (known?.base(RESTORED) !== undefined) return [noted];
      const wish = { title: after.title ?? id, hue: after.hue ?? null };
      const changes = unlessRefused(() => defineHat(view, room, id, wish, keeping.limits)) ?? [];
      if (changes.length === 0) return [];
      return [...changes, noted];
    });
    if (seq !== undefined) log.info({ room, hat: id, seq }, "adopted what a hat is called in the room");
  }
}

interface Decision {
  readonly hats: readonly HatId[];
  readonly changes: readonly Change[];
  /** Whether the hats are noted for the room to be told, and not adopted. */
  readonly isRestored: boolean;
  /** Whether the desk had changed other hats of this person since it last put them into the room. */
  readonly isCrossing: boolean;
}

const NO_DECISION: Decision = { hats: [], changes: [], isCrossing: false, isRestored: false };

/* What somebody did to one hat of one person. */
interface Deed {
  readonly hat: HatId;
  /** What the base says of the hat from now on; undefined where nothing. */
  readonly noted: string | undefined;
  readonly dress: (worn: Wardrobe, room: RoomView) => Wardrobe;
}

function deedsOf({ given, taken, retitled }: WearerDifference, titles: TitleScope): Deed[] {
  return [
    ...taken.map((hat): Deed => ({ hat, noted: undefined, dress: (worn) => without(worn, hat) })),
    ...[...given, ...retitled].map(
      ({ id, title }): Deed => ({
        hat: id,
        noted: title,
        dress: (worn, room) => wearing(worn, id, titles === "wearer" ? titleOf(title, id, room) : undefined),
      }),
    ),
  ];
}

function without(worn: Wardrobe, hat: HatId): Wardrobe {
  const next = new Map(worn);
  next.delete(hat);
  return next;
}

/* Shown, otherwise as it was, under the wearer's own title where the room has one a wearer. */
function wearing(worn: Wardrobe, hat: HatId, own: OwnTitle | undefined): Wardrobe {
  const { title, ...flags } = worn.get(hat) ?? {};
  const shown = own === undefined ? title : own.title;
  const attachment: Attachment = { ...flags, active: true, ...(shown === undefined ? {} : { title: shown }) };
  return new Map(worn).set(hat, attachment);
}

interface OwnTitle {
  readonly title: string | undefined;
}

/* A title that the hat has for everybody, or has for want of one, is nobody's own. */
function titleOf(title: string, hat: HatId, room: RoomView): OwnTitle {
  return { title: title === (room.hat(hat)?.title ?? hat) ? undefined : title };
}

/* COMPAT: ejabberd 26.07 takes anything for an address, a domain and a room too. */
function isPerson(user: BareJid, room: RoomJid): boolean {
  return String(user) !== room && unlessRefused(() => parseUserJid(user)) === user;
}

function unlessRefused<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof HatsError) return undefined;
    throw error;
  }
}
