/** `list-user-hats`: the hats of one person, as a table. */
import { badField } from "../core/errors.ts";
import { wardrobeOf } from "../core/hats.ts";
import { readAffiliated } from "./room/change-people.ts";
import type { Answers, Command, Outcome, Question } from "./command.ts";
import { fittingHats, wornHats, wornTable } from "./room/hat-table.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

/** Makes the command. */
export function listUserHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: "list-user-hats",
    stages: [{ name: "person", ask: (scene) => askPerson(services, scene) }],
    run: (scene, answers) => list(services, scene, answers),
  });
}

async function askPerson(services: Services, scene: Scene): Promise<Question> {
  return { ask: new Map([["user", await peopleOf(services, scene).choice("single")]]) };
}

async function list(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const { room, asker } = scene;
  const [user, ...others] = await readAffiliated(services, scene, answers);
  if (others.length > 0) throw badField("user", "several-values");
  const view = services.desk.viewRoom(room);
  const name = user && peopleOf(services, scene).name(user);
  if (user === undefined || name === undefined) throw badField("user", "missing");
  const hats = wornHats(view, name, wardrobeOf(view, user), view.expiries(user));
  const shown = fittingHats(hats);
  const counts = { count: hats.length, shown: shown.length };
  const title = asker.phrases.say(titleKey(counts), { user: name, room, ...counts });
  return wornTable(title, shown, asker.phrases);
}

function titleKey({ count, shown }: { readonly count: number; readonly shown: number }): string {
  if (count === 0) return "hats-of-none";
  return shown < count ? "hats-of-part" : "hats-of";
}
