/**
 * What becomes of a room's hats when another room takes its address: put aside whole, brought back, or let go for good.
 *
 * Archiving leaves the room bare, so that its new owners see nothing of before. Restoring fills what is free: whatever
 * the room has by then stays as it is. Pure, as all transitions. Leaves out what was last put into the room (`base`),
 * which no view knows: whoever archives clears that beside it.
 */
import type { ArchiveChange, Change } from "./change.ts";
import { badField } from "./errors.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import type { Limits } from "./limits.ts";
import {
  type Archive,
  emptyArchive,
  type Expiries,
  type HatId,
  NO_EXPIRIES,
  type RoomView,
  sortWardrobe,
  type View,
} from "./model.ts";

/**
 * Puts aside everything that a room has, under the time `at` or the next millisecond that is free; a room that has
 * nothing is no change.
 *
 * @throws HatsError no-such-room
 */
export function archiveRoom(view: View, room: RoomJid, at: string): readonly Change[] {
  const content = contentOf(keptRoom(view, room));
  if (content.hats.size === 0 && content.users.size === 0) return [];
  const archive: ArchiveChange = {
    kind: "archive",
    room,
    at: freeTime(view.archives(room), at),
    before: undefined,
    after: content,
  };
  return [
    archive,
    ...[...content.hats].map(
      ([hat, before]): Change => ({ kind: "hat", room, hat, before, after: undefined }),
    ),
    ...[...content.users].map(
      ([user, before]): Change => ({ kind: "user", room, user, before, after: undefined }),
    ),
    ...[...content.expires].map(
      ([user, before]): Change => ({ kind: "expires", room, user, before, after: undefined }),
    ),
    ...[...content.grants].map(
      ([hat, before]): Change => ({ kind: "grant", room, hat, before, after: undefined }),
    ),
  ];
}

/**
 * Brings back what was put aside at a time, wherever the room has nothing of its own by now: hats that it does not
 * know, hats that a person does not have, grants of hats that nobody was granted since.
 *
 * Affiliations are not looked at: whoever is surely not affiliated any more loses the hats as anybody does.
 *
 * @throws HatsError no-such-room; bad-field where there is no such archive, or where it does not fit beside what is there
 */
export function restoreArchive(view: View, room: RoomJid, at: string, limits: Limits): readonly Change[] {
  const now = keptRoom(view, room);
  const archive = archiveAt(view, room, at);
  const gone = { kind: "archive", room, at, before: archive, after: undefined } as const;
  const restored = [
    ...restoredHats(now, room, archive, limits),
    ...[...archive.users.keys()].flatMap((user) => restoredUser(now, room, user, archive, limits)),
    ...[...archive.grants]
      .filter(([hat]) => now.grant(hat) === undefined && now.hat(hat) === undefined)
      .map(([hat, after]): Change => ({ kind: "grant", room, hat, before: undefined, after })),
  ];
  // An archive that goes alone was let go: where the room has all of it already, its going is said twice.
  return [gone, ...(restored.length === 0 ? [{ ...gone, before: undefined }] : restored)];
}

/**
 * Lets go for good of what was put aside at a time.
 *
 * @throws HatsError bad-field where there is no such archive
 */
export function dropArchive(view: View, room: RoomJid, at: string): readonly Change[] {
  return [{ kind: "archive", room, at, before: archiveAt(view, room, at), after: undefined }];
}

/**
 * Says that whatever was in a room belongs to an earlier one: for a room that has nothing to put aside by now, but had.
 *
 * An archive of nothing that is dropped at once, so that the history ends there as it does at any other.
 */
export function closePast(view: View, room: RoomJid, at: string): readonly Change[] {
  const mark = { kind: "archive", room, at: freeTime(view.archives(room), at) } as const;
  const nothing = emptyArchive();
  return [
    { ...mark, before: undefined, after: nothing },
    { ...mark, before: nothing, after: undefined },
  ];
}

function archiveAt(view: View, room: RoomJid, at: string): Archive {
  const archive = view.archives(room).get(at);
  if (archive === undefined) throw badField("archive", "no-archive");
  return archive;
}

function contentOf(room: RoomView): Archive {
  const hatIds = [...room.hatIds()];
  const userJids = [...room.userJids()];
  return {
    hats: mapOf(hatIds, (id) => room.hat(id)),
    users: mapOf(userJids, (user) => room.user(user)),
    expires: mapOf(userJids, (user) => room.expiries(user)),
    grants: mapOf(hatIds, (id) => room.grant(id)),
  };
}

function mapOf<K, V>(keys: readonly K[], find: (key: K) => V | undefined): Map<K, V> {
  const found = new Map<K, V>();
  for (const key of keys) {
    const value = find(key);
    if (value !== undefined) found.set(key, value);
  }
  return found;
}

function freeTime(archives: ReadonlyMap<string, Archive>, at: string): string {
  let free = at;
  while (archives.has(free)) free = new Date(Date.parse(free) + 1).toISOString();
  return free;
}

function restoredHats(now: RoomView, room: RoomJid, archive: Archive, limits: Limits): Change[] {
  const missing = [...archive.hats].filter(([id]) => now.hat(id) === undefined);
  if (missing.length > 0 && missing.length + now.hatCount() > limits.hatsPerRoom)
    throw badField("archive", "room-is-full", { max: limits.hatsPerRoom });
  return missing.map(([hat, after]) => ({ kind: "hat", room, hat, before: undefined, after }));
}

function restoredUser(
  now: RoomView,
  room: RoomJid,
  user: BareJid,
  archive: Archive,
  limits: Limits,
): Change[] {
  const before = now.user(user);
  const missing = [...(archive.users.get(user)?.hats ?? [])].filter(([id]) => before?.hats.has(id) !== true);
  if (missing.length === 0) return [];
  const hats = new Map([...(before?.hats ?? []), ...missing]);
  if (before !== undefined && hats.size > limits.hatsPerUser)
    throw badField("archive", "person-is-full", { user, max: limits.hatsPerUser });
  return [
    { kind: "user", room, user, before, after: { hats: sortWardrobe(hats) } },
    ...restoredExpiries(room, user, now.expiries(user), archive.expires.get(user) ?? NO_EXPIRIES, missing),
  ];
}

/* Only of the hats that come back: those that were there lapse when they did. */
function restoredExpiries(
  room: RoomJid,
  user: BareJid,
  before: Expiries | undefined,
  archived: Expiries,
  restored: readonly (readonly [HatId, unknown])[],
): Change[] {
  const ids = new Set(restored.map(([id]) => id));
  const missing = [...archived].filter(([id]) => ids.has(id));
  if (missing.length === 0) return [];
  return [{ kind: "expires", room, user, before, after: new Map([...(before ?? []), ...missing]) }];
}
