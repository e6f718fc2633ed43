/**
 * What happened in a room, as its present people may know it.
 *
 * Where another room took a room's address, what the earlier one had was archived (core/archive.ts), and its history ends
 * there for the new one, unless the archive was restored. Where that was is found by reading through the whole past
 * once, when somebody first asks, and is kept up to date from then on.
 */
import type { Change } from "../core/change.ts";
import type { RoomJid } from "../core/jid.ts";
import type { RecordedChange, RecordedEntry } from "../core/recorded.ts";
import { type About, isAbout, thingsOf } from "../core/touched.ts";
import { Turns } from "../core/turns.ts";
import type { PastQuestion, Take } from "../store/history/read-history.ts";

/** What to tell of a room's past, in prepared values. */
export interface PageQuestion extends About {
  readonly room: RoomJid;
  /** Only entries with a lower number. */
  readonly before?: number | undefined;
  /** How many rows to gather, a row a thing; the last entry may bring more. */
  readonly rows: number;
  /** Whether also what was before another room took the address. */
  readonly beyond?: boolean;
}

/** A part of a room's past, the newest first. */
export interface HistoryPage {
  readonly entries: readonly RecordedEntry[];
  /** The `before` of what follows, which may turn out to be nothing; undefined at the end. */
  readonly next: number | undefined;
}

/** Where the past is read: the store. */
export interface PastSource {
  readPast(question: PastQuestion, take: Take): Promise<number | undefined>;
}

/* What became of the archives of one address: the numbers of the entries that made them, by time; those restored. */
interface Archivings {
  readonly made: Map<string, number>;
  readonly restored: Set<string>;
}

/** See the head of this file. */
export class Past {
  readonly #source: PastSource;
  readonly #archivings = new Map<RoomJid, Archivings>();
  readonly #turns = new Turns();
  #known: Promise<unknown> | undefined;

  constructor(source: PastSource) {
    this.#source = source;
  }

  /** Hears of an entry that has become durable. */
  note(entry: {
    readonly seq: number;
    readonly room: RoomJid;
    readonly changes: readonly (Change | RecordedChange)[];
  }): void {
    const [first] = entry.changes;
    if (first?.kind !== "archive") return;
    let archivings = this.#archivings.get(entry.room);
    if (archivings === undefined) {
      this.#archivings.set(entry.room, (archivings = { made: new Map(), restored: new Set() }));
    }
    if (first.after !== undefined) archivings.made.set(first.at, entry.seq);
    else if (!isDropped(entry)) archivings.restored.add(first.at);
  }

  /**
   * Reads a part of a room's past; a bounded part of all that is kept is looked through. Whoever asks the same room at the
   * same time waits, so that nobody opens more files, or keeps the disk busier, than one reader does.
   */
  history(question: PageQuestion): Promise<HistoryPage> {
    return this.#turns.take(question.room, () => this.#page(question));
  }

  /** Whether there may be anything to tell of a room to its present people. */
  async isThere(room: RoomJid): Promise<boolean> {
    const { entries, next } = await this.#page({ room, rows: 1 });
    return entries.length > 0 || next !== undefined;
  }

  /** One entry of a room by its number; undefined where there is none. */
  async entry(room: RoomJid, seq: number): Promise<RecordedEntry | undefined> {
    if (seq <= (await this.#startOf(room))) return undefined;
    let found: RecordedEntry | undefined;
    await this.#source.readPast({ before: seq + 1, holding: [room], mostRead: 0 }, (entry) => {
      if (entry.seq === seq && entry.room === room) found = entry;
      return true;
    });
    return found;
  }

  /** Whether an entry that was found is still of the room as it is at this very moment, as far as is durable. */
  isOf(room: RoomJid, seq: number): boolean {
    return seq > this.#knownStartOf(room);
  }

  async #startOf(room: RoomJid): Promise<number> {
    this.#known ??= this.#findArchivings();
    await this.#known;
    return this.#knownStartOf(room);
  }

  async #page({ room, before, rows, beyond = false, ...about }: PageQuestion): Promise<HistoryPage> {
    const start = beyond ? 0 : await this.#startOf(room);
    const entries: RecordedEntry[] = [];
    let left = rows;
    const holding = [room, about.user, about.hat].filter((name) => name !== undefined);
    const next = await this.#source.readPast({ before, holding }, (entry) => {
      if (entry.room !== room) return false;
      if (entry.seq <= start) return true;
      const found = thingsOf(entry).filter((thing) => isAbout(thing, about)).length;
      if (found > 0) entries.push(entry);
      left -= found;
      return left <= 0;
    });
    return { entries, next: next !== undefined && next > start + 1 ? next : undefined };
  }

  /* The number of the last entry that belongs to an earlier room of that address; 0 where there is none. */
  #knownStartOf(room: RoomJid): number {
    const { made, restored } = this.#archivings.get(room) ?? { made: new Map(), restored: new Set() };
    return Math.max(0, ...[...made].flatMap(([at, seq]) => (restored.has(at) ? [] : [seq])));
  }

  async #findArchivings(): Promise<void> {
    try {
      const everything = { holding: ["archive"], mostRead: Number.POSITIVE_INFINITY };
      await this.#source.readPast(everything, (entry) => {
        this.note(entry);
        return false;
      });
    } catch (error) {
      this.#known = undefined;
      throw error;
    }
  }
}

/* An archive that goes alone is dropped; its room's past stays where it is. */
function isDropped({ changes }: { readonly changes: readonly unknown[] }): boolean {
  return changes.length === 1;
}
