/**
 * Takes a transaction back: what it touched is as it was before, and nothing else changes.
 *
 * Only where what it touched is still as the transaction left it, hat by hat: whatever is newer stays, and is the reason
 * for a refusal. So transactions that are taken back newest first restore each earlier state exactly. The undoing is a
 * transaction like any other, which can itself be taken back. Pure, as all transitions.
 */
import type { Change } from "./change.ts";
import { badField, HatsError } from "./errors.ts";
import type { ExplanationCode } from "./explanations.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import type { Limits } from "./limits.ts";
import { put } from "./maps.ts";
import {
  type Attachment,
  type Grant,
  type Hat,
  type HatId,
  isAffiliated,
  isSameAttachment,
  isSameGrant,
  isSameHat,
  NO_HATS,
  type RoomView,
  sortWardrobe,
  type View,
  type Wardrobe,
} from "./model.ts";
import type { Difference, RecordedEntry } from "./recorded.ts";
import { shownTitle } from "./titles.ts";
import { touchedBy, type TouchedHat } from "./touched.ts";

/**
 * The people who need an affiliation for a transaction to be taken back: those whose hats it touched, and those who may
 * then give a hat again.
 */
export function touchedUsers(entry: RecordedEntry): BareJid[] {
  const { people, grants } = touchedBy(entry);
  const granted = [...grants.values()].flatMap(({ before, after }) =>
    (before?.users ?? []).filter((user) => after?.users.includes(user) !== true),
  );
  return [...new Set([...people.keys(), ...granted])];
}

/** Whether transactions of this shape can be taken back; which rooms are kept, and archives, are manage-room's. */
export function isUndoable({ changes }: RecordedEntry): boolean {
  return changes.every(({ kind }) => kind !== "managed" && kind !== "archive");
}

/**
 * Takes a transaction back.
 *
 * A hat that comes back has the time to lapse that it had; one whose time has passed by `now` (ISO 8601, UTC) is no hat
 * to give back.
 *
 * @throws HatsError no-such-room, not-affiliated; bad-field of `id` where something newer stands on it
 */
export function undoEntry(view: View, entry: RecordedEntry, now: string, limits: Limits): readonly Change[] {
  const changes = revertEntry(view, entry, now, limits);
  const room = keptRoom(view, entry.room);
  if (!touchedUsers(entry).every((user) => isAffiliated(room.affiliation(user)))) {
    throw new HatsError("not-affiliated");
  }
  return changes;
}

/**
 * The same for whoever only wants to know whether it is possible: nobody's affiliation is asked for.
 *
 * @throws HatsError as `undoEntry`, but not-affiliated
 */
export function revertEntry(
  view: View,
  entry: RecordedEntry,
  now: string,
  limits: Limits,
): readonly Change[] {
  const room = keptRoom(view, entry.room);
  if (!isUndoable(entry)) throw badField("id", "not-undoable");
  const { hats, people, grants } = touchedBy(entry);
  /* What the desk only noted about the room has a number, too. */
  if (hats.size + people.size + grants.size === 0) throw badField("id", "no-such-change");
  const changes = [
    ...[...hats].flatMap(([id, difference]) => revertHat(room, entry.room, id, difference)),
    ...[...people].flatMap(([user, touched]) => revertPerson(room, entry.room, user, touched, now, limits)),
    ...[...grants].flatMap(([id, difference]) => revertGrant(room, entry.room, id, difference)),
  ];
  assertWhole(room, changes, limits);
  return changes;
}

function revertHat(room: RoomView, jid: RoomJid, hat: HatId, { before, after }: Difference<Hat>): Change[] {
  const present = room.hat(hat);
  if (!isSame(present, after, isSameHat))
    throw newer("hat-changed-since", { title: after?.title ?? shownTitle(room, hat) });
  if (isSame(before, after, isSameHat)) return [];
  return [{ kind: "hat", room: jid, hat, before: present, after: before }];
}

function revertGrant(
  room: RoomView,
  jid: RoomJid,
  hat: HatId,
  { before, after }: Difference<Grant>,
): Change[] {
  const present = room.grant(hat);
  if (!isSameGrant(present, after)) {
    throw newer("grant-changed-since", { title: shownTitle(room, hat) });
  }
  if (isSameGrant(before, after)) return [];
  return [{ kind: "grant", room: jid, hat, before: present, after: before }];
}

function revertPerson(
  room: RoomView,
  jid: RoomJid,
  user: BareJid,
  touched: ReadonlyMap<HatId, TouchedHat>,
  now: string,
  { hatsPerUser }: Limits,
): Change[] {
  const before = room.user(user);
  const expiriesBefore = room.expiries(user);
  const worn = new Map(before?.hats);
  const expiries = new Map(expiriesBefore);
  for (const [id, hat] of touched) revertWorn({ room, user, id, hat, now }, worn, expiries);
  if (worn.size > hatsPerUser && worn.size > (before?.hats.size ?? 0)) {
    throw badField("id", "person-is-full", { user, max: hatsPerUser });
  }
  const values = [...touched.values()];
  const after = worn.size === 0 ? undefined : { hats: sortWardrobe(worn) };
  const expiriesAfter = expiries.size === 0 ? undefined : expiries;
  const dressed: Change = { kind: "user", room: jid, user, before, after };
  const timed: Change = { kind: "expires", room: jid, user, before: expiriesBefore, after: expiriesAfter };
  return [
    ...(values.some((hat) => hat.worn !== undefined) ? [dressed] : []),
    ...(values.some((hat) => hat.lapses !== undefined) ? [timed] : []),
  ];
}

/* One hat of one person, to be put back. */
interface WornBefore {
  readonly room: RoomView;
  readonly user: BareJid;
  readonly id: HatId;
  readonly hat: TouchedHat;
  readonly now: string;
}

function revertWorn(
  { room, user, id, hat, now }: WornBefore,
  wardrobe: Map<HatId, Attachment>,
  expiries: Map<HatId, string>,
): void {
  const { worn, lapses } = hat;
  const isWornAsLeft = worn === undefined || isSame(wardrobe.get(id), worn.after, isSameAttachment);
  /* A hat that came has no other time than the one it came with. */
  const isTimed = lapses !== undefined || worn?.before === undefined;
  const lapsesAsLeft = !isTimed || expiries.get(id) === lapses?.after;
  if (!isWornAsLeft || !lapsesAsLeft)
    throw newer("worn-changed-since", { title: shownTitle(room, id), user });
  if (worn !== undefined) put(wardrobe, id, worn.before);
  if (lapses === undefined) return;
  const until = lapses.before;
  if (until !== undefined && until <= now) {
    throw badField("id", "was-to-lapse", { title: shownTitle(room, id), user, until });
  }
  if (until !== undefined && !wardrobe.has(id)) {
    throw newer("worn-changed-since", { title: shownTitle(room, id), user });
  }
  put(expiries, id, until);
}

/* Nobody may have, or may give, a hat that the room does not know; nor may the room grow beyond its bound. */
function assertWhole(room: RoomView, changes: readonly Change[], { hatsPerRoom }: Limits): void {
  const hats = changes.filter((change) => change.kind === "hat");
  const gone = new Set(hats.flatMap(({ hat, after }) => (after === undefined ? [hat] : [])));
  const come = new Set(hats.flatMap(({ hat, before }) => (before === undefined ? [hat] : [])));
  if (come.size > 0 && come.size + room.hatCount() > hatsPerRoom) {
    throw badField("id", "room-is-full", { max: hatsPerRoom });
  }
  for (const change of changes) {
    for (const id of neededBy(change)) {
      const isKnown = come.has(id) || (room.hat(id) !== undefined && !gone.has(id));
      if (!isKnown) throw newer("hat-is-gone", { title: shownTitle(room, id) });
    }
  }
  if (gone.size > 0) assertUnused(room, gone, changes);
}

/* What somebody gets by it; what they have is not up for judgement. */
function neededBy(change: Change): Iterable<HatId> {
  if (change.kind === "user") {
    return [...(change.after?.hats.keys() ?? [])].filter((id) => change.before?.hats.has(id) !== true);
  }
  return change.kind === "grant" && change.after !== undefined ? [change.hat] : [];
}

function assertUnused(room: RoomView, gone: ReadonlySet<HatId>, changes: readonly Change[]): void {
  const dressed = new Map<BareJid, Wardrobe>();
  const granted = new Map<HatId, Grant | undefined>();
  for (const change of changes) {
    if (change.kind === "user") dressed.set(change.user, change.after?.hats ?? NO_HATS);
    if (change.kind === "grant") granted.set(change.hat, change.after);
  }
  for (const user of room.userJids()) {
    const worn = dressed.get(user) ?? room.user(user)?.hats ?? NO_HATS;
    for (const id of gone)
      if (worn.has(id)) throw newer("hat-worn-by-now", { user, title: shownTitle(room, id) });
  }
  for (const id of gone) {
    const grant = granted.has(id) ? granted.get(id) : room.grant(id);
    if (grant !== undefined) throw newer("grant-by-now", { title: shownTitle(room, id) });
  }
}

function isSame<V>(a: V | undefined, b: V | undefined, same: (a: V, b: V) => boolean): boolean {
  return a === undefined || b === undefined ? a === b : same(a, b);
}

function newer(code: ExplanationCode, values: Readonly<Record<string, string>>): HatsError {
  return badField("id", "something-newer", { what: { code, values } });
}
