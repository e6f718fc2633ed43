/**
 * `list-hats`: the room's catalogue of hats as a table, with how many wear each.
 *
 * A hat that was given no colour has the one of its title, which is also what the room shows.
 */
import type { HatId, RoomView } from "../core/model.ts";
import { compareHats, shownTitle } from "../core/titles.ts";
import { hueOf } from "../stanza/hue.ts";
import type { Command, TableOutcome } from "./command.ts";
import { columnOf } from "./room/hat-table.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";
import { ROW_BUDGET, takeWithin } from "./room/stanza-budget.ts";

const COLUMNS = ["hat", "title", "hue", "wearers"] as const;

interface ListedHat {
  readonly id: HatId;
  readonly title: string;
  readonly hue: number;
  readonly wearers: number;
}

/** Makes the command. */
export function listHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: "list-hats",
    stages: [],
    run: (scene) => listHats(services, scene, sayInBrief),
  });
}

/** The table of the room's hats, with their hues as `sayHue` writes them. */
export function listHats(services: Services, scene: Scene, sayHue: (hue: number) => string): TableOutcome {
  const { room, asker } = scene;
  const { phrases } = asker;
  const hats = listedHats(services.desk.viewRoom(room), countWearers(services, scene));
  const shown = takeWithin(hats, ROW_BUDGET, ({ id, title }) => [id, title, title]);
  return {
    kind: "table",
    title: phrases.say(titleKey(hats.length, shown.length), {
      room,
      count: hats.length,
      shown: shown.length,
    }),
    columns: COLUMNS.map((name) => columnOf(name, phrases)),
    rows: shown.map(({ id, title, hue, wearers }) => [id, title, sayHue(hue), String(wearers)]),
    lines: shown.map(({ title, wearers }) => phrases.say("hat-line", { title, count: wearers })),
  };
}

/* Nobody sees less than a tenth of a degree. */
function sayInBrief(hue: number): string {
  return String(Math.round(hue * 10) / 10);
}

function listedHats(view: RoomView, wearers: ReadonlyMap<HatId, number>): ListedHat[] {
  return [...view.hatIds()]
    .map((id) => ({
      id,
      title: shownTitle(view, id),
      hue: view.hat(id)?.hue ?? hueOf(shownTitle(view, id)),
      wearers: wearers.get(id) ?? 0,
    }))
    .toSorted(compareHats);
}

/* Only of people whom the requester may know of: a number would betray the others as well as a name. */
function countWearers(services: Services, scene: Scene): ReadonlyMap<HatId, number> {
  const people = peopleOf(services, scene);
  const counts = new Map<HatId, number>();
  for (const [jid, { hats }] of services.desk.durableRoom(scene.room).users) {
    if (people.name(jid) === undefined) continue;
    for (const id of hats.keys()) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function titleKey(count: number, shown: number): string {
  if (count === 0) return "hats-in-none";
  return shown < count ? "hats-in-part" : "hats-in";
}
