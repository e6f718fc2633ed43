/**
 * The hats that a room itself knows, brought in line with the desk's.
 *
 * A hat that the room knows carries the desk's title, and the desk's hue where the desk has one. A hat that it does not
 * know is made known when the first wearer needs it, not before. One that the desk has retired is destroyed, if the desk
 * made it; whoever calls sees to it that nobody wears it. What somebody else changed in the room is for the desk to
 * adopt (adoption.ts): a mark (hat-mark.ts) says what the room was last seen to have. Leaves out who wears what
 * (reconciler.ts).
 */
import type { BareJid } from "../../core/jid.ts";
import type { Base, Hat, HatId } from "../../core/model.ts";
import type { DurableRoom } from "../../desk/desk.ts";
import type { TitledHats } from "../picture/difference.ts";
import {
  buildMark,
  type HatMark,
  isMarkKey,
  markedHat,
  markKey,
  parseMark,
  RESTORED,
} from "../picture/hat-mark.ts";
import { hueOf } from "../../stanza/hue.ts";
import type { CatalogueCommands, CatalogueEntry } from "../dialects/room-commands.ts";

const SAME_HUE = 1e-6;

/** What a catalogue works with. */
export interface CatalogueOptions {
  readonly commands: CatalogueCommands;
  /** Gives what the desk has on the room, live. */
  readonly kept: () => DurableRoom;
  /** Keeps a mark; undefined forgets it. */
  readonly keep: (key: BareJid, mark: Base | undefined) => Promise<void>;
}

/** A hat that somebody changed in the room: as it was, and as the desk should have it from now on. */
export interface NativeHat {
  readonly id: HatId;
  readonly before: Hat;
  readonly after: Hat;
  readonly mark: Base;
}

/** One room's catalogue, as last read and as changed since. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #defining = new Map<HatId, Promise<void>>();
  #entries = new Map<HatId, CatalogueEntry>();

  constructor(options: CatalogueOptions) {
    this.#options = options;
  }

  /** Reads the room's list of hats anew. */
  async read(): Promise<void> {
    this.#entries = await this.#options.commands.read();
  }

  /** Whether wearers show something that the room was not known to have when its list was last read. */
  isBehind(worn: Iterable<TitledHats>): boolean {
    for (const hats of worn)
      for (const [id, title] of hats) if (this.#entries.get(id)?.title !== title) return true;
    return false;
  }

  /** The hat as the room knows it. */
  entry(id: HatId): CatalogueEntry | undefined {
    return this.#entries.get(id);
  }

  /** The hats that the room knows otherwise than the desk does, or that it should not know any more. */
  outdated(): HatId[] {
    return [...this.#entries.keys()].filter((id) => this.isOutdated(id));
  }

  /** Whether the room knows the hat otherwise than the desk does, or should not know it any more. */
  isOutdated(id: HatId): boolean {
    return this.#entries.has(id) && (this.isRetired(id) || this.#wanted(id) !== undefined);
  }

  /** Whether the desk made the hat in this room, and has it no more. */
  isRetired(id: HatId): boolean {
    return this.#entries.has(id) && !this.#options.kept().hats.has(id) && this.#mark(id)?.isMade === true;
  }

  /** The hats to which somebody gave another title or hue in the room, where the desk has not. */
  changedByOthers(): NativeHat[] {
    const { hats } = this.#options.kept();
    return [...this.#entries].flatMap(([id, entry]): NativeHat[] => {
      const [hat, mark] = [hats.get(id), this.#mark(id)];
      if (hat === undefined || mark === undefined) return [];
      const after = mergeEntry(hat, mark, entry);
      return after === hat ? [] : [{ id, before: hat, after, mark: buildMark(id, { ...mark, ...entry }) }];
    });
  }

  /**
   * Makes the room know the hat as the desk does, and resolves with the title it has there; `title` serves where
   * neither the desk's catalogue nor the room's has one.
   */
  async provide(id: HatId, title = id as string): Promise<string> {
    for (;;) {
      await this.#defining.get(id);
      const wanted = this.#wanted(id, title);
      if (wanted === undefined) return this.#entries.get(id)?.title ?? title;
      if (!this.#defining.has(id)) await this.#defineOnce(id, wanted);
    }
  }

  /** Makes the room forget the hat. */
  async destroy(id: HatId): Promise<void> {
    await this.#options.commands.destroy(id);
    this.#entries.delete(id);
    await this.#keep(id, undefined);
  }

  /** Keeps marks of what room and desk agree on, so that a later change tells who made it. */
  async settle(): Promise<void> {
    const { hats, base } = this.#options.kept();
    const gone = [...base.keys()]
      .filter((key) => isMarkKey(key) && key !== RESTORED)
      .map(markedHat)
      .filter((id) => !this.#entries.has(id));
    const settled = [...this.#entries].filter(([id]) => hats.has(id) && this.#wanted(id) === undefined);
    await Promise.all([
      ...gone.map((id) => this.#keep(id, undefined)),
      ...settled.map(([id, entry]) => this.#settle(id, entry)),
    ]);
  }

  async #settle(id: HatId, entry: CatalogueEntry): Promise<void> {
    const mark = this.#mark(id);
    const hat = this.#options.kept().hats.get(id) ?? {};
    if (mark !== undefined && mergeEntry(hat, mark, entry) !== hat) return;
    await this.#keep(id, { isMade: mark?.isMade ?? false, ...entry });
  }

  #defineOnce(id: HatId, entry: CatalogueEntry): Promise<void> {
    const defining = this.#define(id, entry).finally(() => this.#defining.delete(id));
    this.#defining.set(id, defining);
    return defining;
  }

  /* That the desk made a hat is known before the room has it; what the room has, after. */
  async #define(id: HatId, entry: CatalogueEntry): Promise<void> {
    const isNew = !this.#entries.has(id);
    if (isNew) await this.#keep(id, { isMade: true, ...entry });
    await this.#options.commands.define(id, entry);
    this.#entries.set(id, entry);
    if (!isNew) await this.#keep(id, { isMade: this.#mark(id)?.isMade ?? false, ...entry });
  }

  async #keep(id: HatId, mark: HatMark | undefined): Promise<void> {
    const key = markKey(id);
    const base = mark && buildMark(id, mark);
    if (base?.get(id) === this.#options.kept().base.get(key)?.get(id)) return;
    await this.#options.keep(key, base);
  }

  #mark(id: HatId): HatMark | undefined {
    return parseMark(id, this.#options.kept().base.get(markKey(id)));
  }

  /* What the room should be told of the hat; undefined where it need not be told anything. */
  #wanted(id: HatId, wearersTitle?: string): CatalogueEntry | undefined {
    const known = this.#entries.get(id);
    const hat = this.#merged(id, known);
    const title = hat?.title ?? known?.title ?? wearersTitle ?? id;
    const hue = hat?.hue ?? known?.hue ?? hueOf(title);
    const isAsWanted =
      known !== undefined && known.title === title && (hat?.hue === undefined || isSameHue(known.hue, hue));
    return isAsWanted ? undefined : { title, hue };
  }

  #merged(id: HatId, known: CatalogueEntry | undefined): Hat | undefined {
    const hat = this.#options.kept().hats.get(id);
    const mark = known && this.#mark(id);
    return hat && known && mark ? mergeEntry(hat, mark, known) : hat;
  }
}

/* The desk's hat with what somebody changed in the room since it was marked, unless the desk has changed the same. */
function mergeEntry(hat: Hat, mark: CatalogueEntry, room: CatalogueEntry): Hat {
  const isRetitled = hat.title !== undefined && hat.title === mark.title && room.title !== mark.title;
  const isRecoloured = hat.hue !== undefined && isSameHue(mark.hue, hat.hue) && !isSameHue(room.hue, hat.hue);
  if (!isRetitled && !isRecoloured) return hat;
  const { hue, ...rest } = isRetitled ? { ...hat, title: room.title } : hat;
  const merged = isRecoloured ? room.hue : hue;
  return merged === undefined ? rest : { ...rest, hue: merged };
}

function isSameHue(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) < SAME_HUE;
}
