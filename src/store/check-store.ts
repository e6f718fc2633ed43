/**
 * Looks at a store as the next desk would find it, and changes nothing: no file is made, cut or compacted, no lock is kept.
 *
 * A desk that starts meanwhile moves its files, and what was read of them then counts for nothing. So the lock is looked
 * at before and after.
 */
import type { RoomJid } from "../core/jid.ts";
import { firstSeq, SNAPSHOT } from "./compaction.ts";
import { unreadable } from "./files/damage.ts";
import type { ReadableFolder } from "./files/folder.ts";
import { isFolder, readableFolder, requireWritable } from "./files/node-folder.ts";
import { LOCK, seeLock } from "./files/store-lock.ts";
import { FORMAT } from "./format.ts";
import { type DamagedLine, findDamagedLines } from "./history/check-history.ts";
import { HISTORY } from "./history/history.ts";
import { JOURNAL } from "./journal/journal.ts";
import { recover } from "./recovery.ts";

/* What a desk opens to write to; the other files it replaces. */
const WRITTEN = [LOCK, JOURNAL, HISTORY];

/** A store as it was seen. */
export type StoreSight =
  | { readonly is: "missing" }
  | { readonly is: "in use"; readonly holder: string | undefined }
  | SoundStore;

/** A store that a desk would open. */
export interface SoundStore {
  readonly is: "sound";
  /** Whether nothing was ever written into it. */
  readonly isEmpty: boolean;
  /** The rooms that were added by command. */
  readonly added: readonly RoomJid[];
  /** How much of the journal the next desk cuts. */
  readonly tornBytes: number;
  readonly damaged: readonly DamagedLine[];
}

/**
 * Looks at the store of a path.
 *
 * Throws OperatorError store-damaged, store-newer, store-unreadable: what a desk would refuse it for.
 */
export async function checkStore(path: string, readable = readableFolder): Promise<StoreSight> {
  try {
    for (;;) {
      requireWritable(path, WRITTEN);
      if (!isFolder(path)) return { is: "missing" };
      const { isHeld, holder, stamp } = seeLock(path);
      if (isHeld) return { is: "in use", holder };
      const [looked] = await Promise.allSettled([look(readable(path))]);
      if (seeLock(path).stamp !== stamp) continue;
      if (looked.status === "rejected") throw looked.reason;
      return looked.value;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function look(folder: ReadableFolder): Promise<SoundStore> {
  const isEmpty = folder.sizeOf(SNAPSHOT) === undefined;
  const { state, tornBytes, hasOld } = await recover(folder, FORMAT);
  const damaged = await findDamagedLines(folder, hasOld ? await firstSeq(folder) : undefined);
  return { is: "sound", isEmpty, added: [...state.managed.keys()], tornBytes, damaged };
}
