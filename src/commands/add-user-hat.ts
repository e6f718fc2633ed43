/** `add-user-hat`: gives one hat to one or several people; a title that the room does not know makes a hat. */
import { badField } from "../core/errors.ts";
import { addUserHat, wardrobeOf } from "../core/hats.ts";
import { parseHatId } from "../core/hat-id.ts";
import type { Attachment, HatId, RoomView } from "../core/model.ts";
import { findHatByTitle, parseTitle } from "../core/titles.ts";
import { readFlag, readValue, refuseUnsupported } from "./answers.ts";
import { changePeople, quoteHats, readUsers } from "./room/change-people.ts";
import type { Answers, Command, Outcome, Question } from "./command.ts";
import { hatOptions } from "./room/hat-options.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/room-access.ts";
import { roomCommand } from "./room/room-command.ts";

const NODE = "add-user-hat";

/* Which hat was asked for, and which title for it. */
interface Wish {
  readonly hat: HatId | undefined;
  readonly title: string | undefined;
}

/** Makes the command. */
export function addUserHatCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [{ name: "hat", ask: (scene) => ask(services, scene) }],
    run: (scene, answers) => give(services, scene, answers),
  });
}

async function ask(services: Services, scene: Scene): Promise<Question> {
  const view = services.desk.view().room(scene.room);
  const known = view === undefined ? [] : hatOptions(view, view.hatIds());
  const aNewHat = { label: scene.asker.phrases.say("a-new-hat"), value: "" };
  return {
    ask: new Map([
      ["user", await peopleOf(services, scene).choice("multi")],
      ["hat", { options: [aNewHat, ...known], values: [""] }],
      ["title", {}],
      ["active", {}],
      ["required", {}],
      ["reason", {}],
    ]),
  };
}

async function give(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const { desk, limits } = services;
  refuseUnsupported(answers, "expires");
  const users = readUsers(peopleOf(services, scene), answers);
  const wish = readWish(answers, services);
  const flags = { active: readFlag(answers, "active", true), required: readFlag(answers, "required", false) };
  let given = wish.hat ?? desk.mintHatId();
  return changePeople(services, scene, answers, {
    command: NODE,
    users,
    decide(before) {
      const known = findByTitle(before.room(scene.room), wish);
      given = known ?? given;
      return (view, user) => {
        const room = view.room(scene.room);
        const worn = room && wardrobeOf(room, user).get(given);
        const title = known === undefined ? (wish.title ?? worn?.title) : worn?.title;
        return addUserHat(view, user, scene.room, given, attachment(flags, title), limits);
      };
    },
    sayUnchanged: (name) => {
      const titles = quoteHats(services, scene, [given]);
      return scene.asker.phrases.say("unchanged", { user: name, titles, room: scene.room });
    },
  });
}

function readWish(answers: Answers, { limits }: Services): Wish {
  const hat = readValue(answers, "hat");
  const title = readValue(answers, "title");
  if (hat === undefined && title === undefined) {
    throw badField("hat", "choose a hat, or give a title for a new one");
  }
  return {
    hat: hat === undefined ? undefined : parseHatId(hat),
    title: title === undefined ? undefined : parseTitle(title, limits),
  };
}

/* A title alone names a hat of the room if there is one; beside a hat it is the wearer's own title for it. */
function findByTitle(room: RoomView | undefined, { hat, title }: Wish): HatId | undefined {
  if (room === undefined || hat !== undefined || title === undefined) return undefined;
  return findHatByTitle(room, title);
}

function attachment(flags: Attachment, title: string | undefined): Attachment {
  return title === undefined ? flags : { ...flags, title };
}
