/** Hats as something to choose from: by title, in the one order of hats, each label different from the others. */
import { compareHats, shownTitle } from "../core/titles.ts";
import type { HatId, RoomView } from "../core/model.ts";
import type { Option } from "../stanza/data-form.ts";
import { withinBudget } from "./list-choice.ts";

/** Options for these hats of a room; equal titles get the URI as suffix. Hats that do not fit a form are left out. */
export function hatOptions(room: RoomView, ids: Iterable<HatId>): readonly Option[] {
  const hats = [...new Set(ids)].map((id) => ({ id, title: shownTitle(room, id) })).toSorted(compareHats);
  const counts = new Map<string, number>();
  for (const { title } of hats) counts.set(title, (counts.get(title) ?? 0) + 1);
  return withinBudget(
    hats.map(({ id, title }) => ({ value: id, label: counts.get(title) === 1 ? title : `${title} (${id})` })),
  );
}
