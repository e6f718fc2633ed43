/**
 * `list-room-hats`: who wears what in a room, 50 rows a page.
 *
 * Pages go by key, not by number: the key is the last row's person and hat, so that rows which come and go between two
 * pages neither repeat others nor hide them. Only the people of a page are sorted, never the whole room.
 */
import { badField } from "../core/errors.ts";
import type { BareJid } from "../core/jid.ts";
import type { User } from "../core/model.ts";
import type { Option } from "../stanza/data-form.ts";
import { readValue } from "./answers.ts";
import {
  type Answers,
  type Command,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
} from "./command.ts";
import { fittingHats, type WornHat, wornHats, wornTable } from "./room/hat-table.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

/** How many rows a page has. */
export const PAGE_ROWS = 50;

/* The most pages that are offered to choose from; the last one leads on to further ones. */
const MAX_PAGES = 20;

/* The last row that was seen. */
interface Key {
  readonly name: string;
  readonly hat: string;
}

/** Somebody who has hats, as the requester knows them. */
export interface Wearer {
  readonly name: string;
  readonly jid: BareJid;
  readonly user: User;
}

/** Makes the command. */
export function listRoomHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: "list-room-hats",
    stages: [{ name: "page", ask: (scene) => askPage(services, scene) }],
    run: (scene, answers) => list(services, scene, answers),
  });
}

function askPage(services: Services, scene: Scene): Question | Skip {
  const { phrases } = scene.asker;
  const rows = rowsAfter(services, scene, undefined, MAX_PAGES * PAGE_ROWS);
  if (rows.length <= PAGE_ROWS) return NOTHING_TO_ASK;
  const ends = rows.filter((_, index) => (index + 1) % PAGE_ROWS === 0 && index + 1 < rows.length);
  const options: Option[] = ends
    .map(keyOf)
    .map((key) => ({ label: phrases.say("after", { key }), value: key }));
  const start = { label: phrases.say("from-the-start"), value: "" };
  return { ask: new Map([["after", { options: [start, ...options], values: [""] }]]) };
}

function list(services: Services, scene: Scene, answers: Answers): Outcome {
  const { room, asker } = scene;
  const after = readValue(answers, "after");
  const rows = rowsAfter(services, scene, after === undefined ? undefined : parseKey(after), PAGE_ROWS + 1);
  const page = fittingHats(rows.slice(0, PAGE_ROWS));
  const last = page.at(-1);
  const next = last === undefined || page.length === rows.length ? undefined : keyOf(last);
  const isEmpty = page.length === 0 && after === undefined;
  const phrase = next !== undefined ? "wearers-more" : isEmpty ? "wearers-none" : "wearers";
  return wornTable(asker.phrases.say(phrase, { room, key: next ?? "" }), page, asker.phrases);
}

function rowsAfter(services: Services, scene: Scene, key: Key | undefined, count: number): WornHat[] {
  const view = services.desk.viewRoom(scene.room);
  return firstWearers(services, scene, key?.name, count)
    .flatMap(({ name, jid, user }) => hatsAfter(wornHats(view, name, user.hats, view.expiries(jid)), key))
    .slice(0, count);
}

/* Rows of the key's own person up to the key have been seen; if the key is gone, all of theirs are shown again. */
function hatsAfter(hats: WornHat[], key: Key | undefined): WornHat[] {
  if (key === undefined || hats[0]?.user !== key.name) return hats;
  return hats.slice(hats.findIndex(({ id }) => id === key.hat) + 1);
}

/**
 * The first wearers by name, as many as so many rows need, of those whom the requester may know of.
 *
 * Everybody has at least one hat, so one person more than rows is always enough.
 */
export function firstWearers(
  services: Services,
  scene: Scene,
  from: string | undefined,
  rows: number,
): Wearer[] {
  const people = peopleOf(services, scene);
  const first: Wearer[] = [];
  for (const [jid, user] of services.desk.durableRoom(scene.room).users) {
    const name = people.name(jid);
    if (name === undefined || (from !== undefined && name < from)) continue;
    insert(first, { name, jid, user });
    if (first.length > rows + 1) first.pop();
  }
  return first;
}

function insert(sorted: Wearer[], wearer: Wearer): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.name ?? "") < wearer.name) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, wearer);
}

/* A URI holds no space, a nick may. */
function keyOf({ user, id }: WornHat): string {
  return `${user} ${id}`;
}

function parseKey(after: string): Key {
  const space = after.lastIndexOf(" ");
  if (space <= 0) throw badField("after", "not-a-row-key");
  return { name: after.slice(0, space), hat: after.slice(space + 1) };
}
