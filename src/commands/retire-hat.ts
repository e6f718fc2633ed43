/** `retire-hat`: takes a hat off everybody and out of the room's catalogue, after saying who has it. */
import { retireHat, unknownHat, wearersOf } from "../core/catalogue.ts";
import type { BareJid } from "../core/jid.ts";
import { shownTitle } from "../core/titles.ts";
import {
  type Answers,
  type Command,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
} from "./command.ts";
import { askHat, changeRoom, readHat, sayNoHats, tellOf } from "./room/change-room.ts";
import { nameSeveral, peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

const NODE = "retire-hat";

/** Makes the command. */
export function retireHatCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [
      { name: "hat", ask: (scene) => askHat(services, scene) },
      { name: "confirm", ask: (scene, answers) => confirm(services, scene, answers) },
    ],
    run: (scene, answers) => sayNoHats(services, scene) ?? retire(services, scene, answers),
  });
}

function confirm(services: Services, scene: Scene, answers: Answers): Question | Skip {
  if (sayNoHats(services, scene) !== undefined) return NOTHING_TO_ASK;
  const hat = readHat(services, scene, answers);
  const view = services.desk.viewRoom(scene.room);
  if (view.hat(hat) === undefined) throw unknownHat();
  const wearers = wearersOf(view, hat);
  const title = shownTitle(view, hat);
  return { ask: new Map(), summary: sayWearers(services, scene, "retire", title, wearers) };
}

async function retire(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const hat = readHat(services, scene, answers);
  const receipt = await changeRoom(services, scene, {
    command: NODE,
    decide: (view) => retireHat(view, scene.room, hat),
  });
  const wearers = receipt.changes.flatMap((change) => (change.kind === "user" ? [change.user] : []));
  const title = receipt.changes.find((change) => change.kind === "hat")?.before?.title ?? hat;
  return tellOf(services, scene, receipt, [sayWearers(services, scene, "retired", title, wearers)]);
}

function sayWearers(
  services: Services,
  scene: Scene,
  phrase: "retire" | "retired",
  title: string,
  wearers: readonly BareJid[],
): string {
  const { phrases } = scene.asker;
  const users = nameSeveral(peopleOf(services, scene), wearers, phrases);
  const key = wearers.length === 0 ? `${phrase}-unworn` : phrase;
  return phrases.say(key, { title, room: scene.room, users });
}
