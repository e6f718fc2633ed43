/**
 * Notices that a room shows somebody's hats otherwise than the desk believes.
 *
 * What is shown is never taken over, since it may be forged: it only says that the room's own list should be read
 * again. Looked at in the one namespace that the room itself builds. A presence and the answer to the command that caused
 * it come in either order, so whatever looks strange is looked at once more a moment later; what a reading did not explain
 * is asked about once, and the room is reminded once to show what it has: ejabberd shows nothing of the hats of somebody
 * who came in while they were switched off, until something of theirs changes.
 *
 * It sees presences as long as the bot is in the room, also while nobody asks.
 */
import type { Clock } from "../../core/clock.ts";
import type { BareJid } from "../../core/jid.ts";
import type { HatId } from "../../core/model.ts";
import type { Occupant } from "../../core/occupant.ts";
import { type HatsNamespace, parseHats, type ShownHat } from "../../stanza/hats.ts";
import type { Element } from "../../stanza/xml.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../../stanza/namespaces.ts";
import type { TitledHats } from "../picture/difference.ts";
import type { RoomLink } from "../room-link.ts";

const LOOK_MS = 1_000;

/** Who wants to know what presence shows. */
export interface Onlooker {
  readonly namespace: HatsNamespace;
  /** What presence should show of a person; undefined while the room is being told of them. */
  readonly expected: (user: BareJid) => TitledHats | undefined;
  /** Somebody is shown otherwise. */
  readonly onDifference: () => void;
  /** Somebody still is, though the room's list has been read since. */
  readonly onUnexplained: (user: BareJid) => void;
}

/*
 * Who is seen with more than these in all is not looked at: anybody may forge as much as a stanza holds, and all of it
 * would be kept, nick by nick.
 */
const MOST_HATS = 200;
const MOST_CHARACTERS = 32_768;

/* What somebody was last seen with; compared only where it comes to that, since presences are many. */
interface Sight {
  readonly user: BareJid;
  readonly hats: Readonly<Record<HatsNamespace, readonly ShownHat[]>>;
}

/** Watches the occupants of one room. */
export class PresenceWatch {
  readonly #link: Pick<RoomLink, "on" | "off">;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Sight>();
  /* What was asked about already, and what was to be shown instead when the room was reminded, by nick. */
  readonly #asked = new Map<string, string>();
  readonly #reminded = new Map<string, string>();
  readonly #strange = new Set<string>();
  #onlooker: Onlooker | undefined;
  #callOff: (() => void) | undefined;

  constructor(link: Pick<RoomLink, "on" | "off">, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
    link.on("occupant", this.#see);
    link.on("occupant-left", this.#forget);
  }

  /** Tells somebody what is strange, from now on and of all who are there; instead of whoever was told before. */
  tell(onlooker: Onlooker): void {
    this.tellNobody();
    this.#onlooker = onlooker;
    for (const nick of this.#seen.keys()) this.#look(nick);
  }

  /** The list was read, and what followed from it is done. */
  explain(): void {
    for (const [nick, asked] of this.#asked) {
      const sight = this.#seen.get(nick);
      const expected = sight && this.#onlooker?.expected(sight.user);
      if (sight === undefined || expected === undefined || this.#describe(sight) !== asked) continue;
      const missing = describe(expected);
      if (missing === asked || this.#reminded.get(nick) === missing) continue;
      this.#reminded.set(nick, missing);
      this.#onlooker?.onUnexplained(sight.user);
    }
  }

  /** The hats with which these people were last seen, where they are in the room and somebody is told. */
  seen(users: readonly BareJid[]): ReadonlyMap<BareJid, readonly HatId[]> {
    const wanted = new Set(users);
    const seen = new Map<BareJid, readonly HatId[]>();
    if (this.#onlooker === undefined) return seen;
    for (const sight of this.#seen.values()) {
      if (!wanted.has(sight.user)) continue;
      seen.set(
        sight.user,
        this.#hatsIn(sight).map(({ uri }) => uri as HatId),
      );
    }
    return seen;
  }

  tellNobody(): void {
    this.#onlooker = undefined;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#strange.clear();
    this.#asked.clear();
    this.#reminded.clear();
  }

  /** The bot is out: what it saw is nothing any more. */
  clear(): void {
    this.tellNobody();
    this.#seen.clear();
  }

  /** Watches no more. */
  close(): void {
    this.clear();
    this.#link.off("occupant", this.#see);
    this.#link.off("occupant-left", this.#forget);
  }

  readonly #see = ({ nick, realJid }: Occupant, presence: Element): void => {
    if (realJid === undefined) return;
    const hats = {
      [NS_HATS]: parseHats(presence, NS_HATS),
      [NS_HATS_LEGACY]: parseHats(presence, NS_HATS_LEGACY),
    };
    if (isTooMuch([...hats[NS_HATS], ...hats[NS_HATS_LEGACY]])) this.#seen.delete(nick);
    else this.#seen.set(nick, { user: realJid, hats });
    this.#look(nick);
  };

  readonly #forget = (nick: string): void => {
    this.#seen.delete(nick);
    this.#asked.delete(nick);
    this.#reminded.delete(nick);
    this.#strange.delete(nick);
  };

  #look(nick: string): void {
    if (this.#onlooker === undefined || !this.#isStrange(nick, this.#onlooker)) return;
    this.#strange.add(nick);
    this.#callOff ??= this.#clock.after(LOOK_MS, () => {
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
      const onlooker = this.#onlooker;
      if (sight === undefined || onlooker === undefined || !this.#isStrange(nick, onlooker)) continue;
      if (onlooker.expected(sight.user) === undefined) {
        this.#look(nick);
        continue;
      }
      this.#asked.set(nick, this.#describe(sight));
      isDifferent = true;
    }
    if (isDifferent) this.#onlooker?.onDifference();
  }

  /* While the room is being told of somebody, nothing is sure: it is looked at again. */
  #isStrange(nick: string, onlooker: Onlooker): boolean {
    const sight = this.#seen.get(nick);
    if (sight === undefined) return false;
    const expected = onlooker.expected(sight.user);
    if (expected === undefined) return true;
    const shown = this.#describe(sight);
    if (describe(expected) !== shown) return this.#asked.get(nick) !== shown;
    this.#asked.delete(nick);
    this.#reminded.delete(nick);
    return false;
  }

  #describe(sight: Sight): string {
    return describe(this.#hatsIn(sight).map(({ uri, title }) => [uri, title]));
  }

  /* As the room itself builds them. */
  #hatsIn({ hats }: Sight): readonly ShownHat[] {
    return hats[this.#onlooker?.namespace ?? NS_HATS];
  }
}

function isTooMuch(hats: readonly ShownHat[]): boolean {
  const characters = hats.reduce((sum, { uri, title }) => sum + uri.length + title.length, 0);
  return hats.length > MOST_HATS || characters > MOST_CHARACTERS;
}

function describe(hats: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...hats].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
