/** How the store names what is wrong with a file, so that an operator can find and mend it. */
import { OperatorError } from "../../core/errors.ts";
import { errorCode } from "./folder.ts";

/** Where in a file something is: `line` counts from 1, `offset` in bytes from 0. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
}

/** Damage at a place; nothing was changed. */
export function damagedAt({ file, line, offset }: Place, what: string): OperatorError {
  return damaged(file, `line ${line}, offset ${offset}: ${what}`);
}

/** Damage of a file as a whole; nothing was changed. */
export function damaged(file: string, what: string): OperatorError {
  return new OperatorError(
    "store-damaged",
    `${file}: ${what}. Nothing was changed; see docs/store.md for how to recover`,
  );
}

const UNREADABLE: Readonly<Record<string, string>> = {
  EACCES: "this user may not read or write it",
  EPERM: "this user may not read or write it",
  EISDIR: "it is a folder",
  EEXIST: "a part of the path is not a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENOENT: "it is a link that leads nowhere",
  ELOOP: "it is a link that leads to itself",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

/** Names for the operator what kept a file from being opened. */
export function unreadable(path: string, error: unknown): unknown {
  if (error instanceof OperatorError || !(error instanceof Error) || errorCode(error) === "") return error;
  const place = "path" in error && typeof error.path === "string" ? error.path : path;
  const why = UNREADABLE[errorCode(error)] ?? error.message;
  return new OperatorError("store-unreadable", `${place}: ${why}`, error);
}
