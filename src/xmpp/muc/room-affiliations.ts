/**
 * Asks one room for its affiliation lists, and keeps what it said (XEP-0045 1.35, sections 9 and 10).
 *
 * The lists are read one after the other; what the room says in the meantime counts for the lists under way too, since
 * a room answers and tells in one order. It counts in the end: of what comes in one packet, an answer is taken after all
 * that was told behind it. Leaves out when to ask and what follows for anybody (room-people.ts).
 */
import type { BareJid } from "../../core/jid.ts";
import type { Affiliation } from "../../core/model.ts";
import { buildListQuery, LIST_NAMES, type ListName, parseList } from "../../stanza/muc-affiliations.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { Element } from "../../stanza/xml.ts";
import { AffiliationList } from "./affiliation-list.ts";
import type { Clock } from "../../core/clock.ts";

/** What became of the question for one list. */
export type ListOutcome = "read" | "refused" | "unanswered";

/** A reading must not be older than this for a refusal to rest on it. */
const FRESH_MS = 5000;

/*
 * How many times as long as it took to read the lists they are left alone, so that long ones do not keep the bot busy; up
 * to a minute, since the time may have gone into waiting for the server.
 */
const REST = 10;
const LONGEST_REST_MS = 60_000;

/*
 * How old lists may be by which somebody has a right in a room that tells of changes: a minute, or a hundred times as long
 * as it took to read them, so that long ones take a hundredth of the bot's time, up to a quarter of an hour.
 * COMPAT: ejabberd (23.01 and 26.07) shows nobody's presence any more where more than `max_users_presence` people are in a
 * room, 1,000 unless configured, and says so nowhere.
 */
const OLDEST_MS = 60_000;
const BELIEF = 100;
const LONGEST_BELIEF_MS = 15 * 60_000;

/*
 * What any stranger may ask leads to a question to every room. So it leads to about 700 bytes a second at most, however
 * many rooms there are, of the 3,000 that servers often allow an account. Rooms tell of changes besides.
 */
const ASKER_MS_A_ROOM = 1_000;

/** How old a reading may be, in milliseconds, where all of so many rooms are asked about whoever asks for something. */
export function askerFreshMs(rooms: number): number {
  return Math.max(FRESH_MS, rooms * ASKER_MS_A_ROOM);
}

export interface RoomAffiliationsOptions {
  /** Asks the room and resolves with the result; rejects with StanzaError where the room refused. */
  readonly ask: (payload: Element) => Promise<Element>;
  readonly clock: Clock;
  /**
   * The lists were read as far as the bot may; `missing` are those whom earlier lists of this same room named and who are
   * surely not affiliated by these, and what they are.
   */
  readonly onRead: (missing: readonly (readonly [BareJid, Affiliation])[]) => void;
}

/* What the room said of a person, and whether it was that they were made so. */
interface Word {
  readonly affiliation: Affiliation;
  readonly isChange: boolean;
}

/* The lists that are being read, and what the room said last of each person meanwhile. */
interface Reading {
  readonly list: AffiliationList;
  readonly words: Map<BareJid, Word>;
  readonly done: Promise<boolean>;
}

export class RoomAffiliations {
  readonly #options: RoomAffiliationsOptions;
  #list = new AffiliationList();
  /* The last complete list, from before a re-join or before the bot lost the right to read it. */
  #earlier: AffiliationList | undefined;
  #reading: Reading | undefined;
  /* Counts what was forgotten: a room that the bot is out of, or in again, is not asked on behalf of before. */
  #stay = 0;
  #begunAt = Number.NEGATIVE_INFINITY;
  /* When the reading was begun that the list is from. */
  #readAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #answered = false;
  #outcomes: Readonly<Partial<Record<ListName, ListOutcome>>> = {};

  constructor(options: RoomAffiliationsOptions) {
    this.#options = options;
  }

  /** What was known last; replaced by each reading. */
  get list(): AffiliationList {
    return this.#list;
  }

  /** What became of the last questions, list by list. */
  get outcomes(): Readonly<Partial<Record<ListName, ListOutcome>>> {
    return this.#outcomes;
  }

  /** Drops everything, as after a re-join; what was listed is kept only for comparison. */
  forget(): void {
    if (this.#list.isComplete) this.#earlier = this.#list;
    this.#stay += 1;
    this.#list = new AffiliationList();
    this.#reading = undefined;
    this.#begunAt = Number.NEGATIVE_INFINITY;
    this.#readAt = Number.NEGATIVE_INFINITY;
    this.#answered = false;
    this.#outcomes = {};
  }

  /** Drops also what was kept for comparison: it is, or may be, another room. */
  disown(): void {
    this.forget();
    this.#earlier = undefined;
  }

  /** Takes the room's word on one person: `isChange` where it said that they were made so. */
  say(user: BareJid, affiliation: Affiliation, isChange: boolean): void {
    this.#list.say(user, affiliation, isChange);
    const words = this.#reading?.words;
    words?.set(user, { affiliation, isChange: isChange || words.get(user)?.isChange === true });
  }

  /** Reads the lists unless that was begun about `freshMs` ago or later; false where the room did not answer. */
  async refresh(freshMs = FRESH_MS): Promise<boolean> {
    return this.#isRecent(freshMs) ? this.#answered : this.read();
  }

  /** Whether the lists are as new as they have to be for a refusal to rest on them. */
  get isFresh(): boolean {
    return this.#age < this.#restMs(FRESH_MS);
  }

  /** Whether the lists are as new as they have to be in a room that tells of changes. */
  get isBelievable(): boolean {
    return this.#age < Math.max(OLDEST_MS, Math.min(this.#tookMs * BELIEF, LONGEST_BELIEF_MS));
  }

  /** Reads the lists, or waits for the reading under way; false where the room did not answer. */
  read(): Promise<boolean> {
    if (this.#reading !== undefined) return this.#reading.done;
    this.#begunAt = this.#options.clock.now();
    const list = new AffiliationList();
    const words: Reading["words"] = new Map();
    const done = this.#readInto(list, words);
    this.#reading = { list, words, done };
    return done;
  }

  /** Reads the lists once more, also where a reading is under way that began with other rights. */
  readAnew(): Promise<boolean> {
    if (this.#reading === undefined) return this.read();
    const stay = this.#stay;
    return this.#reading.done.then(() => (stay === this.#stay ? this.read() : false));
  }

  get #age(): number {
    return this.#options.clock.now() - this.#readAt;
  }

  #isRecent(freshMs: number): boolean {
    return this.#reading === undefined && this.#options.clock.now() - this.#begunAt < this.#restMs(freshMs);
  }

  #restMs(freshMs: number): number {
    return Math.max(freshMs, Math.min(this.#tookMs * REST, LONGEST_REST_MS));
  }

  async #readInto(list: AffiliationList, words: Reading["words"]): Promise<boolean> {
    const outcomes: Partial<Record<ListName, ListOutcome>> = {};
    for (const name of LIST_NAMES) {
      outcomes[name] = await this.#readOne(name, list);
      if (outcomes[name] === "unanswered") break;
    }
    if (this.#reading?.list !== list) return false;
    this.#reading = undefined;
    for (const [user, { affiliation, isChange }] of words) list.say(user, affiliation, isChange);
    this.#outcomes = outcomes;
    this.#answered = !Object.values(outcomes).includes("unanswered");
    this.#tookMs = this.#answered ? this.#options.clock.now() - this.#begunAt : 0;
    if (!this.#answered) return false;
    this.#readAt = this.#begunAt;
    this.#replace(list);
    return true;
  }

  async #readOne(name: ListName, list: AffiliationList): Promise<ListOutcome> {
    try {
      const addresses = parseList(await this.#options.ask(buildListQuery(name)), name);
      if (addresses === undefined) return "unanswered";
      return list.take(name, addresses) ? "read" : "refused";
    } catch (error) {
      return error instanceof StanzaError && !error.isPassing ? "refused" : "unanswered";
    }
  }

  #replace(list: AffiliationList): void {
    const before = this.#list;
    const earlier = before.isComplete ? undefined : this.#earlier;
    const missing = new Map([...(earlier?.missingFrom(list) ?? []), ...before.missingFrom(list)]);
    this.#list = list;
    this.#earlier = list.isComplete ? undefined : before.isComplete ? before : earlier;
    this.#options.onRead([...missing]);
  }
}
