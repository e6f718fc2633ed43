/**
 * The last entry of the history, by which one is told that belongs to another hats.json.
 *
 * An entry is moved to the history only once hats.json holds it, so none there is later than what a store comes to.
 */
import type { ReadableFolder } from "../files/folder.ts";
import { HISTORY, numberOf } from "./history.ts";
import { readHistoryLine } from "./history-line.ts";
import { linesBackwards } from "./lines-backwards.ts";
import { parsePast } from "./read-history.ts";

/** The number of the last entry that can be read, 0 where there is none. */
export async function lastSeqOf(folder: ReadableFolder): Promise<number> {
  const file = folder.openToRead(HISTORY);
  if (file === undefined) return 0;
  try {
    for await (const lines of linesBackwards(file, file.size)) {
      for (const { bytes } of lines) {
        const seq = soundSeqOf(bytes);
        if (seq !== undefined) return seq;
      }
    }
    return 0;
  } finally {
    file.close();
  }
}

/* A line that has no checksum has to be read, to know that it is whole. */
function soundSeqOf(line: Buffer): number | undefined {
  const json = readHistoryLine(line);
  const isSound = json !== line ? json !== undefined : "value" in parsePast(json);
  return isSound ? numberOf(line) : undefined;
}
