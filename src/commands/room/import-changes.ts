/** What an import changes, as people read it: a summary, and a row for each hat that somebody has otherwise. */
import type { Change } from "../../core/change.ts";
import { compareWardrobes } from "../../core/hats.ts";
import type { BareJid, RoomJid } from "../../core/jid.ts";
import {
  type Expiries,
  type HatId,
  NO_EXPIRIES,
  NO_HATS,
  type RoomView,
  type View,
  type Wardrobe,
} from "../../core/model.ts";
import { overlay } from "../../core/overlay.ts";
import { compareHats, shownTitle } from "../../core/titles.ts";
import { buildEnd } from "../../stanza/date-time.ts";
import type { TableOutcome } from "../command.ts";
import type { Phrases } from "../texts/phrases.ts";
import { columnOf } from "./hat-table.ts";
import type { Scene } from "./scene.ts";
import { ROW_BUDGET, takeWithin } from "./stanza-budget.ts";

const COLUMNS = ["user", "hat", "title", "before", "after"] as const;

/** One hat on one person, before and after. */
interface ChangedRow {
  readonly user: BareJid;
  readonly hat: HatId;
  readonly before: Side;
  readonly after: Side;
}

/** What changes, in numbers and row by row. */
export interface ImportChanges {
  /** How many people have other hats than before, or have them in another way. */
  readonly people: number;
  /** How many of them had hats and have none afterwards. */
  readonly bared: number;
  /** What else changes in the room: hats that are new to it, and who may give them. */
  readonly others: number;
  /** How many of the document's hats were left out, as their time is over. */
  readonly over: number;
  /** People as they come in the document, the hats of each in hat order. */
  readonly rows: readonly ChangedRow[];
  /** What a hat is called to whom a row is about. */
  readonly titleOf: (row: ChangedRow) => string;
}

/* What a person has: wardrobe, and until when. */
interface Side {
  readonly hats: Wardrobe;
  readonly expires: Expiries;
}

/** Says what these changes come to; `view` is the room's before or after them. */
export function tellChanges(
  view: View,
  room: RoomJid,
  changes: readonly Change[],
  over: number,
): ImportChanges {
  const known = view.room(room);
  const people = sidesOf(known, changes);
  const named = overlay(
    view,
    changes.filter(({ kind }) => kind === "hat"),
  ).room(room);
  const titleOf = ({ hat, before, after }: ChangedRow): string =>
    named === undefined ? hat : shownTitle(named, hat, after.hats.get(hat) ?? before.hats.get(hat));
  const rows: ChangedRow[] = [];
  let bared = 0;
  for (const [user, { before, after }] of people) {
    const changed = differingHats(before, after).map((hat): ChangedRow => ({ user, hat, before, after }));
    const titled = changed.map((row) => ({ row, id: row.hat, title: titleOf(row) }));
    for (const { row } of titled.toSorted(compareHats)) rows.push(row);
    if (before.hats.size > 0 && after.hats.size === 0) bared += 1;
  }
  return {
    people: people.size,
    bared,
    others: changes.filter(({ kind }) => kind === "hat" || kind === "grant").length,
    over,
    rows,
    titleOf,
  };
}

/** What changes in one sentence; the phrase is `{kind}-…`, by what there is to say. */
export function summarize(kind: "imported" | "importing", changes: ImportChanges, scene: Scene): string {
  const { people, bared, others, over, rows } = changes;
  const { phrases } = scene.asker;
  const isNothing = rows.length === 0 && others === 0;
  const numbers = { people, bared, hats: rows.length, others, over, room: scene.room };
  const said = [phrases.say(isNothing ? `${kind}-nothing` : kind, numbers)];
  if (bared > 0) said.push(phrases.say(`${kind}-bared`, numbers));
  if (others > 0) said.push(phrases.say(`${kind}-others`, numbers));
  if (over > 0) said.push(phrases.say("import-over", numbers));
  return said.join(", ");
}

/** As many rows as fit, as lines to read, and how many there are besides. */
export function rowLines(changes: ImportChanges, phrases: Phrases, budget = ROW_BUDGET): string[] {
  const shown = takeWithin(changes.rows, budget, (row) => [lineOf(cellsOf(row, changes, phrases), phrases)]);
  const lines = shown.map((row) => lineOf(cellsOf(row, changes, phrases), phrases));
  const more = changes.rows.length - lines.length;
  return more === 0 ? lines : [...lines, phrases.say("and-more", { count: more })];
}

/** The rows as a table under a title, as many as fit an answer. */
export function changesTable(summary: string, changes: ImportChanges, phrases: Phrases): TableOutcome {
  const shown = takeWithin(changes.rows, ROW_BUDGET, (row) => {
    const cells = cellsOf(row, changes, phrases);
    return [...Object.values(cells), lineOf(cells, phrases)];
  }).map((row) => cellsOf(row, changes, phrases));
  const count = shown.length;
  const title = count === changes.rows.length ? summary : phrases.say("import-first", { summary, count });
  return {
    kind: "table",
    title,
    columns: COLUMNS.map((name) => columnOf(name, phrases)),
    rows: shown.map((cells) => COLUMNS.map((name) => cells[name])),
    lines: shown.map((cells) => lineOf(cells, phrases)),
  };
}

type Cells = Readonly<Record<(typeof COLUMNS)[number], string>>;

function cellsOf(row: ChangedRow, { titleOf }: ImportChanges, phrases: Phrases): Cells {
  const { user, hat, before, after } = row;
  const [was, is] = [before, after].map((side) => describe(side, hat, phrases));
  return { user, hat, title: titleOf(row), before: was ?? "", after: is ?? "" };
}

/* What no change is about is the same before and after. */
function sidesOf(
  room: RoomView | undefined,
  changes: readonly Change[],
): ReadonlyMap<BareJid, { readonly before: Side; readonly after: Side }> {
  const people = new Map<BareJid, { before: Side; after: Side }>();
  for (const change of changes) {
    if (change.kind !== "user" && change.kind !== "expires") continue;
    const { user } = change;
    const { before, after } = people.get(user) ?? bothAs(sideOf(room, user));
    people.set(
      user,
      change.kind === "user"
        ? {
            before: { ...before, hats: change.before?.hats ?? NO_HATS },
            after: { ...after, hats: change.after?.hats ?? NO_HATS },
          }
        : {
            before: { ...before, expires: change.before ?? NO_EXPIRIES },
            after: { ...after, expires: change.after ?? NO_EXPIRIES },
          },
    );
  }
  return people;
}

function bothAs(side: Side): { before: Side; after: Side } {
  return { before: side, after: side };
}

function sideOf(room: RoomView | undefined, user: BareJid): Side {
  return { hats: room?.user(user)?.hats ?? NO_HATS, expires: room?.expiries(user) ?? NO_EXPIRIES };
}

function differingHats(before: Side, after: Side): HatId[] {
  const { added, changed, removed } = compareWardrobes(before.hats, after.hats);
  const dated = [...after.hats.keys()].filter(
    (hat) => before.hats.has(hat) && before.expires.get(hat) !== after.expires.get(hat),
  );
  return [...new Set([...added, ...changed, ...dated, ...removed])];
}

function describe({ hats, expires }: Side, hat: HatId, phrases: Phrases): string {
  const attachment = hats.get(hat);
  if (attachment === undefined) return phrases.say("has-not");
  const { active, required, title } = attachment;
  const until = expires.get(hat);
  const parts = [phrases.say(active === true ? "has-shown" : "has-hidden")];
  if (required === true) parts.push(phrases.say("has-required"));
  if (title !== undefined) parts.push(phrases.say("has-title", { title }));
  if (until !== undefined) parts.push(phrases.say("has-until", { until: buildEnd(until) }));
  return parts.join(", ");
}

function lineOf({ user, title, before, after }: Cells, phrases: Phrases): string {
  return phrases.say("import-line", { user, title, before, after });
}
