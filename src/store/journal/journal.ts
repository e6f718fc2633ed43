/**
 * The journal as a file that grows: an append that fails leaves it as it was, or is known to have failed for good.
 *
 * Two files: hats.journal, which is written to, and hats.journal.old, which a compaction set aside and which stays until
 * all of it is in hats.json.
 */
import type { AppendFile, Folder, OpenNames } from "../files/folder.ts";
import { isMendable } from "../files/folder.ts";

export const JOURNAL = "hats.journal";
export const OLD_JOURNAL = "hats.journal.old";
const NEXT_JOURNAL = "hats.journal.new";
/* Securing bytes that a file already has takes half as long as making it longer; not worth it for large writes. */
const RESERVE = 1 << 20;
const LARGE = 1 << 16;

/** No write is longer than this, in bytes, so neither is what a power cut can tear. */
export const LONGEST_WRITE = 1 << 28;

/** Nothing was written: the disk is full or read-only, or it was too much. Later appends may succeed. */
export class NothingWritten extends Error {
  override readonly name = "NothingWritten";
}

/** The journal was not set aside, whatever the disk said: it stands as it was. */
export class NotSetAside extends Error {
  override readonly name = "NotSetAside";
}

/* What setting a journal aside needs, so that nothing has to be opened between its steps. */
interface NextJournal {
  readonly file: AppendFile;
  readonly names: OpenNames;
}

/** The journal being written to. */
export class Journal {
  readonly #folder: Folder;
  #file: AppendFile;
  /* Where the last whole append ended. */
  #size: number;
  /* How much of that is secured. */
  #secured: number;
  /* How far zeros were asked for. */
  #reserved = 0;

  private constructor(folder: Folder, file: AppendFile) {
    this.#folder = folder;
    this.#file = file;
    this.#size = file.end;
    this.#secured = file.end;
  }

  /**
   * Opens the journal, making it where there is none, and cuts what follows its first `size` bytes.
   *
   * Secures names and content as they were found: a desk that was killed may have left either in memory only.
   */
  static open(folder: Folder, size: number): Journal {
    folder.sync();
    const file = folder.openToAppend(JOURNAL);
    if (file.end > size) file.truncate(size);
    file.sync();
    folder.sync();
    return new Journal(folder, file);
  }

  get size(): number {
    return this.#size;
  }

  /** How much of it is surely on the disk, in bytes; whole lines. */
  get secured(): number {
    return this.#secured;
  }

  /**
   * Appends, without securing it.
   *
   * @throws NothingWritten where the file is as it was; anything else means that nobody knows what is in it
   */
  append(bytes: Uint8Array): void {
    if (bytes.length > LONGEST_WRITE)
      throw new NothingWritten(`${bytes.length} bytes are too much for one write`);
    try {
      this.#reserveFor(bytes);
      this.#file.append(bytes);
    } catch (error) {
      if (!isMendable(error)) throw error;
      this.#cutBack();
      throw new NothingWritten("the journal cannot be written", { cause: error });
    }
    this.#size += bytes.length;
  }

  /* For speed only: where the disk has no room for it, appending may still succeed. */
  #reserveFor(bytes: Uint8Array): void {
    if (bytes.length > LARGE || this.#size + bytes.length <= this.#reserved) return;
    try {
      this.#file.reserve(RESERVE);
      this.#reserved = this.#size + RESERVE;
    } catch (error) {
      if (!isMendable(error)) throw error;
    }
  }

  /* Secured, so that a crash cannot bring back what the writer was told is not there. */
  #cutBack(): void {
    if (this.#file.end === this.#size) return;
    this.#truncate();
    this.#file.sync();
  }

  #truncate(): void {
    this.#file.truncate(this.#size);
    this.#reserved = 0;
  }

  sync(): void {
    this.#file.sync();
    this.#secured = this.#size;
  }

  /** The same without blocking; nothing may be appended meanwhile. */
  async syncAside(): Promise<void> {
    await this.#file.syncAside();
    this.#secured = this.#size;
  }

  /**
   * Sets the journal aside and begins an empty one; only where none is set aside yet, and all of it is secured.
   *
   * @throws NotSetAside where it is as it was; anything else means that nobody knows which name it has
   */
  rotate(): void {
    const next = this.#prepare();
    try {
      this.#folder.rename(JOURNAL, OLD_JOURNAL);
      // The second name must not come to be without the first: it would cover what was written.
      next.names.sync();
      this.#folder.rename(NEXT_JOURNAL, JOURNAL);
      next.names.sync();
      next.names.close();
      this.#file.close();
    } catch (error) {
      throw new Error("the journal cannot be set aside, its name is unknown", { cause: error });
    }
    this.#file = next.file;
    this.#size = 0;
    this.#secured = 0;
  }

  /* All that can fail and leave the journal as it is. */
  #prepare(): NextJournal {
    let file: AppendFile | undefined;
    try {
      file = this.#folder.create(NEXT_JOURNAL);
      this.#truncate();
      return { file, names: this.#folder.openNames() };
    } catch (error) {
      file?.close();
      throw new NotSetAside("the journal cannot be set aside", { cause: error });
    }
  }

  close(): void {
    this.#file.close();
  }
}
