/**
 * What the journal and the history keep of an entry: of a person's wardrobe only the hats that differ.
 *
 * A wardrobe may hold a hundred hats, most changes touch one. Each hat is absolute, so that a record may be replayed over
 * a state that has it already, as any change may.
 */
import { applyChange, type Change, type UserChange } from "./change.ts";
import type { Entry } from "./entry.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { put } from "./maps.ts";
import { type Attachment, type HatId, type State, sortWardrobe } from "./model.ts";

/** One thing before and after; undefined means that it was not there. */
export interface Difference<V> {
  readonly before: V | undefined;
  readonly after: V | undefined;
}

/** A person has some hats in another way; never empty. */
export interface WornChange {
  readonly kind: "worn";
  readonly room: RoomJid;
  readonly user: BareJid;
  readonly hats: ReadonlyMap<HatId, Difference<Attachment>>;
}

/** A change as it is recorded. */
export type RecordedChange = Exclude<Change, UserChange> | WornChange;

/** An entry as it is recorded. */
export interface RecordedEntry extends Omit<Entry, "changes"> {
  readonly changes: readonly RecordedChange[];
}

/** Puts one recorded change into the state, in place. */
export function applyRecorded(state: State, change: RecordedChange): void {
  if (change.kind !== "worn") {
    applyChange(state, change);
    return;
  }
  const { room, user, hats } = change;
  const before = state.rooms.get(room)?.users.get(user);
  const worn = new Map(before?.hats);
  for (const [hat, { after }] of hats) put(worn, hat, after);
  const after = worn.size === 0 ? undefined : { hats: sortWardrobe(worn) };
  applyChange(state, { kind: "user", room, user, before, after });
}
