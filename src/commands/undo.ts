/** `undo`: takes one change back, or a whole bulk, as long as nothing newer stands on it. */
import { badField, HatsError } from "../core/errors.ts";
import type { RecordedEntry } from "../core/recorded.ts";
import { thingsOf } from "../core/touched.ts";
import { revertEntry, touchedUsers, undoEntry } from "../core/undo.ts";
import { readRequired } from "./answers.ts";
import type { Answers, Command, Outcome, Question } from "./command.ts";
import { changeRoom, tellOf } from "./room/change-room.ts";
import { optionsWithin } from "./room/list-choice.ts";
import { PastWords } from "./room/past-rows.ts";
import type { Scene, Services } from "./room/scene.ts";
import { roomCommand } from "./room/room-command.ts";
import { OPTION_BUDGET, ROW_BUDGET, takeWithin } from "./room/stanza-budget.ts";

const NODE = "undo";

/* How far back changes are offered to choose from, in rows of the history, and how many at most. */
const ROWS_BACK = 200;
const MAX_OFFERED = 20;
const ID = /^\d{1,15}$/;

/** Makes the command. */
export function undoCommand(services: Services): Command {
  return roomCommand(services, {
    node: NODE,
    stages: [{ name: "change", ask: (scene) => ask(services, scene) }],
    run: (scene, answers) => undo(services, scene, answers),
  });
}

async function ask(services: Services, scene: Scene): Promise<Question> {
  const { entries } = await services.desk.pastPage({ room: scene.room, rows: ROWS_BACK });
  const words = new PastWords(services, scene);
  const possible = entries.filter((entry) => isPossible(services, entry)).slice(0, MAX_OFFERED);
  const options = possible.map((entry) => ({ label: words.label(entry), value: String(entry.seq) }));
  const offered = optionsWithin(options, OPTION_BUDGET);
  if (offered.length > 0) return { ask: new Map([["id", { options: offered }]]) };
  return { ask: new Map([["id", { type: "text-single" }]]), summary: scene.asker.phrases.say("undo-none") };
}

/* As far as the desk itself knows: whether everybody is still affiliated is the room's to say. */
function isPossible({ desk }: Services, entry: RecordedEntry): boolean {
  try {
    return revertEntry(desk.view(), entry, desk.now().toISOString(), desk.limits).length > 0;
  } catch (error) {
    if (error instanceof HatsError) return false;
    throw error;
  }
}

async function undo(services: Services, scene: Scene, answers: Answers): Promise<Outcome> {
  const { desk } = services;
  const id = readRequired(answers, "id");
  if (!ID.test(id)) throw badField("id", "not-a-change-number");
  const entry = await desk.pastEntry(scene.room, Number(id));
  if (entry === undefined) throw badField("id", "no-such-change");
  const receipt = await changeRoom(services, scene, {
    command: NODE,
    users: touchedUsers(entry),
    undoes: entry.seq,
    decide: (view) => undoEntry(view, entry, desk.now().toISOString(), desk.limits),
  });
  return tellOf(services, scene, receipt, linesOf(services, scene, entry));
}

/* Each thing goes from what it was after to what it was before. */
function linesOf(services: Services, scene: Scene, entry: RecordedEntry): string[] {
  const { phrases } = scene.asker;
  const words = new PastWords(services, scene);
  const lines = thingsOf(entry).map((thing, index) => {
    const { whom, before, after } = words.row(entry, thing, index);
    return words.change({ whom, before: after, after: before });
  });
  const told = takeWithin(lines, ROW_BUDGET, (line) => [line]);
  const left = lines.length - told.length;
  return [
    phrases.say("undone", { id: entry.seq, room: scene.room }),
    ...told,
    ...(left > 0 ? [phrases.say("and-more", { count: left })] : []),
  ];
}
