/**
 * Marks a copy of a store, so that a desk that is opened on it tells the rooms what it has.
 *
 * Whatever a room shows otherwise than it was noted in the copy was mostly changed by the desk itself since, and not by
 * somebody with the room's own commands: to adopt it would undo the restoring. The mark is an entry of the journal for
 * each room, and goes once the room is told (presence/reconciler/adoption.ts).
 */
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Entry } from "../core/entry.ts";
import type { RoomJid } from "../core/jid.ts";
import type { HatId } from "../core/model.ts";
import { RESTORED } from "../presence/picture/hat-mark.ts";
import { JOURNAL } from "../store/journal/journal.ts";
import { LineBatch } from "../store/journal/journal-line.ts";
import { writeEntry } from "../store/journal/write-entry.ts";
import type { Recovered } from "../store/recovery.ts";
import { unwritable } from "./backup-faults.ts";

/* A base that holds nothing is none. */
const ANYTHING = new Map([["urn:milliner:backup" as HatId, ""]]);

/** Marks the copy in `folder`; `remembered` are the rooms that the bot was in, of which the store may have nothing. */
export async function markAsBackup(
  folder: string,
  { state, seq, journalSize }: Recovered,
  remembered: Iterable<RoomJid>,
): Promise<void> {
  const rooms = new Set([...state.rooms.keys(), ...remembered]);
  const path = join(folder, JOURNAL);
  try {
    const journal = await open(path, "a", 0o600);
    try {
      await journal.truncate(journalSize);
      await journal.writeFile(linesFor([...rooms], seq));
      await journal.sync();
    } finally {
      await journal.close();
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

function linesFor(rooms: readonly RoomJid[], seq: number): Buffer {
  const at = new Date().toISOString();
  const lines = new LineBatch();
  lines.begin(seq);
  for (const [index, room] of rooms.entries()) {
    const changes = [{ kind: "base", room, user: RESTORED, after: ANYTHING }] as const;
    const entry: Entry = { seq: seq + 1 + index, at, room, author: { kind: "desk" }, changes };
    lines.add(entry, writeEntry);
  }
  return lines.bytes;
}
