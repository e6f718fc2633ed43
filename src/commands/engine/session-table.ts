/**
 * The sessions there are: bounded in number and in idle time, and gone with the occupancy they belong to.
 *
 * Sessions lie in the order of their last use, so expiry looks only at what has expired. Ended ones stay for as long
 * with their answer, so that a client which missed it can ask again; they count towards no limit but their own.
 */
import { HatsError } from "../../core/errors.ts";
import type { CommandResponse } from "../../stanza/command.ts";
import { toText } from "../../stanza/xml.ts";
import type { Session } from "./session.ts";

/** How many sessions there may be, and for how long. */
export interface SessionLimits {
  readonly perOwner: number;
  readonly inAll: number;
  readonly remembered: number;
  /** How many characters the answers of all open sessions hold together. */
  readonly characters: number;
  /** How many characters of what ended sessions were answered are remembered. */
  readonly rememberedCharacters: number;
  readonly idleMs: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  perOwner: 64,
  inAll: 4_096,
  remembered: 1_024,
  characters: 64 * 1024 * 1024,
  rememberedCharacters: 8 * 1024 * 1024,
  idleMs: 15 * 60_000,
};

/** A session that completed, with what it was answered. */
export interface Ended {
  readonly sessionid: string;
  readonly node: string;
  readonly address: string;
  /** Which submit completed it. */
  readonly fingerprint: string;
  readonly response: CommandResponse;
}

interface Open {
  readonly session: Session;
  /** Whose sessions are counted together: a person, whatever their resources. */
  readonly owner: string;
  readonly characters: number;
  readonly usedAt: number;
}

interface Kept {
  readonly ended: Ended;
  readonly characters: number;
  readonly usedAt: number;
}

/** Keeps sessions by their id. */
export class SessionTable {
  readonly #limits: SessionLimits;
  readonly #now: () => number;
  readonly #open = new Map<string, Open>();
  readonly #ended = new Map<string, Kept>();
  #characters = 0;
  #rememberedCharacters = 0;
  readonly #byOwner = new Map<string, Set<string>>();
  /* Of open and ended sessions. */
  readonly #byAddress = new Map<string, Set<string>>();

  constructor(limits: SessionLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** The session, if it is open and this address's. */
  find(sessionid: string, address: string): Session | undefined {
    this.#expire();
    const session = this.#open.get(sessionid)?.session;
    return session?.address === address ? session : undefined;
  }

  /** The answer of a session that completed, if it was this address's. */
  findEnded(sessionid: string, address: string): Ended | undefined {
    this.#expire();
    const ended = this.#ended.get(sessionid)?.ended;
    return ended?.address === address ? ended : undefined;
  }

  /** Keeps a session as it stands now. Throws HatsError too-many-sessions for one that goes beyond the limits. */
  keep(session: Session, owner: string): void {
    this.#expire();
    const { sessionid, address } = session;
    const { perOwner, inAll } = this.#limits;
    const characters = charactersOf(session);
    const further = characters - (this.#open.get(sessionid)?.characters ?? 0);
    if (further > 0 && this.#characters + further > this.#limits.characters) {
      throw new HatsError("too-many-sessions");
    }
    if (!this.#open.has(sessionid)) {
      const owned = this.#byOwner.get(owner)?.size ?? 0;
      if (owned >= perOwner || this.#open.size >= inAll) throw new HatsError("too-many-sessions");
    }
    this.drop(sessionid);
    enter(this.#byOwner, owner, sessionid);
    enter(this.#byAddress, address, sessionid);
    this.#characters += characters;
    this.#open.set(sessionid, { session, owner, characters, usedAt: this.#now() });
  }

  /** Ends a session without an answer to remember. */
  drop(sessionid: string): void {
    const open = this.#open.get(sessionid);
    if (open === undefined) return;
    this.#open.delete(sessionid);
    this.#characters -= open.characters;
    strike(this.#byOwner, open.owner, sessionid);
    strike(this.#byAddress, open.session.address, sessionid);
  }

  /** Ends a session and remembers its answer. */
  end(ended: Ended): void {
    const { sessionid, address } = ended;
    this.drop(sessionid);
    enter(this.#byAddress, address, sessionid);
    const characters = lengthOf(ended.response);
    this.#rememberedCharacters += characters;
    this.#ended.set(sessionid, { ended, characters, usedAt: this.#now() });
    const { remembered, rememberedCharacters } = this.#limits;
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= remembered && this.#rememberedCharacters <= rememberedCharacters) break;
      this.#dropEnded(oldest);
    }
  }

  /** Forgets every session of an address, and the answers of those that ended. */
  forget(address: string): void {
    for (const sessionid of this.#byAddress.get(address) ?? []) {
      this.drop(sessionid);
      this.#dropEnded(sessionid);
    }
  }

  /** How many sessions are open. */
  get size(): number {
    this.#expire();
    return this.#open.size;
  }

  #dropEnded(sessionid: string): void {
    const kept = this.#ended.get(sessionid);
    if (kept === undefined) return;
    this.#ended.delete(sessionid);
    this.#rememberedCharacters -= kept.characters;
    strike(this.#byAddress, kept.ended.address, sessionid);
  }

  #expire(): void {
    const since = this.#now() - this.#limits.idleMs;
    for (const [sessionid, { usedAt }] of this.#open) {
      if (usedAt > since) break;
      this.drop(sessionid);
    }
    for (const [sessionid, { usedAt }] of this.#ended) {
      if (usedAt > since) break;
      this.#dropEnded(sessionid);
    }
  }
}

function charactersOf({ answers, gathered }: Session): number {
  let characters = 0;
  for (const values of [...answers.values(), ...gathered.values()]) {
    for (const value of values) characters += value.length;
  }
  return characters;
}

/* Most are a line or two; a table may fill a stanza. */
function lengthOf({ payload, notes }: CommandResponse): number {
  return notes.reduce(
    (sum, { text }) => sum + text.length,
    payload === undefined ? 0 : toText(payload).length,
  );
}

function enter(index: Map<string, Set<string>>, key: string, sessionid: string): void {
  const entered = index.get(key);
  if (entered === undefined) index.set(key, new Set([sessionid]));
  else entered.add(sessionid);
}

function strike(index: Map<string, Set<string>>, key: string, sessionid: string): void {
  const entered = index.get(key);
  entered?.delete(sessionid);
  if (entered?.size === 0) index.delete(key);
}
