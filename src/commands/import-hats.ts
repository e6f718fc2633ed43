/**
 * `import-hats`: hats and people from a document, all of it or nothing, as one change of the room.
 *
 * A document that is longer than a stanza comes in parts; each is judged as it comes, so that a mistake is mended where
 * it stands. What would change is worked out in the same way for a trial, for the confirmation and for the change itself.
 */
import type { Change } from "../core/change.ts";
import { badField } from "../core/errors.ts";
import { isTooFarAhead } from "../core/expiry.ts";
import { countOver, type ImportDocument, type ImportMode, importHats } from "../core/import.ts";
import type { BareJid } from "../core/jid.ts";
import { isAffiliated } from "../core/model.ts";
import type { Receipt } from "../desk/desk.ts";
import { readFlag, readValue } from "./answers.ts";
import type { Answers, Command, Confirmation, Outcome, Question } from "./command.ts";
import { parseDocument } from "./documents/document.ts";
import { changeRoom, tellOf } from "./room/change-room.ts";
import { isToBeConfirmed } from "./room/confirmation.ts";
import { parseExpires } from "./room/expires-field.ts";
import { changesTable, type ImportChanges, rowLines, summarize, tellChanges } from "./room/import-changes.ts";
import { peopleOf } from "./room/people.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";
import { refuseStrangers } from "./room/several-people.ts";

const NODE = "import-hats";

/* How many bytes of rows the confirmation shows, above its form. */
const CONFIRMED_ROWS = 4 * 1024;

const MODES: readonly ImportMode[] = ["merge", "replace"];

/** Makes the command. */
export function importHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [
      {
        name: "document",
        gathers: ["document"],
        ask: (scene, answers) => askDocument(services, scene, answers),
      },
    ],
    run: (scene, answers) => run(services, scene, answers),
  });
}

async function askDocument(services: Services, scene: Scene, answers: Answers): Promise<Question> {
  const { phrases } = scene.asker;
  const modes = MODES.map((mode) => ({ label: phrases.say(`import-${mode}`), value: mode }));
  const ask: Question["ask"] = new Map([
    ["document", {}],
    ["mode", { options: modes, values: ["merge"] }],
    ["dry-run", {}],
  ]);
  if (!(answers.get("document") ?? []).some((line) => line.trim() !== "")) return { ask };
  const document = await readDocument(services, scene, answers);
  await affiliatedUsers(services, scene, document);
  return { ask, summary: phrases.say("import-so-far", { count: document.rows.length }) };
}

async function run(services: Services, scene: Scene, answers: Answers): Promise<Confirmation | Outcome> {
  const { phrases } = scene.asker;
  const isTrial = readFlag(answers, "dry-run", false);
  const { changes, receipt, isDone } = await decide(services, scene, answers, isTrial);
  if (isTrial) return changesTable(summarize("importing", changes, scene), changes, phrases);
  if (isDone) {
    const lines = [`${summarize("imported", changes, scene)}.`, ...rowLines(changes, phrases)];
    return tellOf(services, scene, receipt, lines);
  }
  const lines = rowLines(changes, phrases, CONFIRMED_ROWS);
  return {
    kind: "confirmation",
    summary: [`${summarize("importing", changes, scene)}.`, ...lines].join("\n"),
  };
}

interface Decision {
  readonly changes: ImportChanges;
  readonly receipt: Receipt;
  readonly isDone: boolean;
}

/* A trial, and what is to be confirmed, are decided in the same way; then nothing is done. */
async function decide(
  services: Services,
  scene: Scene,
  answers: Answers,
  isTrial: boolean,
): Promise<Decision> {
  const { desk } = services;
  const mode = readMode(answers);
  const document = await readDocument(services, scene, answers);
  const users = await affiliatedUsers(services, scene, document);
  const options = {
    mode,
    limits: desk.limits,
    now: desk.now(),
    mintHatId: () => desk.mintHatId(),
  };
  let decided: readonly Change[] = [];
  let isDone = false;
  const receipt = await changeRoom(services, scene, {
    command: NODE,
    users,
    decide(view) {
      decided = importHats(view, scene.room, document, options);
      isDone = !isTrial && !isToBeConfirmed(scene.asker, decided);
      return isDone ? decided : [];
    },
  });
  const over = countOver(document, options.now);
  return { changes: tellChanges(desk.view(), scene.room, decided, over), receipt, isDone };
}

function readMode(answers: Answers): ImportMode {
  const value = readValue(answers, "mode") ?? "merge";
  const mode = MODES.find((known) => known === value);
  if (mode === undefined) throw badField("mode", "not-one-of", { values: MODES.join(", ") });
  return mode;
}

function readDocument(services: Services, scene: Scene, answers: Answers): Promise<ImportDocument> {
  const people = peopleOf(services, scene);
  return parseDocument(answers.get("document") ?? [], {
    room: scene.room,
    limits: services.desk.limits,
    findUser: (text) => people.find(text),
    parseExpiry: (text) => parseExpires(text, services.desk.now()),
    isTooFarAhead: (moment) => isTooFarAhead(Date.parse(moment), services.desk.now().getTime()),
  });
}

/* All of them are looked at, so that the refusal names more than the first. */
async function affiliatedUsers(
  { rooms }: Services,
  { room }: Scene,
  { rows, grants }: ImportDocument,
): Promise<BareJid[]> {
  const granted = [...grants.values()].flatMap((grant) => grant.users);
  const users = [...new Set([...rows.map(({ user }) => user), ...granted])];
  const affiliations = await Promise.all(users.map((user) => rooms.affiliation(room, user)));
  const strangers = users.filter((_, index) => !isAffiliated(affiliations[index] ?? "none"));
  if (strangers.length === 0) return users;
  throw refuseStrangers(strangers);
}
