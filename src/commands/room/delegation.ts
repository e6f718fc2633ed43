/**
 * What somebody may do with which hats, where they are no admin but hats are delegated to them.
 *
 * They give and take those hats and no others, and decide only whether a hat is shown and why it changes hands: how it
 * is called and whether it is required stays with the room's admins. All this is a matter of rights, so it comes before
 * any value is judged, and is judged once more at the moment of decision, on what was decided meanwhile.
 */
import { HatsError } from "../../core/errors.ts";
import { isGrantedTo } from "../../core/grants.ts";
import { isHatId } from "../../core/hat-id.ts";
import type { HatId, RoomView } from "../../core/model.ts";
import { findHatByTitle, hatsTitled } from "../../core/titles.ts";
import { isAtLeast, jidOf } from "../../desk/access.ts";
import type { Answers } from "../command.ts";
import type { Scene, Services } from "./scene.ts";
import { standingNow } from "./standings.ts";

/** The hats that the requester may give and take as a delegate; undefined means all, also new ones. */
export function delegatedHats({ desk }: Services, scene: Scene): ReadonlySet<HatId> | undefined {
  if (isAtLeast(scene.standing, "admin")) return undefined;
  const own = jidOf(scene.asker.requester);
  const grants = [...desk.durableRoom(scene.room).grants];
  return new Set(grants.filter(([, grant]) => isGrantedTo(grant, own)).map(([hat]) => hat));
}

/**
 * Refuses a delegate who names another hat than those, or says of one what is not theirs to say.
 *
 * @throws HatsError forbidden
 */
export function admitDelegate(services: Services, scene: Scene, answers: Answers): void {
  const hats = delegatedHats(services, scene);
  if (hats === undefined) return;
  const room = services.desk.viewRoom(scene.room);
  const named = given(answers, "hat").map((text) => (isHatId(text) ? text : onlyTitled(room, text)));
  const titles = given(answers, "title");
  const byTitle = titles.map((title) => findHatByTitle(room, title));
  const areTheirs = (named.length > 0 ? named : byTitle).every((hat) => hat !== undefined && hats.has(hat));
  if (!areTheirs) throw new HatsError("forbidden");
  const isRetitled = titles.some((title) => named.some((hat) => hat && room.hat(hat)?.title !== title));
  if (isRetitled) throw new HatsError("forbidden", { explanation: { code: "no-other-title" } });
  if (given(answers, "required").some((flag) => flag !== "0" && flag.toLowerCase() !== "false")) {
    throw new HatsError("forbidden", { explanation: { code: "no-requiring" } });
  }
}

/**
 * Refuses a hat that the requester may not give and take any more, on the room as it is at the moment of decision.
 *
 * Whoever asked as an admin and is a delegate by now has to ask again: not all that they wrote was judged as such.
 *
 * @throws HatsError forbidden
 */
export function assertMayGive(services: Services, scene: Scene, room: RoomView, hat: HatId): void {
  if (isAtLeast(standingNow(services, scene), "admin")) return;
  const isTheirs = isGrantedTo(room.grant(hat), jidOf(scene.asker.requester));
  if (scene.standing !== "delegate" || !isTheirs) throw new HatsError("forbidden");
}

function given(answers: Answers, name: string): string[] {
  return (answers.get(name) ?? []).map((value) => value.trim()).filter((value) => value !== "");
}

function onlyTitled(room: RoomView, title: string): HatId | undefined {
  const [only, other] = hatsTitled(room, title);
  return other === undefined ? only : undefined;
}
