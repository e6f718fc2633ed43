/** Looks through the whole history for damage, as nobody does who only asks for a part of it. Writes nothing. */
import type { Place } from "../files/damage.ts";
import type { Folder } from "../files/folder.ts";
import { HISTORY, readLines } from "./history.ts";
import { readHistoryLine } from "./history-line.ts";
import { parsePast } from "./read-history.ts";

/** A line that is not what was written. */
export interface DamagedLine extends Place {
  readonly problem: string;
}

/** The damaged lines of the history, in their order; of a store that no desk has open. */
export async function findDamagedLines(folder: Folder): Promise<DamagedLine[]> {
  const file = folder.openToRead(HISTORY);
  if (file === undefined) return [];
  const damaged: DamagedLine[] = [];
  const at = { file: HISTORY, line: 1, offset: 0 };
  try {
    for await (const { bytes, next } of readLines(file, 0)) {
      const read = parsePast(readHistoryLine(bytes));
      if ("problem" in read) damaged.push({ ...at, problem: read.problem });
      at.line += 1;
      at.offset = next;
    }
  } finally {
    file.close();
  }
  if (at.offset < file.size) damaged.push({ ...at, problem: "it does not end" });
  return damaged;
}
