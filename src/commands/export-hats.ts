/** `export-hats`: a room's hats and people as a document, which import-hats takes; a large one comes in parts. */
import { readValue } from "./answers.ts";
import {
  type Answers,
  type Command,
  NOTHING_TO_ASK,
  type Outcome,
  type Part,
  type Reading,
  type Skip,
} from "./command.ts";
import { buildPart, type DocumentPart } from "./documents/room-document.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";

/** Makes the command. */
export function exportHatsCommand(services: Services): Command {
  return roomCommand(services, {
    node: "export-hats",
    stages: [{ name: "part", ask: (scene, answers) => showPart(services, scene, answers) }],
    run: (scene, answers) => exportPart(services, scene, answers),
  });
}

/* The last part is the answer itself, and so is the only one. */
function showPart(services: Services, scene: Scene, answers: Answers): Part | Skip {
  const part = partAfter(services, scene, answers);
  if (part.next === undefined) return NOTHING_TO_ASK;
  return { ...reading(scene, part), known: new Map([["after", [part.next]]]) };
}

function exportPart(services: Services, scene: Scene, answers: Answers): Outcome {
  return { kind: "reading", ...reading(scene, partAfter(services, scene, answers)) };
}

function partAfter({ desk }: Services, { room }: Scene, answers: Answers): DocumentPart {
  return buildPart(room, desk.viewRoom(room), readValue(answers, "after"));
}

function reading({ room, asker }: Scene, { lines, next }: DocumentPart): Reading {
  const { phrases } = asker;
  if (next === undefined)
    return { title: phrases.say("exported", { room }), values: new Map([["document", lines]]) };
  return {
    title: phrases.say("exported-part", { room, key: next }),
    values: new Map([
      ["document", lines],
      ["after", [next]],
    ]),
  };
}
