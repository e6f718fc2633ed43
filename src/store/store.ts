/**
 * The store: the durable state in memory, and a way to change it that survives whatever ends the program.
 *
 * lowdb's `Low` holds the state over the journal adapter. What was decided and is not durable yet is pending: new
 * decisions see it, readers do not.
 */
import { Low } from "lowdb";
import type { Draft, Entry } from "../core/entry.ts";
import type { Log } from "../core/log.ts";
import { emptyState, type State } from "../core/model.ts";
import { PendingChanges } from "../core/overlay.ts";
import { unreadable } from "./files/damage.ts";
import type { Folder } from "./files/folder.ts";
import { FORMAT, type Format } from "./format.ts";
import { RETENTION, type Retention } from "./history/history.ts";
import { JournalAdapter } from "./journal-adapter.ts";
import { openFolder } from "./files/node-folder.ts";
import { openPast } from "./history/past-files.ts";
import { type PastQuestion, readPast, type Take } from "./history/read-history.ts";
import { lockStore, type StoreLock } from "./files/store-lock.ts";
import { type Pace, SyncPace } from "./journal/sync-pace.ts";

/** What a store is opened with. */
export interface StoreOptions {
  /** The folder's path. */
  readonly path: string;
  readonly log: Log;
  readonly now: () => Date;
  /** Told of each entry as it becomes durable, in order; it must not throw. */
  readonly onDurable: (entry: Entry) => void;
  readonly retention?: Partial<Retention>;
  /** See AdapterOptions. */
  readonly journalBytes?: number;
  readonly format?: Format;
  readonly pace?: Pace;
  /** Opens the folder of a path; tests put a disk of their own here, which needs no lock. */
  readonly openFolder?: (path: string) => Folder;
}

const JOURNAL_BYTES = 1 << 24;
const SETTLED = Promise.resolve();
const NO_LOCK: StoreLock = { isInPlace: () => true, release: () => undefined };

/** An open store. */
export class Store {
  readonly #low: Low<State>;
  readonly #adapter: JournalAdapter;
  readonly #folder: Folder;
  readonly #log: Log;
  readonly #unlock: () => void;
  #writing = SETTLED;
  #closing: Promise<void> | undefined;
  readonly pending: PendingChanges;

  private constructor(parts: {
    readonly low: Low<State>;
    readonly adapter: JournalAdapter;
    readonly pending: PendingChanges;
    readonly folder: Folder;
    readonly log: Log;
    readonly unlock: () => void;
  }) {
    this.#low = parts.low;
    this.#adapter = parts.adapter;
    this.pending = parts.pending;
    this.#folder = parts.folder;
    this.#log = parts.log;
    this.#unlock = parts.unlock;
  }

  /** Opens the store, alone. Throws OperatorError store-locked, store-damaged, store-newer, store-unreadable. */
  static async open(options: StoreOptions): Promise<Store> {
    let lock: StoreLock = NO_LOCK;
    try {
      const folder = (options.openFolder ?? openFolder)(options.path);
      if (options.openFolder === undefined) lock = lockStore(folder.path);
      const pending = new PendingChanges();
      const adapter = new JournalAdapter({
        folder,
        format: options.format ?? FORMAT,
        retention: { ...RETENTION, ...options.retention },
        journalBytes: options.journalBytes ?? JOURNAL_BYTES,
        pace: options.pace ?? new SyncPace(),
        now: options.now,
        log: options.log,
        isInPlace: () => lock.isInPlace(),
        onDurable(entry) {
          for (const change of entry.changes) pending.settle(change);
          options.onDurable(entry);
        },
        onRefused: () => pending.clear(),
      });
      const low = new Low<State>(adapter, emptyState());
      await low.read();
      return new Store({ low, adapter, pending, folder, log: options.log, unlock: () => lock.release() });
    } catch (error) {
      lock.release();
      throw unreadable(options.path, error);
    }
  }

  /** The durable state; live, and not to be changed. */
  get state(): State {
    return this.#low.data;
  }

  /**
   * Takes a transaction, for good; it is pending at once, and durable once the store has settled.
   *
   * @throws HatsError store-unwritable
   */
  stage(draft: Draft): Entry {
    const entry = this.#adapter.stage(draft);
    for (const change of draft.changes) this.pending.add(change);
    // The first of a batch has it written, for all that join it.
    if (this.#adapter.stagedCount === 1) this.#writing = this.#low.write();
    return entry;
  }

  /**
   * Resolves when all that was staged so far is durable.
   *
   * Rejects with HatsError store-unwritable, outcome-unknown.
   */
  get settled(): Promise<void> {
    return this.#adapter.isIdle ? SETTLED : this.#writing;
  }

  /** Makes a transaction durable. Rejects with HatsError store-unwritable, outcome-unknown. */
  async append(draft: Draft): Promise<Entry> {
    const entry = this.stage(draft);
    await this.settled;
    return entry;
  }

  /** Reads the past backwards, as far as it is durable: see read-history.ts. */
  async readPast(question: PastQuestion, take: Take): Promise<number | undefined> {
    const files = openPast(this.#folder, this.#adapter.durableBytes);
    return readPast(files, question, take, this.#log);
  }

  /** Finishes what is under way, compacts, and lets others open the store; once, however often it is asked. */
  close(): Promise<void> {
    this.#closing ??= this.#adapter.close().finally(this.#unlock);
    return this.#closing;
  }
}
