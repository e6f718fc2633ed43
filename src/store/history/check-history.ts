/** Looks through the whole history for damage, as nobody does who only asks for a part of it. Writes nothing. */
import type { Place } from "../files/damage.ts";
import type { ReadableFolder, ReadFile } from "../files/folder.ts";
import { endBefore, HISTORY, readLines } from "./history.ts";
import { readHistoryLine } from "./history-line.ts";
import { parsePast } from "./read-history.ts";

/** A line that is not what was written. */
export interface DamagedLine extends Place {
  readonly problem: string;
}

/**
 * The damaged lines of the history, in their order; of a store that no desk has open.
 *
 * What follows the last entry before `seq` is left out where a crash interrupted a move: the next desk brings it again.
 */
export async function findDamagedLines(folder: ReadableFolder, seq?: number): Promise<DamagedLine[]> {
  const file = folder.openToRead(HISTORY);
  if (file === undefined) return [];
  try {
    const size = seq === undefined ? file.size : await endBefore(file, seq);
    return await damagedLinesOf({ ...file, size });
  } finally {
    file.close();
  }
}

async function damagedLinesOf(file: ReadFile): Promise<DamagedLine[]> {
  const damaged: DamagedLine[] = [];
  const at = { file: HISTORY, line: 1, offset: 0 };
  for await (const { bytes, next } of readLines(file, 0)) {
    if (next > file.size) break;
    const read = parsePast(readHistoryLine(bytes));
    if ("problem" in read) damaged.push({ ...at, problem: read.problem });
    at.line += 1;
    at.offset = next;
  }
  if (at.offset < file.size) damaged.push({ ...at, problem: "it does not end" });
  return damaged;
}
