/** What an import changes, as people read it: a summary, and a row for each hat that somebody has otherwise. */
import type { Change } from "../../core/change.ts";
import { compareWardrobes } from "../../core/hats.ts";
import type { BareJid } from "../../core/jid.ts";
import {
  type Expiries,
  type HatId,
  NO_EXPIRIES,
  NO_HATS,
  type RoomView,
  type Wardrobe,
} from "../../core/model.ts";
import { overlay } from "../../core/overlay.ts";
import { shownTitle } from "../../core/titles.ts";
import { buildDateTime } from "../../stanza/date-time.ts";
import type { TableOutcome } from "../command.ts";
import type { Phrases } from "../texts/phrases.ts";
import { columnOf } from "./hat-table.ts";
import type { Scene, Services } from "./room-access.ts";
import { ROW_BUDGET, takeWithin } from "./stanza-budget.ts";

const COLUMNS = ["user", "hat", "title", "before", "after"] as const;

/** One hat on one person, before and after, in words. */
export interface ChangedRow {
  readonly user: BareJid;
  readonly hat: HatId;
  readonly title: string;
  readonly before: string;
  readonly after: string;
}

/** What changes, in numbers and row by row. */
export interface ImportChanges {
  /** How many people have other hats than before, or have them in another way. */
  readonly people: number;
  /** How many of them had hats and have none afterwards. */
  readonly bared: number;
  /** What else changes in the room: hats that are new to it, and who may give them. */
  readonly others: number;
  readonly rows: readonly ChangedRow[];
}

/* What a person has: wardrobe, and until when. */
interface Side {
  readonly hats: Wardrobe;
  readonly expires: Expiries;
}

/** Says what these changes come to, over the durable state that they are not part of yet. */
export function tellChanges({ desk }: Services, scene: Scene, changes: readonly Change[]): ImportChanges {
  const before = desk.view();
  const [roomBefore, roomAfter] = [before, overlay(before, changes)].map((view) => view.room(scene.room));
  const touched = changes.flatMap((change) =>
    change.kind === "user" || change.kind === "expires" ? [change.user] : [],
  );
  const people = [...new Set(touched)];
  const sides = people.map((user) => [user, sideOf(roomBefore, user), sideOf(roomAfter, user)] as const);
  const rows = sides.flatMap(([user, was, is]) =>
    differingHats(was, is).map((hat): ChangedRow => {
      const title = titleOf(roomAfter, hat, is.hats, was.hats);
      const { phrases } = scene.asker;
      return { user, hat, title, before: describe(was, hat, phrases), after: describe(is, hat, phrases) };
    }),
  );
  return {
    people: people.length,
    bared: sides.filter(([, was, is]) => was.hats.size > 0 && is.hats.size === 0).length,
    others: changes.filter(({ kind }) => kind === "hat" || kind === "grant").length,
    rows,
  };
}

/** What changes in one sentence; the phrase is `{kind}-…`, by what there is to say. */
export function summarize(kind: "imported" | "importing", changes: ImportChanges, scene: Scene): string {
  const { people, bared, others, rows } = changes;
  const { phrases } = scene.asker;
  const isNothing = rows.length === 0 && others === 0;
  if (isNothing) return phrases.say(`${kind}-nothing`, { room: scene.room });
  const numbers = { people, bared, hats: rows.length, others, room: scene.room };
  const said = [phrases.say(kind, numbers)];
  if (bared > 0) said.push(phrases.say(`${kind}-bared`, numbers));
  if (others > 0) said.push(phrases.say(`${kind}-others`, numbers));
  return said.join(", ");
}

/** As many rows as fit, as lines to read, and how many there are besides. */
export function rowLines(rows: readonly ChangedRow[], phrases: Phrases, budget = ROW_BUDGET): string[] {
  const lines = takeWithin(rows, budget, (row) => [lineOf(row, phrases)]).map((row) => lineOf(row, phrases));
  const more = rows.length - lines.length;
  return more === 0 ? lines : [...lines, phrases.say("and-more", { count: more })];
}

/** The rows as a table under a title, as many as fit an answer. */
export function changesTable(summary: string, rows: readonly ChangedRow[], phrases: Phrases): TableOutcome {
  const shown = takeWithin(rows, ROW_BUDGET, (row) => [
    ...COLUMNS.map((name) => row[name]),
    lineOf(row, phrases),
  ]);
  const count = shown.length;
  const title = count === rows.length ? summary : phrases.say("import-first", { summary, count });
  return {
    kind: "table",
    title,
    columns: COLUMNS.map((name) => columnOf(name, phrases)),
    rows: shown.map((row) => COLUMNS.map((name) => row[name])),
    lines: shown.map((row) => lineOf(row, phrases)),
  };
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

function titleOf(room: RoomView | undefined, hat: HatId, is: Wardrobe, was: Wardrobe): string {
  return room === undefined ? hat : shownTitle(room, hat, is.get(hat) ?? was.get(hat));
}

function describe({ hats, expires }: Side, hat: HatId, phrases: Phrases): string {
  const attachment = hats.get(hat);
  if (attachment === undefined) return phrases.say("has-not");
  const { active, required, title } = attachment;
  const until = expires.get(hat);
  const parts = [phrases.say(active === true ? "has-shown" : "has-hidden")];
  if (required === true) parts.push(phrases.say("has-required"));
  if (title !== undefined) parts.push(phrases.say("has-title", { title }));
  if (until !== undefined) parts.push(phrases.say("has-until", { until: buildDateTime(until) }));
  return parts.join(", ");
}

function lineOf({ user, title, before, after }: ChangedRow, phrases: Phrases): string {
  return phrases.say("import-line", { user, title, before, after });
}
