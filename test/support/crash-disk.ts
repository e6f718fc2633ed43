/**
 * A disk in memory whose power can be cut.
 *
 * What was secured survives. Of what was appended since, a cut leaves nothing, a part, or sectors of it with zeros in
 * between; of names made, changed and removed since, the first few or, as on disks that keep no order, any. An image is the disk as a cut at that moment would
 * leave it. Also a disk that is full, or that fails.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AppendFile, Folder, OpenNames, ReadFile } from "../../src/store/files/folder.ts";

/** Numbers from 0 to 1 that are the same for the same seed. */
export type Random = () => number;

/** A generator of such numbers (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number below `limit`. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** What a disk does on each access; `name` is the file's, or "" for the folder. */
export type Access =
  | "append"
  | "sync"
  | "truncate"
  | "create"
  | "rename"
  | "remove"
  | "open-names"
  | "sync-folder";

/** How a disk behaves. */
export interface DiskOptions {
  /** False makes fdatasync and fsync of the folder do nothing, as a disk that lies does. */
  readonly secures?: boolean;
  /** Called before and after each access; may throw in its place. */
  readonly onAccess?: (access: Access, name: string) => void;
  /** How many bytes of an append the disk has room for; the rest fails with ENOSPC. */
  readonly room?: () => number;
}

const SECTOR = 64;
/* The port lets a disk reserve less than it is asked for; this is enough to try it, and quick. */
const MOST_RESERVED = 700;
const EMPTY = Buffer.alloc(0);

interface Inode {
  content: Buffer;
  secured: Buffer;
}

type Names = Map<string, Inode>;

/** See the head of this file. */
export class CrashDisk implements Folder {
  readonly path = "/disk";
  readonly #names: Names;
  readonly #options: DiskOptions;
  #securedNames: Names;
  /* Changes of names since the folder was secured, each as a function of the names before. */
  #renamings: ((names: Names) => void)[] = [];

  constructor(options: DiskOptions = {}, files: Readonly<Record<string, Buffer>> = {}) {
    this.#options = options;
    this.#names = new Map(
      Object.entries(files).map(([name, content]) => [name, { content, secured: content }]),
    );
    this.#securedNames = new Map(this.#names);
  }

  /** What is in a file now, undefined where it does not exist. */
  contentOf(name: string): Buffer | undefined {
    return this.#names.get(name)?.content;
  }

  /** All files as they are. */
  files(): Record<string, Buffer> {
    return Object.fromEntries([...this.#names].map(([name, { content }]) => [name, content]));
  }

  /** All files as a power cut at this moment could leave them. */
  cut(random: Random): Record<string, Buffer> {
    const names = new Map(this.#securedNames);
    for (const rename of survivors(this.#renamings, random)) rename(names);
    return Object.fromEntries([...names].map(([name, inode]) => [name, leaveOf(inode, random)]));
  }

  sizeOf(name: string): number | undefined {
    return this.#names.get(name)?.content.length;
  }

  openToAppend(name: string): AppendFile {
    const known = this.#names.get(name);
    if (known !== undefined) return this.#open(name, known);
    return this.#open(name, this.#make(name));
  }

  create(name: string): AppendFile {
    const known = this.#names.get(name);
    const file = this.#open(name, known ?? this.#make(name));
    if (known !== undefined) file.truncate(0);
    return file;
  }

  async *read(name: string): AsyncGenerator<Uint8Array> {
    const inode = this.#names.get(name);
    if (inode === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
    yield Buffer.from(inode.content);
  }

  openToRead(name: string): ReadFile | undefined {
    const inode = this.#names.get(name);
    if (inode === undefined) return undefined;
    return {
      size: inode.content.length,
      async read(position, length) {
        await nextTurn();
        return Buffer.from(inode.content.subarray(position, position + length));
      },
      close: () => undefined,
    };
  }

  rename(from: string, to: string): void {
    this.#rename("rename", from, (names) => {
      const inode = names.get(from);
      names.delete(from);
      if (inode !== undefined) names.set(to, inode);
    });
  }

  remove(name: string): void {
    this.#rename("remove", name, (names) => void names.delete(name));
  }

  openNames(): OpenNames {
    this.#access("open-names", "", () => undefined);
    return { sync: () => this.#secureNames(), close: () => undefined };
  }

  sync(): void {
    this.openNames().sync();
  }

  #secureNames(): void {
    this.#access("sync-folder", "", () => {
      if (this.#options.secures === false) return;
      this.#securedNames = new Map(this.#names);
      this.#renamings = [];
    });
  }

  #make(name: string): Inode {
    const inode: Inode = { content: EMPTY, secured: EMPTY };
    this.#rename("create", name, (names) => void names.set(name, inode));
    return inode;
  }

  #rename(access: Access, name: string, change: (names: Names) => void): void {
    this.#access(access, name, () => {
      change(this.#names);
      this.#renamings.push(change);
    });
  }

  #open(name: string, inode: Inode): AppendFile {
    const secure = (content: Buffer) => {
      if (this.#options.secures !== false) inode.secured = content;
    };
    let end = inode.content.length;
    const write = (bytes: Uint8Array, position: number) => {
      const { content } = inode;
      inode.content = Buffer.concat([
        content.subarray(0, position),
        bytes,
        content.subarray(position + bytes.length),
      ]);
    };
    return {
      get end() {
        return end;
      },
      append: (bytes) =>
        this.#access("append", name, () => {
          const room = this.#options.room?.() ?? bytes.length;
          write(bytes.subarray(0, room), end);
          end += Math.min(room, bytes.length);
          if (room < bytes.length) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
        }),
      reserve(length) {
        const missing = end + Math.min(length, MOST_RESERVED) - inode.content.length;
        if (missing > 0) write(Buffer.alloc(missing), inode.content.length);
      },
      truncate: (size) =>
        this.#access("truncate", name, () => {
          inode.content = inode.content.subarray(0, size);
          end = size;
        }),
      sync: () => this.#access("sync", name, () => secure(inode.content)),
      syncAside: async () => {
        const content = inode.content;
        await nextTurn();
        this.#access("sync", name, () => secure(content));
      },
      close: () => undefined,
    };
  }

  #access(access: Access, name: string, act: () => void): void {
    this.#options.onAccess?.(access, name);
    act();
    this.#options.onAccess?.(access, name);
  }
}

function survivors<T>(changes: readonly T[], random: Random): readonly T[] {
  if (random() < 0.5) return changes.slice(0, below(random, changes.length + 1));
  return changes.filter(() => random() < 0.5);
}

/* What is left of a file: if it shrank, either; if it was written to, any part of that, with holes. */
function leaveOf({ content, secured }: Inode, random: Random): Buffer {
  if (content.length < secured.length) return random() < 0.5 ? content : secured;
  const length = secured.length + below(random, content.length - secured.length + 1);
  const before = Buffer.concat([secured, Buffer.alloc(length - secured.length)]);
  const left = Buffer.from(content.subarray(0, length));
  const changed = firstDifference(before, left);
  if (random() < 0.5) {
    const torn = changed + below(random, length - changed + 1);
    return Buffer.concat([left.subarray(0, torn), before.subarray(torn)]);
  }
  for (let from = changed; from < length; from += SECTOR) {
    if (random() < 0.3) before.copy(left, from, from, from + SECTOR);
  }
  return left;
}

function firstDifference(one: Buffer, other: Buffer): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}
