/**
 * Reads a store as whatever ended the last desk left it: the snapshot, and over it the journals.
 */
import { emptyState, type State } from "../core/model.ts";
import { applyRecorded } from "../core/recorded.ts";
import { SNAPSHOT } from "./compaction.ts";
import { damaged, damagedAt, type Place } from "./files/damage.ts";
import type { ReadableFolder } from "./files/folder.ts";
import type { Format } from "./format.ts";
import { HISTORY } from "./history/history.ts";
import { lastSeqOf } from "./history/last-entry.ts";
import { JOURNAL, OLD_JOURNAL } from "./journal/journal.ts";
import { parseChanges } from "./journal/parse-recorded.ts";
import { readSnapshot, type Snapshot } from "./snapshot/read-snapshot.ts";
import { scanJournal } from "./journal/scan-journal.ts";

/** A store as it was found. */
export interface Recovered {
  readonly state: State;
  /** The last entry there is. */
  readonly seq: number;
  /** Whether there is a journal that was set aside and not retired. */
  readonly hasOld: boolean;
  /** How much of the journal is sound; the rest is a torn end, which nobody was told is durable. */
  readonly journalSize: number;
  readonly tornBytes: number;
  /** Whether hats.json has to be written first: it is missing, of an older version, or lacks what was set aside. */
  readonly needsSnapshot: boolean;
}

/** Reads a store without changing it. Throws OperatorError store-damaged, store-newer. */
export async function recover(folder: ReadableFolder, format: Format): Promise<Recovered> {
  const isNew = folder.sizeOf(SNAPSHOT) === undefined;
  if (isNew) refuseOrphans(folder);
  const snapshot = isNew
    ? { state: emptyState(), seq: 0, migrations: [] }
    : await readSnapshot(folder, SNAPSHOT, format);

  let nextSeq = snapshot.seq + 1;
  const replay = async (name: string, isLast: boolean) => {
    const scanned = await scanJournal(folder, name, { nextSeq, isLast }, (seq, json, place) => {
      if (seq > snapshot.seq) replayEntry(snapshot, json.toString(), place);
    });
    nextSeq = scanned.nextSeq;
    return scanned;
  };

  const hasOld = folder.sizeOf(OLD_JOURNAL) !== undefined;
  if (hasOld) await replay(OLD_JOURNAL, false);
  const journal = folder.sizeOf(JOURNAL) === undefined ? undefined : await replay(JOURNAL, true);
  await refuseOtherHistory(folder, nextSeq - 1, isNew);
  return {
    state: snapshot.state,
    seq: nextSeq - 1,
    hasOld,
    journalSize: journal?.size ?? 0,
    tornBytes: journal?.tornBytes ?? 0,
    needsSnapshot: isNew || hasOld || snapshot.migrations.length > 0,
  };
}

/* A journal without its snapshot would begin in the middle of things. */
function refuseOrphans(folder: ReadableFolder): void {
  for (const name of [OLD_JOURNAL, JOURNAL]) {
    if ((folder.sizeOf(name) ?? 0) > 0) {
      throw damaged(SNAPSHOT, `it is missing, but ${name} holds changes that belong to it`);
    }
  }
}

/* Numbers would be given twice: undo would find the wrong change, and a compaction cut off what is not its own. */
async function refuseOtherHistory(folder: ReadableFolder, seq: number, isNew: boolean): Promise<void> {
  const last = await lastSeqOf(folder);
  if (last <= seq) return;
  if (isNew) throw damaged(SNAPSHOT, `it is missing, but ${HISTORY} holds changes that belong to it`);
  throw damaged(HISTORY, `it holds entry ${last}, but ${SNAPSHOT} and the journal end with ${seq}`);
}

function replayEntry({ state, migrations }: Snapshot, json: string, place: Place): void {
  const raw = migrations.reduce((older: unknown, step) => step.entry(older), JSON.parse(json));
  const parsed = parseChanges(raw);
  if ("problem" in parsed) throw damagedAt(place, parsed.problem);
  for (const change of parsed.value) applyRecorded(state, change);
}
