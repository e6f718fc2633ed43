/** `define-hat`: makes a hat of a room, or changes its title, its colour, or how long it usually is worn. */
import { defineHat, type HatWish } from "../core/catalogue.ts";
import type { HatChange } from "../core/change.ts";
import type { Hat, HatId } from "../core/model.ts";
import { findHatByTitle, parseTitle, shownTitle } from "../core/titles.ts";
import type { Receipt } from "../desk/desk.ts";
import { hueOf } from "../stanza/hue.ts";
import { buildDuration } from "../stanza/duration.ts";
import { readRequired, readValue } from "./answers.ts";
import { parseColour, sayHue } from "./colour.ts";
import type { Answers, Command, Filling, Outcome, Question, Skip } from "./command.ts";
import { changeRoom, tellOf } from "./room/change-room.ts";
import { readDefaultExpires } from "./room/expires-field.ts";
import { readHatNamed } from "./room/hat-named.ts";
import { roomHatOptions, withNewHat } from "./room/hat-options.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

const NODE = "define-hat";

/** Makes the command. */
export function defineHatCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [
      { name: "hat", ask: (scene) => askHat(services, scene) },
      { name: "look", ask: (scene, answers) => askLook(services, scene, answers) },
    ],
    run: (scene, answers) => define(services, scene, answers),
  });
}

function askHat(services: Services, scene: Scene): Question | Skip {
  const known = roomHatOptions(services, scene);
  if (known.length === 0) return { known: new Map([["hat", [""]]]) };
  return { ask: new Map([["hat", withNewHat(scene, known)]]) };
}

/* What is set now stands there already. */
function askLook(services: Services, scene: Scene, answers: Answers): Question {
  const { desk } = services;
  const { room, asker } = scene;
  const hat = readHat(services, scene, answers);
  const known = hat && desk.viewRoom(room).hat(hat);
  const filled = (value: string | undefined): Filling => (value === undefined ? {} : { values: [value] });
  const title = known?.title ?? hat;
  return {
    ...(title === undefined ? {} : { summary: asker.phrases.say("this-hat", { title }) }),
    ask: new Map([
      ["title", filled(known?.title)],
      ["hue", filled(known && sayOwnHue(known))],
      [
        "default-expires",
        filled(known?.defaultExpires === undefined ? undefined : buildDuration(known.defaultExpires)),
      ],
    ]),
  };
}

/* A colour that is the title's is left out, so that it goes with the title. */
function sayOwnHue({ title, hue }: Hat): string | undefined {
  return hue === undefined || (title !== undefined && hue === hueOf(title)) ? undefined : sayHue(hue);
}

async function define(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const { desk } = services;
  const named = readHat(services, scene, answers);
  const wish = readWish(services, answers);
  let hat = named ?? desk.mintHatId();
  const receipt = await changeRoom(services, scene, {
    command: NODE,
    decide(view, room) {
      const titled = named === undefined ? findHatByTitle(room, wish.title) : undefined;
      hat = titled ?? hat;
      const before = room.hat(hat);
      /* A hat that is named by its title keeps it, in its own spelling. */
      const title = titled === undefined ? wish.title : (before?.title ?? wish.title);
      const isUnseen = titled !== undefined && !scene.asker.isOneShot;
      const look = isUnseen ? withoutEmptied(wish) : wish;
      return defineHat(view, scene.room, hat, withSettledHue({ ...look, title }, before), desk.limits);
    },
  });
  return tellOf(services, scene, receipt, [sayDefined(services, scene, receipt, hat)]);
}

function readHat(services: Services, scene: Scene, answers: Answers): HatId | undefined {
  const hat = readValue(answers, "hat");
  return hat === undefined ? undefined : readHatNamed(services, scene, hat, "hat", "no-hat-titled-yet");
}

/* What is left out stays. A colour that is emptied is the title's again, a time that is emptied has no end. */
function readWish({ desk }: Services, answers: Answers): HatWish {
  const title = parseTitle(readRequired(answers, "title"), desk.limits);
  const hue = readValue(answers, "hue");
  const defaultExpires = readDefaultExpires(answers);
  return {
    title,
    ...(answers.has("hue") ? { hue: hue === undefined ? null : parseColour(hue) } : {}),
    ...(defaultExpires === undefined ? {} : { defaultExpires }),
  };
}

/* Who filled out the form of a new hat was not shown what this one is like, so that to leave it empty took nothing away. */
function withoutEmptied({ title, hue, defaultExpires }: HatWish): HatWish {
  return {
    title,
    ...(typeof hue === "number" ? { hue } : {}),
    ...(typeof defaultExpires === "number" ? { defaultExpires } : {}),
  };
}

/*
 * The colour of a new hat may be left to its title. A hat that rooms show already has a colour there, which does not
 * follow the title by itself: where either changes, its hue is said.
 */
function withSettledHue(wish: HatWish, before: Hat | undefined): HatWish {
  const { hue, ...rest } = wish;
  if (typeof hue === "number") return wish;
  const isTitlesOwn = before?.hue === undefined && before?.title === wish.title;
  if (before === undefined || isTitlesOwn) return rest;
  if (hue === null) return { ...rest, hue: hueOf(wish.title) };
  return { ...rest, hue: before.hue ?? hueOf(before.title ?? wish.title) };
}

function sayDefined({ desk }: Services, { room, asker }: Scene, receipt: Receipt, hat: HatId): string {
  const change = receipt.changes.find((entry) => entry.kind === "hat");
  const title = change?.after?.title ?? shownTitle(desk.viewRoom(room), hat);
  return asker.phrases.say(phraseFor(change), { room, hat, title, before: change?.before?.title ?? hat });
}

function phraseFor(change: HatChange | undefined): string {
  if (change === undefined) return "hat-unchanged";
  if (change.before === undefined) return "hat-made";
  return change.before.title === change.after?.title ? "hat-changed" : "hat-renamed";
}
