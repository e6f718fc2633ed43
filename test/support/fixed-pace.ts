/** A pace for securing the journal that learns nothing: whether a sync may block is what a test says. */
import type { Pace } from "../../src/store/journal/sync-pace.ts";

export function fixedPace(mayBlock: Pace["mayBlock"]): Pace {
  return { mayBlock, noteBlocking: () => undefined, noteAside: () => undefined };
}
