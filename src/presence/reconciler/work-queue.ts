/**
 * Work by key: however often a key is added, it is worked on once at a time and at most once more.
 *
 * What fails is worked on again after a growing wait, or rests until it is added again; other keys go on. The queue
 * holds each key once, so it is never longer than there are keys. Leaves out what the work is.
 */
import { retryDelay, type Timing } from "../timing.ts";

/** What to do about a failure: try again later, rest until something changes, or stop everything. */
export type Verdict = "retry" | "rest" | "stop";

/** What a queue does. */
export interface Work<Key> {
  /** How many keys are worked on at the same time. */
  readonly window: number;
  readonly run: (key: Key) => Promise<void>;
  /** `before` is the failure that the same key had had until then; undefined where it had none. */
  readonly judge: (error: unknown, before: unknown) => Verdict;
}

interface Failure {
  readonly error: unknown;
  readonly count: number;
  /** Calls the next attempt off; undefined where none is due. */
  readonly callOff: (() => void) | undefined;
}

/** A queue of keys. */
export class WorkQueue<Key> {
  readonly #work: Work<Key>;
  readonly #timing: Timing;
  readonly #waiting = new Set<Key>();
  readonly #running = new Set<Key>();
  readonly #failures = new Map<Key, Failure>();
  #isStopped = false;

  constructor(work: Work<Key>, timing: Timing) {
    this.#work = work;
    this.#timing = timing;
  }

  /** How many keys are not done, those that failed among them. */
  get size(): number {
    const keys = new Set([...this.#waiting, ...this.#running, ...this.#failures.keys()]);
    return keys.size;
  }

  /** The failure that was judged last among those that still stand. */
  get lastError(): unknown {
    return [...this.#failures.values()].at(-1)?.error;
  }

  /** Whether a key failed and has not been worked on without failing since. */
  hasFailed(key: Key): boolean {
    return this.#failures.has(key);
  }

  /** Whether a key is worked on, or about to be. */
  isBusy(key: Key): boolean {
    return this.#waiting.has(key) || this.#running.has(key);
  }

  /** Whether nothing is worked on, and nothing about to be. */
  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0;
  }

  /** Has a key worked on: now, or as soon as there is room, also if it failed or is being worked on. */
  add(key: Key): void {
    this.#forget(key);
    this.#enqueue(key);
  }

  /** Gives one that rests another try, the one that has rested longest. */
  rouse(): void {
    for (const [key, failure] of this.#failures) {
      if (failure.callOff !== undefined || this.isBusy(key)) continue;
      this.#enqueue(key);
      return;
    }
  }

  /** Works on nothing more; what is under way ends as it ends. */
  stop(): void {
    this.#isStopped = true;
    for (const key of this.#failures.keys()) this.#forget(key);
    this.#waiting.clear();
  }

  #enqueue(key: Key): void {
    if (this.#isStopped) return;
    this.#waiting.add(key);
    this.#fill();
  }

  #fill(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#work.window) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: Key): Promise<void> {
    const before = this.#failures.get(key);
    try {
      await this.#work.run(key);
      if (this.#failures.get(key) === before) this.#forget(key);
    } catch (error) {
      this.#fail(key, error, before);
    } finally {
      this.#running.delete(key);
      this.#fill();
    }
  }

  #fail(key: Key, error: unknown, before: Failure | undefined): void {
    if (this.#isStopped) return;
    const count = (before?.count ?? 0) + 1;
    const verdict = this.#work.judge(error, before?.error);
    if (verdict === "stop") {
      this.stop();
      return;
    }
    this.#forget(key);
    const callOff =
      verdict === "retry"
        ? this.#timing.clock.after(retryDelay(count, this.#timing.random), () => this.#retry(key))
        : undefined;
    this.#failures.set(key, { error, count, callOff });
  }

  /* The failure stays on record until the attempt is over. */
  #retry(key: Key): void {
    const failure = this.#failures.get(key);
    if (failure !== undefined) this.#failures.set(key, { ...failure, callOff: undefined });
    this.#enqueue(key);
  }

  #forget(key: Key): void {
    this.#failures.get(key)?.callOff?.();
    this.#failures.delete(key);
  }
}
