/** Which hat of a room somebody means by what they write into a field that takes hats: its URI, or its title. */
import { badField } from "../../core/errors.ts";
import { isHatId, MAX_HAT_ID_LENGTH, parseHatId } from "../../core/hat-id.ts";
import type { HatId } from "../../core/model.ts";
import { quote } from "../../core/text.ts";
import { hatsTitled } from "../../core/titles.ts";
import type { Scene, Services } from "./scene.ts";

/* How many hats are named. */
const MOST_NAMED = 10;

/** What is said where no hat has that title: that there is none, or also how a new one gets it. */
export type Untitled = "no-hat-titled" | "no-hat-titled-yet";

/**
 * The hat that a text names. Any URI names one, whether or not the room knows it; what is no URI has to be the title of one
 * hat of the room, and of one only.
 *
 * @throws HatsError bad-field
 */
export function readHatNamed(
  { desk }: Services,
  { room }: Scene,
  text: string,
  field = "hat",
  untitled: Untitled = "no-hat-titled",
): HatId {
  if (isHatId(text)) return text;
  if (text.length > MAX_HAT_ID_LENGTH) return parseHatId(text, field);
  const hats = hatsTitled(desk.viewRoom(room), text);
  const [only, other] = hats;
  const title = quote(text);
  if (only === undefined) throw badField(field, untitled, { title });
  if (other === undefined) return only;
  throw badField(field, "several-hats-titled", { title, hats: hats.slice(0, MOST_NAMED).join(", ") });
}
