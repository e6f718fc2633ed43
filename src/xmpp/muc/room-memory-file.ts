/**
 * Keeps what the bot remembers of rooms in a file beside the store, so that a room is known again after a restart too.
 *
 * The file is one JSON document, replaced as a whole by way of a temporary file. A change that nobody waited for may be
 * lost with the program; the bot then knows a room a little less well. What could not be written is tried again: an old
 * mark would make another room of one that was recognised weeks ago. Leaves out locking: the store's lock covers the
 * folder.
 */
import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { UNWRITABLE } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import { OperatorError } from "../../core/errors.ts";
import type { RoomJid } from "../../core/jid.ts";
import type { Log } from "../../core/log.ts";
import { put } from "../../core/maps.ts";
import { unreadable } from "../../store/files/damage.ts";
import { errorCode } from "../../store/files/folder.ts";
import { systemClock } from "../system-clock.ts";
import type { RoomMark, RoomMemory } from "./room-memory.ts";
import { Retry } from "../retry.ts";

const markSchema = v.strictObject({
  ownId: v.optional(v.string()),
  ownAffiliation: v.picklist(["owner", "admin", "member", "none", "outcast"]),
  wasMissing: v.optional(v.boolean()),
  replaced: v.optional(v.picklist(["created", "destroyed", "recreated"])),
  isDoubted: v.optional(v.boolean()),
});
const fileSchema = v.strictObject({ version: v.literal(1), rooms: v.record(v.string(), markSchema) });

/** Its name in the folder of the store. */
export const ROOM_MEMORY = "rooms.json";

/** A memory in a file. */
export interface RoomMemoryFile extends RoomMemory {
  /** Writes once more what is not written yet, and then no more; true where nothing is left. */
  close(): Promise<boolean>;
}

/**
 * Opens, or begins, a memory; the folder has to be there.
 *
 * @throws OperatorError store-damaged where the file is not what it should be, store-unreadable
 */
export function openRoomMemory(path: string, log: Log, clock: Clock = systemClock): RoomMemoryFile {
  const marks = readRoomMemory(path);
  const retry = new Retry(clock, Math.random);
  let isDirty = false;
  let isClosed = false;
  let writing: Promise<void> | undefined;

  /* Writes until nothing is left or the disk refuses. */
  const writeAll = async (): Promise<void> => {
    retry.cancel();
    try {
      while (isDirty) {
        isDirty = false;
        await replaceFile(path, textOf(marks));
      }
      retry.reset();
    } catch (error) {
      isDirty = true;
      log.warn({ err: error, path }, "what the bot remembers of rooms could not be written");
      if (!isClosed) retry.plan(UNWRITABLE, begin);
    }
    writing = undefined;
  };
  const begin = (): void => {
    writing ??= writeAll();
  };
  const flush = async (): Promise<boolean> => {
    if (isDirty) begin();
    await writing;
    return !isDirty;
  };

  return {
    recall: (room) => marks.get(room),
    keep(room, mark) {
      if (isSameMark(marks.get(room), mark)) return;
      put(marks, room, mark);
      isDirty = true;
      begin();
    },
    flush,
    close() {
      isClosed = true;
      return flush();
    },
  };
}

/**
 * Reads what a memory holds, nothing where there is none, and writes nothing.
 *
 * @throws OperatorError store-damaged, store-unreadable
 */
export function readRoomMemory(path: string): Map<RoomJid, RoomMark> {
  const text = readIfThere(path);
  if (text === undefined) return new Map();
  try {
    const { rooms } = v.parse(fileSchema, JSON.parse(text));
    return new Map(
      Object.entries(rooms).map(([room, mark]) => [
        room as RoomJid,
        { ownId: undefined, ...mark } as RoomMark,
      ]),
    );
  } catch (error) {
    throw new OperatorError(
      "store-damaged",
      `${path} is not readable as what the bot remembers of rooms; move it away to begin anew`,
      error,
    );
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw unreadable(path, error);
  }
}

function textOf(marks: ReadonlyMap<RoomJid, RoomMark>): string {
  return `${JSON.stringify({ version: 1, rooms: Object.fromEntries(marks) }, undefined, 1)}\n`;
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isSameMark(a: RoomMark | undefined, b: RoomMark | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.ownId === b.ownId &&
    a.ownAffiliation === b.ownAffiliation &&
    a.wasMissing === b.wasMissing &&
    a.replaced === b.replaced &&
    a.isDoubted === b.isDoubted
  );
}
