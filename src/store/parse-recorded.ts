/** Reads an entry as it is recorded: of a person's wardrobe only the hats that differ. */
import type { Change } from "../core/change.ts";
import { type HatId, isSameAttachment, NO_HATS } from "../core/model.ts";
import type { HatDifference, RecordedChange, RecordedEntry } from "../core/recorded.ts";
import { type Parsed, parseEntry } from "./parse-json.ts";

/** Reads an entry from its parsed JSON. */
export function parseRecorded(raw: unknown): Parsed<RecordedEntry> {
  const parsed = parseEntry(raw);
  if ("problem" in parsed) return parsed;
  return { value: { ...parsed.value, changes: parsed.value.changes.map(recorded) } };
}

function recorded(change: Change): RecordedChange {
  if (change.kind !== "user") return change;
  const [before, after] = [change.before?.hats ?? NO_HATS, change.after?.hats ?? NO_HATS];
  const hats = new Map<HatId, HatDifference>();
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const difference = { before: before.get(id), after: after.get(id) };
    const isSame =
      difference.before !== undefined &&
      difference.after !== undefined &&
      isSameAttachment(difference.before, difference.after);
    if (!isSame) hats.set(id, difference);
  }
  return { kind: "worn", room: change.room, user: change.user, hats };
}
