/**
 * Titles: what a hat is called, which titles are the same, and the one order in which hats are shown.
 */
import { badField } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { Attachment, HatId, RoomView } from "./model.ts";
import { compareText, isLine } from "./text.ts";

/* What takes no place where it is shown, such as a zero width space. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** Two titles mean the same hat when these are equal: NFKC, case-folded, without what nobody sees. */
export function foldTitle(title: string): string {
  return foldCase(title.normalize("NFKC").replace(UNSEEN, "")).normalize("NFKC");
}

/* By way of the capitals, so that ẞ and ß meet SS and every sigma is one; the dotless ı has the capital of another letter. */
function foldCase(text: string): string {
  const parts = text.split("ı").map((part) => part.toLowerCase().toUpperCase().toLowerCase());
  return parts.join("ı");
}

/** Reads a title, trimmed, or refuses it naming `field`. */
export function parseTitle(text: string, limits: Limits, field = "title"): string {
  const title = text.trim();
  if (title.replace(UNSEEN, "").trim() === "") throw badField(field, "empty");
  if (!isLine(title)) throw badField(field, "not-a-line");
  if (title.length > limits.titleLength) throw badField(field, "too-long", { max: limits.titleLength });
  return title;
}

/** The title that is shown: the wearer's, else the room's, else the URI, so that there always is one. */
export function shownTitle(room: RoomView, id: HatId, attachment?: Attachment): string {
  return attachment?.title ?? room.hat(id)?.title ?? id;
}

/** The room's hats of that title, by their URIs. */
export function hatsTitled(room: RoomView, title: string): readonly HatId[] {
  const wanted = foldTitle(title);
  const titled = [...room.hatIds()].filter((id) => {
    const own = room.hat(id)?.title;
    return own !== undefined && foldTitle(own) === wanted;
  });
  return titled.toSorted(compareText);
}

/** The room's hat of that title, if it knows one; the first in hat order where several share it. */
export function findHatByTitle(room: RoomView, title: string): HatId | undefined {
  return hatsTitled(room, title)[0];
}

/** A hat with the title it is shown under. */
export interface TitledHat {
  readonly id: HatId;
  readonly title: string;
}

/** The order of hats everywhere: title, then URI; by code unit, so that every machine sorts alike. */
export function compareHats(a: TitledHat, b: TitledHat): number {
  return (
    compareText(foldTitle(a.title), foldTitle(b.title)) ||
    compareText(a.title, b.title) ||
    compareText(a.id, b.id)
  );
}
