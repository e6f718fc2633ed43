/**
 * `remove-user-hat`: takes one hat from one or several people; who does not have it keeps what they have.
 *
 * Whom a hat is delegated to takes that hat only.
 */
import { badField } from "../core/errors.ts";
import { removeUserHat, wardrobeOf } from "../core/hats.ts";
import type { BareJid } from "../core/jid.ts";
import type { HatId } from "../core/model.ts";
import { changePeople, quoteHats, readAffiliated, readUsers, sayWhose } from "./room/change-people.ts";
import { readHat } from "./room/change-room.ts";
import {
  type Answers,
  type Command,
  type Confirmation,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
} from "./command.ts";
import { admitDelegate, assertMayGive, delegatedHats } from "./room/delegation.ts";
import { roomHatOptions } from "./room/hat-options.ts";
import { offeredPeople } from "./room/offered-people.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

const NODE = "remove-user-hat";

/** Makes the command. */
export function removeUserHatCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [
      { name: "person", ask: (scene) => askPerson(services, scene) },
      { name: "hat", ask: (scene, answers) => askHat(services, scene, answers) },
    ],
    admit: (scene, answers) => admitDelegate(services, scene, answers),
    run: (scene, answers) =>
      isSurelyNobody(services, scene) ? sayNobody(scene) : take(services, scene, answers),
  });
}

/* Of somebody absent a delegate is not to learn whether they have a hat: they are asked all the same. */
function isSurelyNobody({ desk }: Services, { room, standing, asker }: Scene): boolean {
  return !asker.isOneShot && standing !== "delegate" && desk.durableRoom(room).users.size === 0;
}

function sayNobody({ asker, room }: Scene): Outcome {
  return { kind: "text", severity: "info", lines: [`${asker.phrases.say("wearers-none", { room })}.`] };
}

/* Who has nothing to take away is not offered. */
async function askPerson(services: Services, scene: Scene): Promise<Question | Skip> {
  if (isSurelyNobody(services, scene)) return NOTHING_TO_ASK;
  const hasHats = (user: BareJid): boolean => hatsToTake(services, scene, user).length > 0;
  const user = await peopleOf(services, scene).choice("multi", [], hasHats);
  return { known: offeredPeople(services, scene, user), ask: new Map([["user", user]]) };
}

async function askHat(services: Services, scene: Scene, answers: Answers): Promise<Question | Skip> {
  if (isSurelyNobody(services, scene)) return NOTHING_TO_ASK;
  const users = await readAffiliated(services, scene, answers);
  const worn = users.flatMap((user) => hatsToTake(services, scene, user));
  if (worn.length === 0) throw badField("user", "no-hat-to-take");
  return {
    summary: sayWhose(services, scene, users),
    ask: new Map([
      ["hat", { options: roomHatOptions(services, scene, worn) }],
      ["reason", {}],
    ]),
  };
}

function hatsToTake(services: Services, scene: Scene, user: BareJid): HatId[] {
  const delegated = delegatedHats(services, scene);
  const worn = wardrobeOf(services.desk.viewRoom(scene.room), user);
  return [...worn.keys()].filter((id) => delegated?.has(id) ?? true);
}

function take(services: Services, scene: Scene, answers: Answers): Promise<Confirmation | Outcome> {
  const users = readUsers(services, scene, answers);
  const hat = readHat(services, scene, answers);
  return changePeople(services, scene, answers, {
    command: NODE,
    users,
    decide(before) {
      assertMayGive(services, scene, before, hat);
      return (view, user) => removeUserHat(view, user, scene.room, hat);
    },
    sayUnchanged: (name) => {
      const titles = quoteHats(services, scene, [hat]);
      return scene.asker.phrases.say("unchanged-not-worn", { user: name, titles, room: scene.room });
    },
  });
}
