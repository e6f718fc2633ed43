/**
 * The sessions there are: bounded in number, in what they gather and in idle time, and gone with the occupancy they
 * belong to. Those that completed count towards none of these bounds (ended-sessions.ts). What a session gathers is
 * bounded only where it is much, so that nobody who fills a few sessions keeps others from answering a form. Where there
 * are as many sessions as there may be, a further one takes the place of one of whoever has most: so no few people with
 * many sessions keep everybody else out.
 *
 * Sessions lie in the order of their last use, so expiry looks only at what has expired.
 */
import { HatsError } from "../../core/errors.ts";
import type { Requester } from "../../desk/access.ts";
import { type Ended, type EndedLimits, EndedSessions } from "./ended-sessions.ts";
import { Groups } from "./groups.ts";
import type { Session } from "./session.ts";

/** How many sessions there may be, and for how long. */
export interface SessionLimits extends EndedLimits {
  readonly perOwner: number;
  readonly inAll: number;
  /** How many characters the answers of all open sessions hold together. */
  readonly characters: number;
  /** How many of them those of one owner hold: a few of the longest documents. */
  readonly charactersPerOwner: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  perOwner: 64,
  inAll: 4_096,
  remembered: 1_024,
  characters: 64 * 1024 * 1024,
  charactersPerOwner: 16 * 1024 * 1024,
  rememberedCharacters: 8 * 1024 * 1024,
  idleMs: 15 * 60_000,
};

/* So many characters are not much: a form that a person filled out. */
const LITTLE = 4_096;
/* What keeping a value takes besides its characters. */
const EACH_VALUE = 16;

interface Open {
  readonly session: Session;
  /** Whose sessions are counted together: see `ownerOf`. */
  readonly owner: string;
  readonly characters: number;
  readonly usedAt: number;
}

/**
 * Whose sessions, and lines in a chat, are counted together: those of a person, whatever their resources, and those of a
 * person in one room, whatever their nick. What a room says of people counts in that room only: else it could use up
 * anybody's.
 */
export function ownerOf(requester: Requester, address: string): string {
  if (requester.kind === "account") return requester.jid;
  const { realJid } = requester.occupant;
  return realJid === undefined ? address : `${requester.room} ${realJid}`;
}

/** Keeps sessions by their id. */
export class SessionTable {
  readonly #limits: SessionLimits;
  readonly #now: () => number;
  readonly #open = new Map<string, Open>();
  readonly #ended: EndedSessions;
  readonly #byOwner = new Groups<string>();
  readonly #byAddress = new Groups<string>();
  #characters = 0;

  constructor(limits: SessionLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#ended = new EndedSessions(limits, now);
  }

  /** The session, if it is open and this address's. */
  find(sessionid: string, address: string): Session | undefined {
    this.#expire();
    const session = this.#open.get(sessionid)?.session;
    return session?.address === address ? session : undefined;
  }

  /** The answer of a session that completed, if it was this address's. */
  findEnded(sessionid: string, address: string): Ended | undefined {
    return this.#ended.find(sessionid, address);
  }

  /** Keeps a session as it stands now. Throws HatsError too-many-sessions for one that goes beyond the limits. */
  keep(session: Session, owner: string): void {
    this.#expire();
    const { sessionid, address } = session;
    const characters = charactersOf(session);
    this.#assertRoom(sessionid, owner, characters);
    if (!this.#open.has(sessionid) && this.#open.size >= this.#limits.inAll) this.#makeRoom(owner);
    this.drop(sessionid);
    this.#byOwner.add(owner, sessionid);
    this.#byAddress.add(address, sessionid);
    this.#characters += characters;
    this.#open.set(sessionid, { session, owner, characters, usedAt: this.#now() });
  }

  /** Ends a session without an answer to remember. */
  drop(sessionid: string): void {
    const open = this.#open.get(sessionid);
    if (open === undefined) return;
    this.#open.delete(sessionid);
    this.#characters -= open.characters;
    this.#byOwner.delete(open.owner, sessionid);
    this.#byAddress.delete(open.session.address, sessionid);
  }

  /** Ends a session and remembers its answer. */
  end(ended: Ended): void {
    this.drop(ended.sessionid);
    this.#ended.add(ended);
  }

  /** Forgets every session of an address, and the answers of those that ended. */
  forget(address: string): void {
    for (const sessionid of this.#byAddress.of(address)) this.drop(sessionid);
    this.#ended.forget(address);
  }

  /** How many sessions are open. */
  get size(): number {
    this.#expire();
    return this.#open.size;
  }

  /* A session that holds no more than before is kept, whatever there is of others. */
  #assertRoom(sessionid: string, owner: string, characters: number): void {
    const limits = this.#limits;
    const before = this.#open.get(sessionid);
    const owned = this.#byOwner.of(owner);
    const isOneTooMany = before === undefined && owned.size >= limits.perOwner;
    const further = characters - (before?.characters ?? 0);
    const isTooLong =
      characters > LITTLE &&
      further > 0 &&
      (this.#characters + further > limits.characters ||
        this.#charactersIn(owned) + further > limits.charactersPerOwner);
    if (isOneTooMany || isTooLong) throw new HatsError("too-many-sessions");
  }

  /* Whoever has most gives up what they used longest ago, where that leaves them with no fewer than the asker then has. */
  #makeRoom(owner: string): void {
    const most = this.#byOwner.largest();
    const [unused] = most;
    if (unused === undefined || most.size < this.#byOwner.of(owner).size + 2)
      throw new HatsError("too-many-sessions");
    this.drop(unused);
  }

  #charactersIn(sessionids: Iterable<string>): number {
    let characters = 0;
    for (const sessionid of sessionids) characters += this.#open.get(sessionid)?.characters ?? 0;
    return characters;
  }

  #expire(): void {
    const since = this.#now() - this.#limits.idleMs;
    for (const [sessionid, { usedAt }] of this.#open) {
      if (usedAt > since) break;
      this.drop(sessionid);
    }
  }
}

function charactersOf({ answers, gathered }: Session): number {
  let characters = 0;
  for (const values of [...answers.values(), ...gathered.values()]) {
    for (const value of values) characters += value.length + EACH_VALUE;
  }
  return characters;
}
