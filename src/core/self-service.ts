/**
 * What people do with their own hats: show some of those they were given, and not the others.
 *
 * Here, and nowhere else, `required` holds somebody back: its wearer may not take such a hat off.
 */
import type { Change } from "./change.ts";
import { badField } from "./errors.ts";
import { setUserHats, wardrobeOf } from "./hats.ts";
import type { BareJid, RoomJid } from "./jid.ts";
import { keptRoom } from "./kept-room.ts";
import type { View } from "./model.ts";
import { shownTitle } from "./titles.ts";

/**
 * Makes these the hats that a person shows, of those they have.
 *
 * @throws HatsError no-such-room, not-affiliated; bad-field for a hat they do not have or may not take off
 */
export function showHats(
  view: View,
  userJid: BareJid,
  roomJid: RoomJid,
  shown: ReadonlySet<string>,
  field = "shown-hats",
): readonly Change[] {
  const room = keptRoom(view, roomJid);
  const worn = wardrobeOf(room, userJid);
  const stray = [...shown].find((id) => ![...worn.keys()].some((own) => own === id));
  if (stray !== undefined) throw badField(field, "not-your-hat");
  const after = new Map(
    [...worn].map(([id, attachment]) => {
      const active = shown.has(id);
      if (!active && attachment.active === true && attachment.required === true) {
        throw badField(field, "required-hat", { title: shownTitle(room, id, attachment) });
      }
      return [id, { ...attachment, active }];
    }),
  );
  return setUserHats(view, userJid, roomJid, after);
}
