/**
 * `add-user-hat`: gives one hat to one or several people; a title that the room does not know makes a hat.
 *
 * Whom a hat is delegated to gives that hat only, and leaves its title and whether it is required as they are.
 */
import { badField } from "../core/errors.ts";
import type { Expiry, Term } from "../core/expiry.ts";
import { addUserHat, wardrobeOf } from "../core/hats.ts";
import type { Attachment, HatId, RoomView } from "../core/model.ts";
import { findHatByTitle, parseTitle } from "../core/titles.ts";
import { readFlag, readValue } from "./answers.ts";
import { changePeople, quoteHats, readUsers } from "./room/change-people.ts";
import type { Answers, Command, Confirmation, Filling, Outcome, Question } from "./command.ts";
import { admitDelegate, assertMayGive, delegatedHats } from "./room/delegation.ts";
import { readExpires } from "./room/expires-field.ts";
import { readHatNamed } from "./room/hat-named.ts";
import { roomHatOptions, withNewHat } from "./room/hat-options.ts";
import { assertNotRetired, offeredHats } from "./room/offered-hats.ts";
import { offeredPeople } from "./room/offered-people.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
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
    stages: [{ name: "hat", ask: (scene, answers) => ask(services, scene, answers) }],
    admit: (scene, answers) => admitDelegate(services, scene, answers),
    run: (scene, answers) => give(services, scene, answers),
  });
}

async function ask(services: Services, scene: Scene, answers: Answers): Promise<Question> {
  const delegated = delegatedHats(services, scene);
  const user = await peopleOf(services, scene).choice("multi");
  const forAll: readonly [string, Filling][] = [
    ["user", user],
    ["active", {}],
    ["expires", {}],
    ["reason", {}],
  ];
  if (delegated !== undefined) {
    return {
      instructions: scene.asker.phrases.say("give-delegated"),
      known: offeredPeople(services, scene, user),
      ask: new Map([...forAll, ["hat", oneHatOf(services, scene, delegated)]]),
    };
  }
  const hat = withNewHat(scene, roomHatOptions(services, scene));
  return {
    known: offeredHats(answers, hat.options ?? []),
    ask: new Map([...forAll, ["hat", hat], ["title", {}], ["required", {}]]),
  };
}

function oneHatOf(services: Services, scene: Scene, hats: ReadonlySet<HatId>): Filling {
  const options = roomHatOptions(services, scene, hats);
  const only = options.length === 1 ? options.map(({ value }) => value) : [];
  const desc = scene.asker.phrases.say("hat-delegated");
  return {
    desc,
    options,
    values: only,
    required: true,
    validate: { datatype: "xs:string", method: "basic" },
  };
}

function give(services: Services, scene: Scene, answers: Answers): Promise<Confirmation | Outcome> {
  const { desk } = services;
  const users = readUsers(services, scene, answers);
  const wish = readWish(services, scene, answers);
  const flags = { active: readFlag(answers, "active", true), required: readFlag(answers, "required", false) };
  const now = desk.now();
  const expires = readExpires(answers, now);
  const isDelegate = scene.standing === "delegate";
  let given = wish.hat ?? desk.mintHatId();

  function attachmentFor(worn: Attachment | undefined, isTitleTheirs: boolean): Attachment {
    if (isDelegate) return { ...worn, active: flags.active };
    return attachment(flags, isTitleTheirs ? (wish.title ?? worn?.title) : worn?.title);
  }

  return changePeople(services, scene, answers, {
    command: NODE,
    users,
    decide(before) {
      const known = findByTitle(before, wish);
      given = known ?? given;
      assertMayGive(services, scene, before, given);
      assertNotRetired(scene, answers, before, [given]);
      return (view, user, room) => {
        const wanted = attachmentFor(wardrobeOf(room, user).get(given), known === undefined);
        return addUserHat(view, user, scene.room, given, wanted, desk.limits, termOf(now, given, expires));
      };
    },
    sayUnchanged: (name) => {
      const titles = quoteHats(services, scene, [given]);
      return scene.asker.phrases.say("unchanged", { user: name, titles, room: scene.room });
    },
  });
}

function termOf(now: Date, hat: HatId, expires: Expiry | undefined): Term {
  return expires === undefined ? { now } : { now, said: new Map([[hat, expires]]) };
}

function readWish(services: Services, scene: Scene, answers: Answers): Wish {
  const hat = readValue(answers, "hat");
  const title = readValue(answers, "title");
  if (hat === undefined && title === undefined) {
    throw badField("hat", "hat-or-title");
  }
  return {
    hat: hat === undefined ? undefined : readHatNamed(services, scene, hat, "hat", "no-hat-titled-yet"),
    title: title === undefined ? undefined : parseTitle(title, services.desk.limits),
  };
}

/* A title alone names a hat of the room if there is one; beside a hat it is the wearer's own title for it. */
function findByTitle(room: RoomView, { hat, title }: Wish): HatId | undefined {
  return hat !== undefined || title === undefined ? undefined : findHatByTitle(room, title);
}

function attachment(flags: Attachment, title: string | undefined): Attachment {
  return title === undefined ? flags : { ...flags, title };
}
