/**
 * The desk's face: what a bot, or any program that embeds the desk, may ask of it.
 *
 * Rights are not judged here: who may do what is access.ts, asked by whoever knows who is asking.
 */
import type { BaseChange, Change } from "../core/change.ts";
import type { Clock } from "../core/clock.ts";
import type { Author, Entry } from "../core/entry.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Limits } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import type { Base, Expiries, Grant, Hat, HatId, ManagedRoom, RoomView, User, View } from "../core/model.ts";
import type { RecordedEntry } from "../core/recorded.ts";
import type { Retention } from "../store/history/history.ts";
import type { AffiliationSource } from "./affiliation-source.ts";
import type { Library } from "./library.ts";
import type { HistoryPage, PageQuestion } from "./past.ts";

/** What a desk is opened with. */
export interface DeskOptions {
  /** The folder of the store; made, with mode 0700, where it is missing. */
  readonly data: string;
  readonly affiliations: AffiliationSource;
  readonly attend?: Attend;
  readonly limits?: Partial<Limits>;
  readonly history?: Partial<HistoryRetention>;
  readonly log?: Log;
  /** The date, by which hats lapse and changes are written down; this machine's, unless a test brings another. */
  readonly now?: () => Date;
  /** Waits for hats to lapse; this machine's timers, unless a test brings others. */
  readonly clock?: Clock;
  readonly randomUuid?: () => string;
}

/**
 * Says what is to be noted together with a decision, so that noting it costs no write of its own: what will be put into
 * the room. `baseOf` gives what is noted so far, also where that is not durable yet. Synchronous; it does not throw.
 */
export type Attend = (
  room: RoomJid,
  changes: readonly Change[],
  baseOf: (user: BareJid) => Base | undefined,
) => readonly BaseChange[];

/** How much of the past is kept; what exceeds either bound goes, oldest first, when the store is compacted. */
export type HistoryRetention = Retention;

/** A durable transaction, as listeners are told it; never one that changed nothing. */
export type ChangeEvent = Entry;

/** What became of a request: changes are empty, and nothing was written, where all was so already. */
export interface Receipt {
  readonly changes: readonly Change[];
  /** Its number in the history; undefined where nothing changed. */
  readonly seq: number | undefined;
}

/** Several people of one room, changed together or not at all. */
export interface Request {
  readonly room: RoomJid;
  /** Those whose affiliation the decision asks for. */
  readonly users: readonly BareJid[];
  readonly author: Author;
  /** The command's node, for the history. */
  readonly command?: string | undefined;
  readonly reason?: string | undefined;
  /** The number of the transaction that this one takes back, found by `pastEntry`; an earlier room's is bad-field of `id`. */
  readonly undoes?: number | undefined;
}

/** What the desk has on one room; live, and empty where it has nothing. */
export interface DurableRoom {
  readonly hats: ReadonlyMap<HatId, Hat>;
  readonly users: ReadonlyMap<BareJid, User>;
  /** When hats lapse, by wearer. */
  readonly expires: ReadonlyMap<BareJid, Expiries>;
  readonly grants: ReadonlyMap<HatId, Grant>;
  /** What was last put into the room, by wearer. */
  readonly base: ReadonlyMap<BareJid, Base>;
}

/**
 * An open desk.
 *
 * Everything that changes something resolves only after it is durable, and rejects with a HatsError: no-such-room,
 * not-affiliated, bad-field, list-unreadable, room-not-ready, store-unwritable or outcome-unknown.
 */
export interface Desk extends Library, AsyncDisposable {
  /** How much it takes. */
  readonly limits: Limits;
  /**
   * Decides on the pending state and makes the decision durable: one record, all or nothing.
   *
   * `decide` is pure and synchronous; what it throws is what the caller gets. Its view knows the affiliations of
   * `request.users` only.
   */
  transact(request: Request, decide: (view: View) => readonly Change[]): Promise<Receipt>;
  /** Takes every hat from a person whose affiliation ended, and the right to give any. */
  stripUser(room: RoomJid, user: BareJid, author: Author, reason?: string): Promise<Receipt>;
  /** Keeps what was last put into the room for a wearer; listeners are not told, the history does not hold it. */
  recordBase(room: RoomJid, user: BareJid, base: Base | undefined): Promise<void>;
  /** Puts aside all that a room has: another room took its address. A room that has nothing is no change. */
  archiveRoom(room: RoomJid, reason: string): Promise<Receipt>;
  /** The rooms that were added by command; live. */
  managedRooms(): ReadonlyMap<RoomJid, ManagedRoom>;
  /** The date, as the desk goes by it. */
  now(): Date;
  /** Like `history`, in prepared values, of any room, and also of what was before another room took the address. */
  pastPage(question: PageQuestion): Promise<HistoryPage>;
  /** One entry of a room's history by its number; undefined where there is none. */
  pastEntry(room: RoomJid, id: number): Promise<RecordedEntry | undefined>;
  /** Makes an identifier for a new hat: a `urn:uuid:` (RFC 9562, version 4). */
  mintHatId(): HatId;

  /** The durable state; live. It knows no affiliations: those are asked of the room. */
  view(): View;
  durableRoom(room: RoomJid): DurableRoom;
  /** The durable state of one room, to be asked as a transition asks; empty where there is nothing. */
  viewRoom(room: RoomJid): RoomView;

  /** Calls `listener` for each durable change, in their order; returns how to stop that. */
  on(event: "change", listener: (event: ChangeEvent) => void): () => void;
  /** Finishes what is under way, compacts the store and gives it free; later changes are refused. `await using` does it, too. */
  close(): Promise<void>;
}
