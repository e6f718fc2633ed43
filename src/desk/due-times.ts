/**
 * Watches the times at which hats lapse, and has each taken off when its time has come.
 *
 * The date decides, as it is when it is looked at. One timer waits for the next time, but never for more than a minute,
 * because dates are set and machines sleep without any timer noticing: a clock that was put forward takes no hat earlier
 * than by how much it was put forward, and one that was put back forgets none. What could not be made durable is tried
 * again. Leaves out what lapsing does to a wardrobe: core/hats.ts.
 */
import TinyQueue from "tinyqueue";
import type { Change } from "../core/change.ts";
import type { Clock } from "../core/clock.ts";
import { firstDue } from "../core/expiry.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Log } from "../core/log.ts";
import type { Expiries, Room } from "../core/model.ts";
import { compareText } from "../core/text.ts";

/** How long the date is trusted to go on as it did, in milliseconds; as long it takes until a failure is tried again. */
export const CHECK_MS = 60_000;

/** The most people whose hats lapse in one transaction. */
export const MAX_LAPSING = 1_000;

/* The most times that are looked at in one go, so that a backlog of them stops nothing else. */
const MOST_AT_ONCE = 10_000;

/* How many times that do not hold any more may wait, beside as many as there were that do. */
const SPARE_TIMES = 1_024;

/** What is watched, by which clocks, and how hats are taken. */
export interface DueTimesOptions {
  readonly clock: Clock;
  readonly now: () => Date;
  readonly log: Log;
  /** The durable rooms; live. */
  rooms(): ReadonlyMap<RoomJid, Pick<Room, "expires">>;
  /** Takes from some people of a room what is due at a moment; resolves once that is durable. */
  lapse(room: RoomJid, users: readonly BareJid[], now: Date): Promise<unknown>;
}

/* When the first hat of one person lapses, or did before something changed. */
interface DueTime {
  readonly ms: number;
  readonly room: RoomJid;
  readonly user: BareJid;
}

/** The times at which hats lapse. */
export class DueTimes {
  readonly #options: DueTimesOptions;
  #queue = new TinyQueue<DueTime>([], compareTimes);
  #mostTimes = 0;
  #cancelWake: () => void = () => undefined;
  #taking: Promise<void> | undefined;
  #isStopped = false;

  /** Watches everything that is durable; what is due already is taken as soon as whoever opens the desk can listen. */
  constructor(options: DueTimesOptions) {
    this.#options = options;
    this.#readAll();
    this.#wait();
  }

  /** Hears of changes that have become durable. */
  note(changes: readonly Change[]): void {
    const next = this.#queue.peek();
    for (const change of changes) {
      if (change.kind !== "expires" || change.after === undefined) continue;
      const { room, user, after } = change;
      this.#queue.push({ ms: firstMs(after), room, user });
    }
    if (this.#queue.length > this.#mostTimes) this.#readAll();
    if (this.#queue.peek() !== next) this.#wait();
  }

  /** How many times wait; not all of them need hold any more. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Watches no more; resolves when nothing is being taken off any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelWake();
    await this.#taking;
  }

  /* Whoever is given another time again and again leaves the former ones behind: so now and then all are read anew. */
  #readAll(): void {
    const times: DueTime[] = [];
    for (const [room, { expires }] of this.#options.rooms()) {
      for (const [user, expiries] of expires) times.push({ ms: firstMs(expiries), room, user });
    }
    this.#queue = new TinyQueue(times, compareTimes);
    this.#mostTimes = 2 * times.length + SPARE_TIMES;
  }

  #wait(leastMs = 0): void {
    this.#cancelWake();
    const next = this.#queue.peek();
    if (next === undefined || this.#isStopped || this.#taking !== undefined) return;
    const delayMs = Math.min(Math.max(next.ms - this.#options.now().getTime(), leastMs), CHECK_MS);
    this.#cancelWake = this.#options.clock.after(delayMs, () => {
      this.#taking = this.#wake();
    });
  }

  async #wake(): Promise<void> {
    const isDone = await this.#takeDue();
    this.#taking = undefined;
    this.#wait(isDone ? 0 : CHECK_MS);
  }

  async #takeDue(): Promise<boolean> {
    for (;;) {
      const now = this.#options.now();
      const due = this.#popDue(now.getTime());
      if (due.length === 0) return true;
      if (this.#isStopped || !(await this.#take(due, now))) return false;
    }
  }

  /* What was due at a moment stays so, whatever becomes of the date. One failure is enough to know that the store takes nothing now. */
  async #take(due: readonly DueTime[], now: Date): Promise<boolean> {
    const waiting = partsOf(due);
    for (let part = waiting.shift(); part !== undefined && !this.#isStopped; part = waiting.shift()) {
      const [{ room }] = part;
      try {
        await this.#options.lapse(room, [...new Set(part.map(({ user }) => user))], now);
      } catch (error) {
        this.#options.log.warn({ room, err: error }, "hats whose time is over could not be taken yet");
        for (const time of [part, ...waiting].flat()) this.#queue.push(time);
        return false;
      }
    }
    return true;
  }

  /* The first of what is due and still holds; of whoever has another time by now, that one waits too. */
  #popDue(now: number): DueTime[] {
    const rooms = this.#options.rooms();
    const due: DueTime[] = [];
    for (let next = this.#queue.peek(); next !== undefined && next.ms <= now; next = this.#queue.peek()) {
      if (due.length === MOST_AT_ONCE) break;
      this.#queue.pop();
      const expiries = rooms.get(next.room)?.expires.get(next.user);
      if (expiries !== undefined && firstMs(expiries) <= now) due.push(next);
    }
    return due;
  }
}

/* Whoever is due at one time in one room stands together. */
function compareTimes(a: DueTime, b: DueTime): number {
  return a.ms - b.ms || compareText(a.room, b.room) || compareText(a.user, b.user);
}

type Part = [DueTime, ...DueTime[]];

/* By room, and no more at once than one record may carry. */
function partsOf(due: readonly DueTime[]): Part[] {
  const parts: Part[] = [];
  const open = new Map<RoomJid, Part>();
  for (const time of due) {
    const part = open.get(time.room);
    if (part !== undefined && part.length < MAX_LAPSING) {
      part.push(time);
      continue;
    }
    const begun: Part = [time];
    open.set(time.room, begun);
    parts.push(begun);
  }
  return parts;
}

/* A store written by hand may name somebody without any time. */
function firstMs(expiries: Expiries): number {
  const due = firstDue(expiries);
  return due === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(due);
}
