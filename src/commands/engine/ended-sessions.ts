/**
 * Sessions that completed, each with its answer, so that a client which missed it can ask again.
 *
 * Bounded in number, in what they hold together, and in time; the oldest go first.
 */
import type { CommandResponse } from "../../stanza/command.ts";
import { toText } from "../../stanza/xml.ts";
import { Groups } from "./groups.ts";

/** How many answers are remembered, and for how long. */
export interface EndedLimits {
  readonly remembered: number;
  /** How many characters they hold together. */
  readonly rememberedCharacters: number;
  readonly idleMs: number;
}

/** A session that completed, with what it was answered. */
export interface Ended {
  readonly sessionid: string;
  readonly node: string;
  readonly address: string;
  /** Which submit completed it. */
  readonly fingerprint: string;
  readonly response: CommandResponse;
}

interface Kept {
  readonly ended: Ended;
  readonly characters: number;
  readonly endedAt: number;
}

/** Keeps them by their id, in the order in which they ended. */
export class EndedSessions {
  readonly #limits: EndedLimits;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  readonly #byAddress = new Groups<string>();
  #characters = 0;

  constructor(limits: EndedLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** The answer of a session, if it was this address's. */
  find(sessionid: string, address: string): Ended | undefined {
    this.#expire();
    const ended = this.#kept.get(sessionid)?.ended;
    return ended?.address === address ? ended : undefined;
  }

  /** Remembers an answer, and forgets the oldest ones that it leaves no room for. */
  add(ended: Ended): void {
    const { sessionid, address, response } = ended;
    const characters = lengthOf(response);
    this.#byAddress.add(address, sessionid);
    this.#characters += characters;
    this.#kept.set(sessionid, { ended, characters, endedAt: this.#now() });
    const { remembered, rememberedCharacters } = this.#limits;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= remembered && this.#characters <= rememberedCharacters) break;
      this.#drop(oldest);
    }
  }

  /** Forgets every answer of an address. */
  forget(address: string): void {
    for (const sessionid of this.#byAddress.of(address)) this.#drop(sessionid);
  }

  #drop(sessionid: string): void {
    const kept = this.#kept.get(sessionid);
    if (kept === undefined) return;
    this.#kept.delete(sessionid);
    this.#characters -= kept.characters;
    this.#byAddress.delete(kept.ended.address, sessionid);
  }

  #expire(): void {
    const since = this.#now() - this.#limits.idleMs;
    for (const [sessionid, { endedAt }] of this.#kept) {
      if (endedAt > since) break;
      this.#drop(sessionid);
    }
  }
}

/* Most are a line or two; a table may fill a stanza. */
function lengthOf({ payload, notes }: CommandResponse): number {
  const shown = payload === undefined ? 0 : toText(payload).length;
  return notes.reduce((sum, { text }) => sum + text.length, shown);
}
