/**
 * XEP-0317's own commands (0.3.1, sections 3.2 to 3.7), for clients that speak them instead of the desk's.
 *
 * What the XEP has no words for is as the desk does it by itself: a hat that is assigned is shown and not required, lapses as
 * it usually does, and one that is destroyed is taken off everybody without asking again, since the XEP has one form.
 * Leaves out `hats#hash`, which belongs to the room's own disco, and pages: list-room-hats has those.
 */
import { HAT_NODES } from "../../stanza/hat-commands.ts";
import { hueOf } from "../../stanza/hue.ts";
import type { Answers, Command, Filling, TableOutcome } from "../command.ts";
import { listHats } from "../list-hats.ts";
import { firstWearers } from "../list-room-hats.ts";
import { delegatedHats } from "../room/delegation.ts";
import { roomHatOptions } from "../room/hat-options.ts";
import { columnOf, fittingHats, wornHats } from "../room/hat-table.ts";
import type { Scene, Services } from "../room/scene.ts";
import { equivalentCommand } from "./equivalent.ts";

const SHOWN: Answers = new Map([["active", ["1"]]]);

/* More hats than these fit no stanza. */
const MOST_ASSIGNED = 1_000;

/** Makes the six commands over the desk's own. */
export function hatCommands(services: Services, commands: readonly Command[]): Command[] {
  const own = (node: string): Command => {
    const command = commands.find((known) => known.node === node);
    if (command === undefined) throw new Error(`no command ${node}`);
    return command;
  };
  return [
    equivalentCommand(services, {
      node: HAT_NODES.create,
      own: own("define-hat"),
      vars: { title: "title", uri: "hat", hue: "hue" },
      ask: () => asking({ "hats#title": {}, "hats#uri": {}, "hats#hue": {} }),
    }),
    equivalentCommand(services, {
      node: HAT_NODES.destroy,
      own: own("retire-hat"),
      vars: { uri: "hat" },
      ask: (scene) => asking({ hat: hatsOf(services, scene) }),
    }),
    equivalentCommand(services, {
      node: HAT_NODES.list,
      own: own("list-hats"),
      vars: {},
      run: (scene) => listAsTheXep(listHats(services, scene, String)),
    }),
    equivalentCommand(services, {
      node: HAT_NODES.assign,
      own: own("add-user-hat"),
      vars: { jid: "user", uri: "hat" },
      fixed: SHOWN,
      ask: (scene) => asking({ "hats#jid": {}, "hats#uri": hatsOf(services, scene) }),
    }),
    equivalentCommand(services, {
      node: HAT_NODES.unassign,
      own: own("remove-user-hat"),
      vars: { jid: "user", uri: "hat" },
      ask: (scene) => asking({ "hats#jid": {}, "hats#uri": hatsOf(services, scene) }),
    }),
    equivalentCommand(services, {
      node: HAT_NODES.listAssigned,
      own: own("list-room-hats"),
      vars: {},
      run: (scene) => listAssigned(services, scene),
    }),
  ];
}

function asking(fields: Readonly<Record<string, Filling>>): ReadonlyMap<string, Filling> {
  return new Map(Object.entries(fields));
}

function hatsOf(services: Services, scene: Scene): Filling {
  return { options: roomHatOptions(services, scene, delegatedHats(services, scene)) };
}

/* The columns of list-hats, without the one that the XEP does not have. */
const LISTED = [
  ["title", "hats#title"],
  ["hat", "hats#uri"],
  ["hue", "hats#hue"],
] as const;

function listAsTheXep(outcome: TableOutcome): TableOutcome {
  const places = LISTED.map(([own]) => outcome.columns.findIndex((column) => column.var === own));
  const columns = LISTED.map(([, name], index) => ({
    var: name,
    label: outcome.columns[places[index] ?? 0]?.label ?? name,
  }));
  const rows = outcome.rows.map((row) => places.map((place) => row[place] ?? ""));
  return { ...outcome, columns, rows };
}

const ASSIGNED = [
  ["hats#jid", "user"],
  ["hats#uri", "hat"],
  ["hats#title", "title"],
  ["hats#hue", "hue"],
] as const;

/* Whoever is known by nick only is named by their address in the room, which any field for JIDs takes. */
function listAssigned(services: Services, scene: Scene): TableOutcome {
  const { room, asker } = scene;
  const { phrases } = asker;
  const view = services.desk.viewRoom(room);
  const wearers = firstWearers(services, scene, undefined, MOST_ASSIGNED);
  const hats = wearers.flatMap(({ name, jid, user }) =>
    wornHats(view, name === jid ? jid : `${room}/${name}`, user.hats),
  );
  const shown = fittingHats(hats.slice(0, MOST_ASSIGNED));
  const key = hats.length === 0 ? "wearers-none" : shown.length < hats.length ? "wearers-part" : "wearers";
  return {
    kind: "table",
    title: phrases.say(key, { room, shown: shown.length }),
    columns: ASSIGNED.map(([name, own]) => ({ ...columnOf(own, phrases), var: name })),
    rows: shown.map(({ user, id, title }) => [user, id, title, String(view.hat(id)?.hue ?? hueOf(title))]),
    lines: shown.map(({ user, title }) => phrases.say("worn", { user, title })),
  };
}
