/** What kept a backup from being made, named so that an operator can mend it: the path, why, and what to do. */
import { OperatorError } from "../core/errors.ts";
import { unreadable } from "../store/files/damage.ts";
import { errorCode } from "../store/files/folder.ts";

const NAME_ANOTHER = "name a new folder for each backup";
const NOT_ALLOWED = "this user may not write there; run it as one who may, or name a folder elsewhere";
const NO_ROOM = "there is no room for it; make some, or name a folder on another disk";

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
  EROFS: "the file system is read-only; name a folder elsewhere",
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EFBIG: NO_ROOM,
  EEXIST: `a file has this name; ${NAME_ANOTHER}`,
  ENOTDIR: `a part of the path is a file; ${NAME_ANOTHER}`,
  ENOENT: `a part of the path is a link that leads nowhere; ${NAME_ANOTHER}`,
};

/** Names what kept a path of the copy from being written; what is no error of a file stays what it is. */
export function unwritable(path: string, error: unknown): unknown {
  if (error instanceof OperatorError || !(error instanceof Error) || errorCode(error) === "") return error;
  return new OperatorError(
    "backup-unwritable",
    `${path}: ${UNWRITABLE[errorCode(error)] ?? error.message}`,
    error,
  );
}

/** Names what kept a path of the store from being read. */
export function unreadableSource(path: string, error: unknown): unknown {
  const isBarred = errorCode(error) === "EACCES" || errorCode(error) === "EPERM";
  if (!isBarred) return unreadable(path, error);
  const reason = "this user may not read it; run the backup as the user of the desk, or as root";
  return new OperatorError("store-unreadable", `${path}: ${reason}`, error);
}
