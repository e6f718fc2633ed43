/**
 * Hats that a form offered and that the room has no more: whoever chooses one of them did not mean a hat without a title.
 *
 * Any other URI that the room does not know is the name of a new hat.
 */
import { unknownHat } from "../../core/catalogue.ts";
import type { HatId, RoomView } from "../../core/model.ts";
import type { Option } from "../../stanza/data-form.ts";
import type { Answers } from "../command.ts";
import type { Scene } from "./scene.ts";

/* What was offered, among the answers; no field, so that it is the desk's own word. */
const OFFERED = "offered-hats";

/** What is to be known of the hats that a form offers now, besides those that it offered before. */
export function offeredHats(answers: Answers, options: readonly Option[]): Answers {
  const now = options.map(({ value }) => value).filter((value) => value !== "");
  return new Map([[OFFERED, [...new Set([...(answers.get(OFFERED) ?? []), ...now])]]]);
}

/** What was to be known of them, for a command that others stand for. */
export function offeredIn(answers: Answers): Answers {
  const offered = answers.get(OFFERED);
  return offered === undefined ? new Map() : new Map([[OFFERED, offered]]);
}

/** Refuses hats that were offered and retired since, naming `field`. Throws HatsError bad-field. */
export function assertNotRetired(
  { asker }: Scene,
  answers: Answers,
  room: RoomView,
  hats: readonly HatId[],
  field = "hat",
): void {
  if (asker.isOneShot) return;
  const gone = hats.filter((hat) => room.hat(hat) === undefined);
  if (gone.some((hat) => answers.get(OFFERED)?.includes(hat))) throw unknownHat(field);
}
