/**
 * Asks one room for its affiliation lists, and keeps what it said (XEP-0045 1.35, sections 9 and 10).
 *
 * The lists are read one after the other; what the room says in the meantime counts for the lists under way too, since
 * a room answers and tells in one order. Leaves out when to ask and what follows for anybody (room-people.ts).
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
  /** The lists are complete; `missing` are those whom earlier complete lists of this same room named. */
  readonly onComplete: (missing: readonly BareJid[]) => void;
}

export class RoomAffiliations {
  readonly #options: RoomAffiliationsOptions;
  #list = new AffiliationList();
  /* The last complete list from before a re-join. */
  #earlier: AffiliationList | undefined;
  #reading: { readonly list: AffiliationList; readonly done: Promise<boolean> } | undefined;
  /* Counts what was forgotten: a room that the bot is out of, or in again, is not asked on behalf of before. */
  #stay = 0;
  #begunAt = Number.NEGATIVE_INFINITY;
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
    this.#answered = false;
    this.#outcomes = {};
  }

  /** Drops also what was kept for comparison: it is, or may be, another room. */
  disown(): void {
    this.forget();
    this.#earlier = undefined;
  }

  /** Takes the room's word on one person. */
  say(user: BareJid, affiliation: Affiliation): void {
    this.#list.say(user, affiliation);
    this.#reading?.list.say(user, affiliation);
  }

  /** Reads the lists unless that was begun about `freshMs` ago or later; false where the room did not answer. */
  async refresh(freshMs = FRESH_MS): Promise<boolean> {
    const restMs = Math.max(freshMs, Math.min(this.#tookMs * REST, LONGEST_REST_MS));
    if (this.#reading === undefined && this.#options.clock.now() - this.#begunAt < restMs)
      return this.#answered;
    return this.read();
  }

  /** Reads the lists, or waits for the reading under way; false where the room did not answer. */
  read(): Promise<boolean> {
    if (this.#reading !== undefined) return this.#reading.done;
    this.#begunAt = this.#options.clock.now();
    const list = new AffiliationList();
    const done = this.#readInto(list);
    this.#reading = { list, done };
    return done;
  }

  /** Reads the lists once more, also where a reading is under way that began with other rights. */
  readAnew(): Promise<boolean> {
    if (this.#reading === undefined) return this.read();
    const stay = this.#stay;
    return this.#reading.done.then(() => (stay === this.#stay ? this.read() : false));
  }

  async #readInto(list: AffiliationList): Promise<boolean> {
    const outcomes: Partial<Record<ListName, ListOutcome>> = {};
    for (const name of LIST_NAMES) {
      outcomes[name] = await this.#readOne(name, list);
      if (outcomes[name] === "unanswered") break;
    }
    if (this.#reading?.list !== list) return false;
    this.#reading = undefined;
    this.#outcomes = outcomes;
    this.#answered = !Object.values(outcomes).includes("unanswered");
    this.#tookMs = this.#answered ? this.#options.clock.now() - this.#begunAt : 0;
    if (this.#answered) this.#replace(list);
    return this.#answered;
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
    const earlier = this.#list.isComplete ? this.#list : this.#earlier;
    this.#list = list;
    if (!list.isComplete) return;
    this.#earlier = undefined;
    this.#options.onComplete([...(earlier?.missingFrom(list) ?? [])]);
  }
}
