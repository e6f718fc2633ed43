/**
 * What an entry did to each thing, all in all: what undo takes back and the history tells.
 *
 * An entry may touch a thing more than once: what counts is before the first time and after the last. Leaves out which
 * rooms are kept and what is archived.
 */
import type { BareJid } from "./jid.ts";
import { type Attachment, type Grant, type Hat, type HatId, type ManagedRoom, NO_EXPIRIES } from "./model.ts";
import type { Difference, RecordedChange, RecordedEntry } from "./recorded.ts";

/** What became of one hat of one person: how they have it, and when it lapses; undefined where it stayed the same. */
export interface TouchedHat {
  readonly worn: Difference<Attachment> | undefined;
  readonly lapses: Difference<string> | undefined;
}

/** See the head of this file; in the order in which things come up. */
export interface Touched {
  readonly people: ReadonlyMap<BareJid, ReadonlyMap<HatId, TouchedHat>>;
  readonly hats: ReadonlyMap<HatId, Difference<Hat>>;
  readonly grants: ReadonlyMap<HatId, Difference<Grant>>;
}

type Fields = { -readonly [Name in keyof TouchedHat]: TouchedHat[Name] };

/** Gathers what an entry did. */
export function touchedBy({ changes }: Pick<RecordedEntry, "changes">): Touched {
  const people = new Map<BareJid, Map<HatId, Fields>>();
  const hats = new Map<HatId, Difference<Hat>>();
  const grants = new Map<HatId, Difference<Grant>>();
  for (const change of changes) {
    if (change.kind === "hat") hats.set(change.hat, joined(hats.get(change.hat), change));
    if (change.kind === "grant") grants.set(change.hat, joined(grants.get(change.hat), change));
    if (change.kind === "worn" || change.kind === "expires") addPerson(people, change);
  }
  return { people, hats, grants };
}

function addPerson(
  people: Map<BareJid, Map<HatId, Fields>>,
  change: Extract<RecordedChange, { kind: "expires" | "worn" }>,
): void {
  let touched = people.get(change.user);
  if (touched === undefined) people.set(change.user, (touched = new Map()));
  if (change.kind === "worn") {
    for (const [id, difference] of change.hats) {
      const known = fieldsOf(touched, id);
      known.worn = joined(known.worn, difference);
    }
    return;
  }
  const { before = NO_EXPIRIES, after = NO_EXPIRIES } = change;
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const difference = { before: before.get(id), after: after.get(id) };
    if (difference.before === difference.after) continue;
    const known = fieldsOf(touched, id);
    known.lapses = joined(known.lapses, difference);
  }
}

function fieldsOf(touched: Map<HatId, Fields>, id: HatId): Fields {
  const known = touched.get(id) ?? { worn: undefined, lapses: undefined };
  touched.set(id, known);
  return known;
}

function joined<V>(earlier: Difference<V> | undefined, { before, after }: Difference<V>): Difference<V> {
  return earlier === undefined ? { before, after } : { before: earlier.before, after };
}

/** One thing that an entry touched: what the history tells in one row. */
export type Thing =
  | { readonly kind: "archive"; readonly at: string; readonly isArchived: boolean }
  | { readonly kind: "managed"; readonly difference: Difference<ManagedRoom> }
  | { readonly kind: "person"; readonly user: BareJid; readonly hats: ReadonlyMap<HatId, TouchedHat> }
  | { readonly kind: "hat"; readonly hat: HatId; readonly difference: Difference<Hat> }
  | { readonly kind: "grant"; readonly hat: HatId; readonly difference: Difference<Grant> };

/** Which things to look for; one that is left out means any. */
export interface About {
  readonly user?: BareJid | undefined;
  readonly hat?: HatId | undefined;
}

/** The things that an entry touched, in an order that is always the same. */
export function thingsOf(entry: Pick<RecordedEntry, "changes">): Thing[] {
  const { people, hats, grants } = touchedBy(entry);
  return [
    ...entry.changes.flatMap((change) => roomThing(change)),
    ...[...people].map(([user, touched]): Thing => ({ kind: "person", user, hats: touched })),
    ...[...hats].map(([hat, difference]): Thing => ({ kind: "hat", hat, difference })),
    ...[...grants].map(([hat, difference]): Thing => ({ kind: "grant", hat, difference })),
  ];
}

/** Whether a thing is what somebody looks for. */
export function isAbout(thing: Thing, { user, hat }: About): boolean {
  if (user !== undefined && (thing.kind !== "person" || thing.user !== user)) return false;
  if (hat === undefined) return true;
  if (thing.kind === "person") return thing.hats.has(hat);
  return "hat" in thing && thing.hat === hat;
}

function roomThing(change: RecordedChange): Thing[] {
  if (change.kind === "managed") return [{ kind: "managed", difference: change }];
  /* An archive that neither was nor is there only marks a restore of nothing. */
  if (change.kind !== "archive" || (change.before ?? change.after) === undefined) return [];
  return [{ kind: "archive", at: change.at, isArchived: change.after !== undefined }];
}
