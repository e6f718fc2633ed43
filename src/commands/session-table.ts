/**
 * The sessions there are: bounded in number and in idle time, and gone with the occupancy they belong to.
 *
 * Sessions lie in the order of their last use, so expiry looks only at what has expired. Ended ones stay for as long
 * with their answer, so that a client which missed it can ask again; they count towards no limit but their own.
 */
import { HatsError } from "../core/errors.ts";
import type { CommandResponse } from "../stanza/command.ts";
import type { Session } from "./session.ts";

/** How many sessions there may be, and for how long. */
export interface SessionLimits {
  readonly perOwner: number;
  readonly inAll: number;
  readonly remembered: number;
  readonly idleMs: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  perOwner: 64,
  inAll: 4_096,
  remembered: 1_024,
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
  readonly usedAt: number;
}

interface Kept {
  readonly ended: Ended;
  readonly usedAt: number;
}

/** Keeps sessions by their id. */
export class SessionTable {
  readonly #limits: SessionLimits;
  readonly #now: () => number;
  readonly #open = new Map<string, Open>();
  readonly #ended = new Map<string, Kept>();
  readonly #owned = new Map<string, number>();

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

  /** Keeps a session as it stands now. Throws HatsError too-many-sessions for a new one beyond the limits. */
  keep(session: Session, owner: string): void {
    this.#expire();
    const known = this.#open.delete(session.sessionid);
    const owned = this.#owned.get(owner) ?? 0;
    if (!known) {
      if (owned >= this.#limits.perOwner || this.#open.size >= this.#limits.inAll) {
        throw new HatsError("too-many-sessions");
      }
      this.#owned.set(owner, owned + 1);
    }
    this.#open.set(session.sessionid, { session, owner, usedAt: this.#now() });
  }

  /** Ends a session without an answer to remember. */
  drop(sessionid: string): void {
    const open = this.#open.get(sessionid);
    if (open === undefined) return;
    this.#open.delete(sessionid);
    const left = (this.#owned.get(open.owner) ?? 1) - 1;
    if (left === 0) this.#owned.delete(open.owner);
    else this.#owned.set(open.owner, left);
  }

  /** Ends a session and remembers its answer. */
  end(ended: Ended): void {
    this.drop(ended.sessionid);
    this.#ended.set(ended.sessionid, { ended, usedAt: this.#now() });
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= this.#limits.remembered) break;
      this.#ended.delete(oldest);
    }
  }

  /** Forgets every session whose address fits, and the answers of those that ended. */
  forget(fits: (address: string) => boolean): void {
    for (const [sessionid, { session }] of this.#open) if (fits(session.address)) this.drop(sessionid);
    for (const [sessionid, { ended }] of this.#ended) if (fits(ended.address)) this.#ended.delete(sessionid);
  }

  /** How many sessions are open. */
  get size(): number {
    this.#expire();
    return this.#open.size;
  }

  #expire(): void {
    const since = this.#now() - this.#limits.idleMs;
    for (const [sessionid, { usedAt }] of this.#open) {
      if (usedAt > since) break;
      this.drop(sessionid);
    }
    for (const [sessionid, { usedAt }] of this.#ended) {
      if (usedAt > since) break;
      this.#ended.delete(sessionid);
    }
  }
}
