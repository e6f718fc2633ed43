/**
 * The store's adapter for lowdb: `read` recovers the state, `write` makes durable what was staged and applies it.
 *
 * One writer, in order. What is staged within one turn of the event loop, or while an earlier batch is being secured,
 * shares one append and one fdatasync. The state that lowdb holds is the durable one: it changes only after that. A batch
 * that cannot be written is as if it never was, and everything staged is refused with it, since it was decided on top of
 * it. After a failed fdatasync nothing is written any more: the kernel may have dropped the pages, and a second fdatasync
 * would succeed without them.
 *
 * It is long because one writer keeps one order, and this is all of it: staging, securing, refusing, failing, compacting.
 */
import type { Adapter } from "lowdb";
import { applyChange } from "../core/change.ts";
import type { Draft, Entry } from "../core/entry.ts";
import { HatsError } from "../core/errors.ts";
import type { Explanation } from "../core/explanations.ts";
import type { Log } from "../core/log.ts";
import type { State } from "../core/model.ts";
import { Batch } from "./journal/batch.ts";
import { retireJournal, SNAPSHOT, writeSnapshot } from "./compaction.ts";
import { type Folder, isMendable } from "./files/folder.ts";
import type { Format } from "./format.ts";
import { type Retention, trimHistory } from "./history/history.ts";
import { Journal, NothingWritten, NotSetAside } from "./journal/journal.ts";
import { LineBatch } from "./journal/journal-line.ts";
import { recover, type Recovered } from "./recovery.ts";
import type { Pace } from "./journal/sync-pace.ts";
import { writeEntry } from "./journal/write-entry.ts";

/** What the adapter is made with. */
export interface AdapterOptions {
  readonly folder: Folder;
  readonly format: Format;
  readonly retention: Retention;
  /** The journal is compacted when it is as long as the snapshot, but not below this, in bytes. */
  readonly journalBytes: number;
  readonly pace: Pace;
  readonly now: () => Date;
  readonly log: Log;
  /** Whether the folder is still the one that was opened; asked before anything is written. */
  readonly isInPlace: () => boolean;
  /** Told of each entry as it becomes durable, in order, after the state has it and before anybody else runs. */
  readonly onDurable: (entry: Entry) => void;
  /** Told when everything staged was refused, before anybody else runs. */
  readonly onRefused: () => void;
}

const STOPPED: Explanation = { code: "store-stopped" };
const CLOSING: Explanation = { code: "store-closing" };

/** See the head of this file. */
export class JournalAdapter implements Adapter<State> {
  readonly #options: AdapterOptions;
  readonly #lines = new LineBatch();
  #journal!: Journal;
  #state!: State;
  /* The batch that is being gathered. */
  #staged = new Batch();
  /* The batch that is scheduled or being secured. */
  #underWay: Promise<void> | undefined;
  #durableSeq = 0;
  #nextSeq = 1;
  /* Whether a journal is set aside that is not yet all in snapshot and history. */
  #hasOld = false;
  #compactAt = 0;
  #compaction: Promise<void> | undefined;
  #refusal: Explanation | undefined;
  #hasFailed = false;

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  /** Recovers the state and brings the files in order. Throws OperatorError store-damaged, store-newer. */
  async read(): Promise<State> {
    const { folder, format, log } = this.#options;
    const found = await recover(folder, format);
    if (found.tornBytes > 0) log.warn({ bytes: found.tornBytes }, "cut the torn end of the journal");
    this.#journal = Journal.open(folder, found.journalSize);
    try {
      await this.#bringUp(found);
    } catch (error) {
      this.#journal.close();
      throw error;
    }
    this.#durableSeq = found.seq;
    this.#nextSeq = found.seq + 1;
    this.#compactAt = this.#threshold(folder.sizeOf(SNAPSHOT) ?? 0);
    this.#state = found.state;
    return found.state;
  }

  /* Finishes what the last desk began, or begins the files. */
  async #bringUp({ state, seq, needsSnapshot, hasOld }: Recovered): Promise<void> {
    const { folder, format } = this.#options;
    if (needsSnapshot) await writeSnapshot(folder, state, { version: format.version, seq });
    if (hasOld) await retireJournal(folder, true);
  }

  /** How many transactions the next `write` makes durable. */
  get stagedCount(): number {
    return this.#staged.entries.length;
  }

  /** Whether all that was staged has been written, or refused. */
  get isIdle(): boolean {
    return this.#underWay === undefined && this.#staged.isEmpty;
  }

  /**
   * Takes a transaction, for good, into the batch that the next `write` makes durable.
   *
   * @throws HatsError store-unwritable
   */
  stage(draft: Draft): Entry {
    if (this.#refusal !== undefined) throw new HatsError("store-unwritable", { explanation: this.#refusal });
    // Not a copy: that would cost as much as writing the entry.
    const entry: Entry = Object.assign(draft, { seq: this.#nextSeq });
    this.#staged.entries.push(entry);
    this.#nextSeq += 1;
    return entry;
  }

  /** Resolves when all that is staged is durable and in `state`. Rejects with store-unwritable or outcome-unknown. */
  write(state: State): Promise<void> {
    this.#state = state;
    if (this.#staged.isEmpty) return Promise.resolve();
    if (this.#underWay === undefined) this.#schedule();
    return this.#staged.done;
  }

  /** How much of hats.journal is durable, in bytes. */
  get durableBytes(): number {
    return this.#journal.secured;
  }

  /** Finishes what is staged, compacts, and closes the files; what cannot be compacted stays in the journal. */
  async close(): Promise<void> {
    this.#refusal ??= CLOSING;
    while (this.#underWay !== undefined) await this.#underWay.catch(() => undefined);
    await this.#compaction;
    if (this.#canCompact) await this.#compact();
    // That may only have finished what an earlier one could not.
    if (this.#canCompact && !this.#hasOld) await this.#compact();
    this.#journal.close();
  }

  get #canCompact(): boolean {
    return !this.#hasFailed && (this.#journal.size > 0 || this.#hasOld);
  }

  #schedule(): void {
    this.#underWay = this.#staged.done;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    const batch = this.#staged;
    this.#staged = new Batch();
    if (this.#hasFailed || !this.#isInPlace()) {
      this.#drop(batch);
      return;
    }
    try {
      this.#append(batch);
    } catch (error) {
      if (error instanceof NothingWritten) this.#refuse(batch, error);
      else this.#stop(batch, error);
      return;
    }
    if (this.#options.pace.mayBlock(batch.entries.length)) this.#secure(batch);
    else void this.#secureAside(batch);
  }

  #secure(batch: Batch): void {
    const began = performance.now();
    try {
      this.#journal.sync();
    } catch (error) {
      this.#stop(batch, error);
      return;
    }
    this.#options.pace.noteBlocking(performance.now() - began);
    this.#settle(batch);
  }

  async #secureAside(batch: Batch): Promise<void> {
    const began = performance.now();
    try {
      await this.#journal.syncAside();
    } catch (error) {
      this.#stop(batch, error);
      return;
    }
    this.#options.pace.noteAside(performance.now() - began);
    this.#settle(batch);
  }

  #append(batch: Batch): void {
    this.#lines.begin(this.#durableSeq);
    for (const entry of batch.entries) this.#lines.add(entry, writeEntry);
    this.#journal.append(this.#lines.bytes);
  }

  #settle(batch: Batch): void {
    for (const entry of batch.entries) {
      for (const change of entry.changes) applyChange(this.#state, change);
      this.#durableSeq = entry.seq;
      this.#options.onDurable(entry);
    }
    batch.resolve();
    this.#goOn();
    if (this.#compaction === undefined && this.#journal.size >= this.#compactAt) {
      this.#compaction = this.#compact().finally(() => {
        this.#compaction = undefined;
      });
    }
  }

  #goOn(): void {
    this.#underWay = undefined;
    if (!this.#staged.isEmpty) this.#schedule();
  }

  /* Nothing is staged beside the batch: it was taken in this same turn. */
  #refuse(batch: Batch, error: NothingWritten): void {
    this.#options.log.error({ err: error.cause }, "the journal cannot be written, changes are refused");
    this.#nextSeq = this.#durableSeq + 1;
    this.#options.onRefused();
    batch.reject(new HatsError("store-unwritable", { cause: error.cause }));
    this.#goOn();
  }

  #stop(batch: Batch, error: unknown): void {
    this.#fail(error);
    this.#options.onRefused();
    batch.reject(new HatsError("outcome-unknown", { cause: error }));
    this.#goOn();
  }

  #drop(batch: Batch): void {
    this.#options.onRefused();
    batch.reject(new HatsError("store-unwritable", { explanation: STOPPED }));
    this.#goOn();
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    this.#refusal = STOPPED;
    this.#options.log.error({ err: error }, "the store has failed, nothing is written until a restart");
  }

  /* What was acknowledged before is in the folder that was moved away. */
  #isInPlace(): boolean {
    const { folder, isInPlace } = this.#options;
    if (isInPlace()) return true;
    this.#fail(new Error(`${folder.path} was moved, replaced or removed while the desk ran`));
    return false;
  }

  /* Begins, up to its first await, between two batches: that is where the journal is rotated. */
  async #compact(): Promise<void> {
    if (!this.#isInPlace()) return;
    const { folder, format, log, retention, now } = this.#options;
    try {
      const wasInterrupted = this.#hasOld;
      if (!wasInterrupted) this.#journal.rotate();
      this.#hasOld = true;
      const head = { version: format.version, seq: this.#durableSeq };
      const size = await writeSnapshot(folder, this.#state, head);
      await retireJournal(folder, wasInterrupted);
      this.#hasOld = false;
      await trimHistory(folder, retention, now());
      this.#compactAt = this.#threshold(size);
    } catch (error) {
      this.#compactAt = this.#journal.size + this.#threshold(0);
      if (error instanceof NotSetAside || isMendable(error))
        log.warn({ err: error }, "the journal cannot be compacted now, it grows on");
      else this.#fail(error);
    }
  }

  #threshold(snapshotBytes: number): number {
    return Math.max(this.#options.journalBytes, snapshotBytes);
  }
}
