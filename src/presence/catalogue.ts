/**
 * The hats that a room itself knows, brought in line with the desk's.
 *
 * A hat that the room knows carries the desk's title, and the desk's hue where the desk has one. A hat that it does not
 * know is made known when the first wearer needs it, not before. Leaves out who wears what (reconciler.ts).
 */
import type { HatId } from "../core/model.ts";
import type { DurableRoom } from "../desk/desk.ts";
import { hueOf } from "../stanza/hue.ts";
import type { CatalogueCommands, CatalogueEntry } from "./room-commands.ts";

const SAME_HUE = 1e-6;

/** One room's catalogue, as last read and as changed since. */
export class Catalogue {
  readonly #commands: CatalogueCommands;
  readonly #kept: () => DurableRoom;
  readonly #defining = new Map<HatId, Promise<void>>();
  #entries = new Map<HatId, CatalogueEntry>();

  /** `kept` gives what the desk has on the room, live. */
  constructor(commands: CatalogueCommands, kept: () => DurableRoom) {
    this.#commands = commands;
    this.#kept = kept;
  }

  /** Reads the room's list of hats anew. */
  async read(): Promise<void> {
    this.#entries = await this.#commands.read();
  }

  /** The hats that the room knows otherwise than the desk does. */
  outdated(): HatId[] {
    return [...this.#entries.keys()].filter((id) => this.#wanted(id) !== undefined);
  }

  /** Whether the room knows the hat otherwise than the desk does. */
  isOutdated(id: HatId): boolean {
    return this.#entries.has(id) && this.#wanted(id) !== undefined;
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
      if (!this.#defining.has(id)) await this.#define(id, wanted);
    }
  }

  #define(id: HatId, entry: CatalogueEntry): Promise<void> {
    const defining = this.#commands
      .define(id, entry)
      .then(() => void this.#entries.set(id, entry))
      .finally(() => this.#defining.delete(id));
    this.#defining.set(id, defining);
    return defining;
  }

  /* What the room should be told of the hat; undefined where it need not be told anything. */
  #wanted(id: HatId, wearersTitle?: string): CatalogueEntry | undefined {
    const hat = this.#kept().hats.get(id);
    const known = this.#entries.get(id);
    const title = hat?.title ?? known?.title ?? wearersTitle ?? id;
    const hue = hat?.hue ?? known?.hue ?? hueOf(title);
    const isAsWanted =
      known !== undefined && known.title === title && (hat?.hue === undefined || isSameHue(known.hue, hue));
    return isAsWanted ? undefined : { title, hue };
  }
}

function isSameHue(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) < SAME_HUE;
}
