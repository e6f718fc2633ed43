/**
 * Every case of the three-way merge, as docs/presence.md has them: what the desk says, what was noted, what the room
 * shows, and what follows. `-` is nothing, `?` a note of which nobody knows whether it came true; A, B and C are titles.
 */
import type { HatVerdict } from "../../src/presence/picture/difference.ts";
import type { TitleScope } from "../../src/presence/dialects/room-commands.ts";

/** One case of one hat of one person. */
export interface MergeCase {
  readonly desk: string;
  readonly noted: string;
  readonly room: string;
  readonly verdict: HatVerdict;
  /** Where the case can be: titles that differ are no case where a room has one title for a hat. */
  readonly scopes: readonly TitleScope[];
}

const ANYWHERE = ["hat", "wearer"] as const;
const BY_WEARER = ["wearer"] as const;

export const MERGE_CASES: readonly MergeCase[] = [
  { desk: "-", noted: "-", room: "-", verdict: "nothing", scopes: ANYWHERE },
  { desk: "-", noted: "-", room: "A", verdict: "given", scopes: ANYWHERE },
  { desk: "-", noted: "?", room: "-", verdict: "forget", scopes: ANYWHERE },
  { desk: "-", noted: "?", room: "A", verdict: "take", scopes: ANYWHERE },
  { desk: "-", noted: "A", room: "-", verdict: "forget", scopes: ANYWHERE },
  { desk: "-", noted: "A", room: "A", verdict: "take", scopes: ANYWHERE },
  { desk: "A", noted: "-", room: "-", verdict: "put", scopes: ANYWHERE },
  { desk: "A", noted: "-", room: "A", verdict: "note", scopes: ANYWHERE },
  { desk: "A", noted: "?", room: "-", verdict: "put", scopes: ANYWHERE },
  { desk: "A", noted: "?", room: "A", verdict: "note", scopes: ANYWHERE },
  { desk: "A", noted: "A", room: "-", verdict: "taken", scopes: ANYWHERE },
  { desk: "A", noted: "A", room: "A", verdict: "nothing", scopes: ANYWHERE },
  { desk: "A", noted: "-", room: "B", verdict: "put", scopes: BY_WEARER },
  { desk: "A", noted: "?", room: "B", verdict: "put", scopes: BY_WEARER },
  { desk: "B", noted: "A", room: "A", verdict: "put", scopes: BY_WEARER },
  { desk: "A", noted: "A", room: "B", verdict: "retitled", scopes: BY_WEARER },
  { desk: "B", noted: "A", room: "C", verdict: "put", scopes: BY_WEARER },
  { desk: "B", noted: "A", room: "B", verdict: "note", scopes: BY_WEARER },
  { desk: "B", noted: "A", room: "-", verdict: "put", scopes: BY_WEARER },
  { desk: "-", noted: "A", room: "B", verdict: "take", scopes: BY_WEARER },
];

/** What follows for a hat in a room's own list. */
export type CatalogueVerdict = "nothing" | "create" | "destroy" | "adopt";

/** One case of one hat in the room's own list; `noted` says `A, made` where the desk made it there. */
export interface CatalogueCase {
  readonly desk: string;
  readonly noted: string;
  readonly room: string;
  readonly verdict: CatalogueVerdict;
}

export const CATALOGUE_CASES: readonly CatalogueCase[] = [
  { desk: "A", noted: "-", room: "A", verdict: "nothing" },
  { desk: "A", noted: "-", room: "B", verdict: "create" },
  { desk: "A", noted: "A", room: "A", verdict: "nothing" },
  { desk: "B", noted: "A", room: "A", verdict: "create" },
  { desk: "A", noted: "A", room: "B", verdict: "adopt" },
  { desk: "B", noted: "A", room: "C", verdict: "create" },
  { desk: "A", noted: "A", room: "-", verdict: "nothing" },
  { desk: "-", noted: "-", room: "A", verdict: "nothing" },
  { desk: "-", noted: "A", room: "A", verdict: "nothing" },
  { desk: "-", noted: "A, made", room: "A", verdict: "destroy" },
];

/** A case as its row in the table begins. */
export function nameCase({ desk, noted, room }: Pick<MergeCase, "desk" | "noted" | "room">): string {
  return `desk ${desk}, noted ${noted}, room ${room}`;
}

/** A title as it is kept; undefined for nothing. */
export function titleIn(cell: string): string | undefined {
  if (cell === "-") return undefined;
  return cell === "?" ? "" : cell.slice(0, 1);
}
