/**
 * The file layer under the store, as a port: one folder of files that are appended to, read and renamed.
 *
 * Small on purpose. Whoever implements it decides what a crash leaves behind, so tests can cut the power under the real
 * store. Names are names within the folder. What fails throws an error with a `code` as node:fs does.
 */

/** A file open for appending. */
export interface AppendFile {
  /** Where the next append goes, in bytes from the start; when opened, the end of the file. */
  readonly end: number;
  /** Appends all of it or throws, and then `end` is after the part that was written. */
  append(bytes: Uint8Array): void;
  /** Makes zeros of the next so many bytes, or of some of them: bytes that are there already are secured sooner. */
  reserve(length: number): void;
  /** Cuts the file, what was reserved too; appending goes on from there. */
  truncate(size: number): void;
  /** Blocks until all that was appended is on the disk. */
  sync(): void;
  /** The same without blocking. */
  syncAside(): Promise<void>;
  close(): void;
}

/** A file open for reading anywhere; it stays the same file when its name goes to another one. */
export interface ReadFile {
  /** How long it was when it was opened, in bytes. */
  readonly size: number;
  /** Reads so many bytes, or fewer where the file ends; does not block. */
  read(position: number, length: number): Promise<Buffer>;
  close(): void;
}

/** A folder's names, open for being secured: nothing that can fail is left but that. */
export interface OpenNames {
  /** Blocks until all names made, changed and removed so far are on the disk. */
  sync(): void;
  close(): void;
}

/** One folder, as far as it can be read. */
export interface ReadableFolder {
  /** Its path, as error messages name it. */
  readonly path: string;
  /** The size of a file, undefined where no such name exists. */
  sizeOf(name: string): number | undefined;
  /** Reads a file from start to end, in pieces. */
  read(name: string): AsyncIterable<Uint8Array>;
  /** Opens a file for reading anywhere; undefined where no such name exists. */
  openToRead(name: string): ReadFile | undefined;
}

/** One folder. */
export interface Folder extends ReadableFolder {
  /** Opens a file for appending; makes it where it is missing, without yet securing its name. */
  openToAppend(name: string): AppendFile;
  /** Makes a file anew, empty; what stood there is gone. */
  create(name: string): AppendFile;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Opens its names, to secure them later. */
  openNames(): OpenNames;
  /** Secures its names, as `openNames` has it, at once. */
  sync(): void;
}

/** The `code` of a file error, such as ENOSPC. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
};

/** Why a file that somebody named cannot be read, in words that hold nothing of what is in it. */
export function reasonUnreadable(error: unknown): string {
  const code = errorCode(error);
  return UNREADABLE[code] ?? code;
}

/* What an operator can mend while the desk runs, and what leaves the disk's word on earlier bytes good. */
const MENDABLE: ReadonlySet<string> = new Set([
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EFBIG",
  "EMFILE",
  "ENFILE",
  "EACCES",
  "EPERM",
]);

/** Whether a failure to write means only that nothing more fits, or may be made; after any other one the disk is not trusted. */
export function isMendable(error: unknown): boolean {
  return MENDABLE.has(errorCode(error));
}
