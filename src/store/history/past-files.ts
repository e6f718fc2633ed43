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

/* The newest first, with how each tells the entry of a line. */
const KINDS = [
  [JOURNAL, payloadOf],
  [OLD_JOURNAL, payloadOf],
  [HISTORY, readHistoryLine],
] as const;

/** Opens them, the newest first, or none of them; `secured` is how much of the journal may be read. */
export function openPast(folder: Folder, secured: number): PastFile[] {
  const files: PastFile[] = [];
  try {
    for (const [name, json] of KINDS) {
      const file = folder.openToRead(name);
      if (file === undefined) continue;
      files.push({ ...file, size: name === JOURNAL ? secured : file.size, name, json });
    }
    return files;
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
}

function payloadOf(line: Buffer): Buffer | undefined {
  return readLine(Buffer.concat([line, LINE_END]), 0)?.payload;
}
