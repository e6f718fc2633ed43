/** `set-user-hats`: says which hats one or several people have afterwards, all of them, and in which way. */
import { badField } from "../core/errors.ts";
import { isHatId } from "../core/hat-id.ts";
import { setUserHats, wardrobeOf } from "../core/hats.ts";
import { type Attachment, type HatId, NO_HATS, type Wardrobe } from "../core/model.ts";
import { parseTitle } from "../core/titles.ts";
import { readList } from "./answers.ts";
import { changePeople, quoteHats, readAffiliated, readUsers, sayWhose } from "./room/change-people.ts";
import type { Answers, Command, Confirmation, Filling, Outcome, Question } from "./command.ts";
import { readHatNamed } from "./room/hat-named.ts";
import { hatOptions } from "./room/hat-options.ts";
import { assertNotRetired, offeredHats } from "./room/offered-hats.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";
import { OPTION_BUDGET } from "./room/stanza-budget.ts";

const NODE = "set-user-hats";

/* What to set, before it is known what each person had. */
interface Wish {
  readonly hats: readonly HatId[];
  readonly hidden: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  readonly titles: ReadonlyMap<string, string>;
}

/** Makes the command. */
export function setUserHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [
      { name: "person", ask: (scene) => askPerson(services, scene) },
      { name: "hats", ask: (scene, answers) => askHats(services, scene, answers) },
    ],
    run: (scene, answers) => set(services, scene, answers),
  });
}

async function askPerson(services: Services, scene: Scene): Promise<Question> {
  return { ask: new Map([["user", await peopleOf(services, scene).choice("multi")]]) };
}

/* What is offered three times, with what is chosen of it. */
const LIST_BUDGET = OPTION_BUDGET / 4;

/* For one person what is set now is chosen already; for several, nothing is. */
async function askHats(services: Services, scene: Scene, answers: Answers): Promise<Question> {
  const users = await readAffiliated(services, scene, answers);
  const [user, ...others] = users;
  const room = services.desk.viewRoom(scene.room);
  const worn = user === undefined || others.length > 0 ? NO_HATS : wardrobeOf(room, user);
  const options = hatOptions(room, [...worn.keys(), ...room.hatIds()], LIST_BUDGET, new Set(worn.keys()));
  const offered = new Set(options.map(({ value }) => value));
  /* A hat that cannot be shown as chosen would count as taken away. */
  if (![...worn.keys()].every((id) => offered.has(id))) throw badField("user", "hats-fill-form");
  const chosen = (fits: (attachment: Attachment) => boolean): Filling => ({
    options,
    values: [...worn].filter(([, attachment]) => fits(attachment)).map(([id]) => id),
  });
  return {
    summary: sayWhose(services, scene, users),
    known: offeredHats(answers, options),
    ask: new Map([
      ["hats", chosen(() => true)],
      ["hidden-hats", chosen(({ active }) => active !== true)],
      ["required-hats", chosen(({ required }) => required === true)],
      ["reason", {}],
    ]),
  };
}

async function set(services: Services, scene: Scene, answers: Answers): Promise<Confirmation | Outcome> {
  const users = readUsers(services, scene, answers);
  const wish = readWish(services, scene, answers);
  return changePeople(services, scene, answers, {
    command: NODE,
    users,
    decide(before) {
      assertNotRetired(scene, answers, before, wish.hats, "hats");
      return (view, user, room) => {
        const hats = wardrobeFrom(wish, wardrobeOf(room, user));
        return setUserHats(view, user, scene.room, hats, services.desk.limits, { now: services.desk.now() });
      };
    },
    sayUnchanged(name) {
      const titles = quoteHats(services, scene, wish.hats);
      const phrase = wish.hats.length === 0 ? "unchanged-none" : "unchanged";
      return scene.asker.phrases.say(phrase, { user: name, titles, room: scene.room });
    },
  });
}

function readWish(services: Services, scene: Scene, answers: Answers): Wish {
  if (!answers.has("hats")) throw badField("hats", "missing-none");
  const named = (field: string): HatId[] =>
    readList(answers, field).map((value) => readHatNamed(services, scene, value, field));
  const hats = [...new Set(named("hats"))];
  return {
    hats,
    hidden: partOf(hats, "hidden-hats", named),
    required: partOf(hats, "required-hats", named),
    titles: readTitles(answers, hats, (title) => parseTitle(title, services.desk.limits, "titles")),
  };
}

function partOf(
  hats: readonly HatId[],
  field: string,
  named: (field: string) => HatId[],
): ReadonlySet<string> {
  const part = named(field);
  if (!part.every((hat) => hats.includes(hat))) throw badField(field, "not-among-hats");
  return new Set(part);
}

function readTitles(
  answers: Answers,
  hats: readonly string[],
  parse: (title: string) => string,
): ReadonlyMap<string, string> {
  const titles = new Map<string, string>();
  for (const line of readList(answers, "titles")) {
    const space = line.indexOf(" ");
    const hat = line.slice(0, space);
    if (space < 0 || !isHatId(hat)) throw badField("titles", "not-a-title-line");
    if (!hats.includes(hat)) throw badField("titles", "titled-not-among-hats");
    const title = parse(line.slice(space + 1));
    const other = titles.get(hat) ?? title;
    if (other !== title) throw badField("titles", "said-otherwise", { place: `${hat} ${other}` });
    titles.set(hat, title);
  }
  return titles;
}

function wardrobeFrom(wish: Wish, worn: Wardrobe): Map<string, Attachment> {
  return new Map(
    wish.hats.map((id) => {
      const title = wish.titles.get(id) ?? worn.get(id)?.title;
      const flags = { active: !wish.hidden.has(id), required: wish.required.has(id) };
      return [id, title === undefined ? flags : { ...flags, title }];
    }),
  );
}
