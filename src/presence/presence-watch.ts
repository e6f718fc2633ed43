/**
 * Notices that a room shows somebody's hats otherwise than the desk believes.
 *
 * What is shown is never taken over, since it may be forged: it only says that the room's own list should be read
 * again. Looked at in the one namespace that the room itself builds. A presence and the answer to the command that caused
 * it come in either order, so whatever looks strange is looked at once more a moment later; what a reading did not explain
 * is asked about once.
 */
import type { Clock } from "../core/clock.ts";
import type { BareJid } from "../core/jid.ts";
import type { Occupant } from "../core/occupant.ts";
import { type HatsNamespace, parseHats, type ShownHat } from "../stanza/hats.ts";
import type { Element } from "../stanza/xml.ts";
import type { TitledHats } from "./difference.ts";
import type { RoomLink } from "./room-link.ts";

const LOOK_MS = 1_000;

/** What a watch works with. */
export interface WatchOptions {
  readonly link: Pick<RoomLink, "on" | "off">;
  readonly namespace: HatsNamespace;
  readonly clock: Clock;
  /** What presence should show of a person; undefined while the room is being told of them. */
  readonly expected: (user: BareJid) => TitledHats | undefined;
  readonly onDifference: () => void;
}

/* What somebody was last seen with; compared only where it comes to that, since presences are many. */
interface Sight {
  readonly user: BareJid;
  readonly hats: readonly ShownHat[];
}

/** Watches the occupants of one room. */
export class PresenceWatch {
  readonly #options: WatchOptions;
  readonly #seen = new Map<string, Sight>();
  /* What was asked about already, by nick. */
  readonly #asked = new Map<string, string>();
  readonly #strange = new Set<string>();
  #callOff: (() => void) | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.link.on("occupant", this.#see);
    this.#options.link.on("occupant-left", this.#forget);
  }

  stop(): void {
    this.#options.link.off("occupant", this.#see);
    this.#options.link.off("occupant-left", this.#forget);
    this.#callOff?.();
  }

  readonly #see = ({ nick, realJid }: Occupant, presence: Element): void => {
    if (realJid === undefined) return;
    this.#seen.set(nick, { user: realJid, hats: parseHats(presence, this.#options.namespace) });
    this.#look(nick);
  };

  readonly #forget = (nick: string): void => {
    this.#seen.delete(nick);
    this.#asked.delete(nick);
    this.#strange.delete(nick);
  };

  #look(nick: string): void {
    if (!this.#isStrange(nick)) return;
    this.#strange.add(nick);
    this.#callOff ??= this.#options.clock.after(LOOK_MS, () => {
      this.#callOff = undefined;
      this.#lookAgain();
    });
  }

  #lookAgain(): void {
    const nicks = [...this.#strange];
    this.#strange.clear();
    let isDifferent = false;
    for (const nick of nicks) {
      const sight = this.#seen.get(nick);
      if (sight === undefined || !this.#isStrange(nick)) continue;
      if (this.#options.expected(sight.user) === undefined) {
        this.#look(nick);
        continue;
      }
      this.#asked.set(nick, describeSight(sight));
      isDifferent = true;
    }
    if (isDifferent) this.#options.onDifference();
  }

  /* While the room is being told of somebody, nothing is sure: it is looked at again. */
  #isStrange(nick: string): boolean {
    const sight = this.#seen.get(nick);
    if (sight === undefined) return false;
    const expected = this.#options.expected(sight.user);
    if (expected === undefined) return true;
    const shown = describeSight(sight);
    if (describe(expected) !== shown) return this.#asked.get(nick) !== shown;
    this.#asked.delete(nick);
    return false;
  }
}

function describeSight({ hats }: Sight): string {
  return describe(hats.map(({ uri, title }) => [uri, title]));
}

function describe(hats: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...hats].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
