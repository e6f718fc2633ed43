/** The table of hats and who has them, as list-user-hats and list-room-hats show it. */
import {
  type Attachment,
  type Expiries,
  type HatId,
  NO_EXPIRIES,
  type RoomView,
  type Wardrobe,
} from "../../core/model.ts";
import { compareHats, shownTitle } from "../../core/titles.ts";
import type { Column } from "../../stanza/data-form.ts";
import { buildEnd } from "../../stanza/date-time.ts";
import type { TableOutcome } from "../command.ts";
import type { Phrases } from "../texts/phrases.ts";
import { ROW_BUDGET, takeWithin } from "./stanza-budget.ts";

/** One hat on one person, who has a name that whoever looks may know. */
export interface WornHat {
  readonly user: string;
  readonly id: HatId;
  readonly title: string;
  readonly attachment: Attachment;
  /** When it lapses, as XEP-0082 writes it, to the second; empty where it does not. */
  readonly expires: string;
}

const COLUMNS = ["user", "hat", "title", "active", "required", "expires"] as const;

/** The hats of one person, in the one order of hats. */
export function wornHats(
  room: RoomView,
  user: string,
  wardrobe: Wardrobe,
  expiries: Expiries = NO_EXPIRIES,
): WornHat[] {
  return [...wardrobe]
    .map(([id, attachment]) => {
      const until = expiries.get(id);
      const expires = until === undefined ? "" : buildEnd(until);
      return { user, id, title: shownTitle(room, id, attachment), attachment, expires };
    })
    .toSorted(compareHats);
}

/** As many of the hats, from the first on, as fit an answer. */
export function fittingHats(hats: readonly WornHat[]): readonly WornHat[] {
  return takeWithin(hats, ROW_BUDGET, ({ user, id, title, expires }) => {
    const said = [user, title, expires];
    return [id, ...said, ...said];
  });
}

/** The table of these hats under a title. */
export function wornTable(title: string, hats: readonly WornHat[], phrases: Phrases): TableOutcome {
  return {
    kind: "table",
    title,
    columns: COLUMNS.map((name) => columnOf(name, phrases)),
    rows: hats.map(({ user, id, title, attachment, expires }) => [
      user,
      id,
      title,
      bit(attachment.active),
      bit(attachment.required),
      expires,
    ]),
    lines: hats.map((hat) => lineOf(hat, phrases)),
  };
}

/** A column by its var, with its heading in the words of whoever reads it. */
export function columnOf(name: string, phrases: Phrases): Column {
  return { var: name, label: phrases.say(`column-${name}`) };
}

function bit(flag: boolean | undefined): string {
  return flag === true ? "1" : "0";
}

function lineOf({ user, title, attachment, expires }: WornHat, phrases: Phrases): string {
  const { active, required } = attachment;
  const key = `worn${active === true ? "" : "-hidden"}${required === true ? "-required" : ""}`;
  const line = phrases.say(key, { user, title });
  return expires === "" ? line : phrases.say("until", { line, expires });
}
