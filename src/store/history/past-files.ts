/**
 * The files that hold the past, opened at one moment: the journal, the one that was set aside, and the history.
 *
 * All are opened within one turn, in which nothing is moved. An open file stays what it was when its name goes to
 * another file or to none, so a reader that has them misses nothing that a compaction moves meanwhile. It may find an
 * entry twice, though: in the journal that was set aside, and in the history that it is being moved to.
 */
import type { Folder, ReadFile } from "../files/folder.ts";
import { HISTORY } from "./history.ts";
import { readHistoryLine } from "./history-line.ts";
import { JOURNAL, OLD_JOURNAL } from "../journal/journal.ts";
import { readLine } from "../journal/journal-line.ts";

/** One file of the past; its lines are in the order of their making. */
export interface PastFile extends ReadFile {
  readonly name: string;
  /** The entry of a line, as JSON; undefined where the line is damaged. */
  json(line: Buffer): Buffer | undefined;
}

const LINE_END = Buffer.from("\n");

/** Opens them, the newest first; `secured` is how much of the journal may be read. */
export function openPast(folder: Folder, secured: number): PastFile[] {
  const journal = folder.openToRead(JOURNAL);
  const old = folder.openToRead(OLD_JOURNAL);
  const history = folder.openToRead(HISTORY);
  return [
    ...(journal === undefined ? [] : [{ ...journal, size: secured, name: JOURNAL, json: payloadOf }]),
    ...(old === undefined ? [] : [{ ...old, name: OLD_JOURNAL, json: payloadOf }]),
    ...(history === undefined ? [] : [{ ...history, name: HISTORY, json: readHistoryLine }]),
  ];
}

function payloadOf(line: Buffer): Buffer | undefined {
  return readLine(Buffer.concat([line, LINE_END]), 0)?.payload;
}
