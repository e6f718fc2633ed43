/** Hats as something to choose from: by title, in the one order of hats, each label unlike the others to the eye. */
import type { HatId, RoomView, Wardrobe } from "../../core/model.ts";
import { compareHats, foldTitle, shownTitle, type TitledHat } from "../../core/titles.ts";
import type { Option } from "../../stanza/data-form.ts";
import type { Filling } from "../command.ts";
import { optionsWithin } from "./list-choice.ts";
import type { Scene, Services } from "./scene.ts";
import { OPTION_BUDGET } from "./stanza-budget.ts";

/**
 * Options for these hats of a room; titles that are the same but for case or what nobody sees get the URI as suffix.
 *
 * Where not all fit into `budget` bytes, some are left out: of `kept` only if these alone do not fit.
 */
export function hatOptions(
  room: RoomView,
  ids: Iterable<HatId>,
  budget = OPTION_BUDGET / 2,
  kept: ReadonlySet<string> = new Set(),
): readonly Option[] {
  const hats = [...new Set(ids)].map((id) => ({ id, title: shownTitle(room, id) }));
  return optionsFor(hats.toSorted(compareHats), budget, kept);
}

/** Options for all hats of the scene's room, or for these of them. */
export function roomHatOptions(
  { desk }: Services,
  { room }: Scene,
  ids?: Iterable<HatId>,
): readonly Option[] {
  const view = desk.viewRoom(room);
  return hatOptions(view, ids ?? view.hatIds());
}

/** A choice among these hats and a new one, which is what stands there. */
export function withNewHat({ asker }: Scene, options: readonly Option[]): Filling {
  const aNewHat = { label: asker.phrases.say("a-new-hat"), value: "" };
  return { options: [aNewHat, ...options], values: [""] };
}

/** Options for the hats of one person, by the titles they wear them under; as many as fit one list. */
export function wornOptions(room: RoomView, worn: Wardrobe): readonly Option[] {
  const hats = [...worn].map(([id, attachment]) => ({ id, title: shownTitle(room, id, attachment) }));
  return optionsFor(hats.toSorted(compareHats), OPTION_BUDGET, new Set());
}

function optionsFor(hats: readonly TitledHat[], budget: number, kept: ReadonlySet<string>): Option[] {
  const counts = new Map<string, number>();
  const folded = hats.map(({ title }) => foldTitle(title));
  for (const title of folded) counts.set(title, (counts.get(title) ?? 0) + 1);
  const options = hats.map(({ id, title }, index): Option => {
    const isOne = counts.get(folded[index] ?? "") === 1;
    return { value: id, label: isOne ? title : `${title} (${id})` };
  });
  const byNeed = options.toSorted((a, b) => Number(kept.has(b.value)) - Number(kept.has(a.value)));
  const fitting = new Set(optionsWithin(byNeed, budget));
  return options.filter((option) => fitting.has(option));
}
