/** `delegate-hat`: says who may give and take one hat, besides those who may give and take all. */
import { unknownHat } from "../core/catalogue.ts";
import { delegateHat } from "../core/grants.ts";
import type { Grant, HatId } from "../core/model.ts";
import { shownTitle } from "../core/titles.ts";
import type { Receipt } from "../desk/desk.ts";
import { readFlag, readList } from "./answers.ts";
import {
  type Answers,
  type Command,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
} from "./command.ts";
import { quoteHats } from "./room/change-people.ts";
import { askHat, changeRoom, readHat, sayNoHats } from "./room/change-room.ts";
import { nameSeveral, peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";
import { assertAffiliated, findSeveral } from "./room/several-people.ts";

const NODE = "delegate-hat";

/** Makes the command. */
export function delegateHatCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [
      { name: "hat", ask: (scene) => askHat(services, scene) },
      { name: "people", ask: (scene, answers) => askPeople(services, scene, answers) },
    ],
    run: (scene, answers) => sayNoHats(services, scene) ?? delegate(services, scene, answers),
  });
}

/* Who may give it now is chosen already, but for those who have left the room since. */
async function askPeople(services: Services, scene: Scene, answers: Answers): Promise<Question | Skip> {
  if (sayNoHats(services, scene) !== undefined) return NOTHING_TO_ASK;
  const hat = readHat(services, scene, answers);
  const room = services.desk.viewRoom(scene.room);
  if (room.hat(hat) === undefined) throw unknownHat();
  const { users, members }: Grant = room.grant(hat) ?? { users: [], members: false };
  return {
    summary: scene.asker.phrases.say("this-hat", { title: shownTitle(room, hat) }),
    ask: new Map([
      ["user", await peopleOf(services, scene).choice("multi", users)],
      ["members", { values: [members ? "1" : "0"] }],
    ]),
  };
}

async function delegate(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const people = peopleOf(services, scene);
  const hat = readHat(services, scene, answers);
  const users = findSeveral(people, readList(answers, "user"));
  const grant: Grant = { users, members: readFlag(answers, "members", false) };
  const receipt = await changeRoom(services, scene, {
    command: NODE,
    users,
    decide(view, room) {
      if (room.hat(hat) !== undefined) assertAffiliated(people, users, (user) => room.affiliation(user));
      return delegateHat(view, scene.room, hat, grant);
    },
  });
  return { kind: "text", severity: "info", lines: [sayGrant(services, scene, hat, grant, receipt)] };
}

function sayGrant(
  services: Services,
  scene: Scene,
  hat: HatId,
  { users, members }: Grant,
  { changes }: Receipt,
): string {
  const { room, asker } = scene;
  const who = members ? "members" : users.length > 0 ? "people" : "nobody";
  const names = nameSeveral(peopleOf(services, scene), users, asker.phrases);
  return asker.phrases.say(`grant-${who}${changes.length === 0 ? "-unchanged" : ""}`, {
    title: quoteHats(services, scene, [hat]),
    users: names,
    count: users.length,
    room,
  });
}
