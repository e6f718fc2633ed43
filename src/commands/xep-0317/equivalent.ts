/**
 * A command of XEP-0317 (0.3.1, sections 3.2 to 3.7) as another way to run one of the desk's own.
 *
 * It has the fields and the form of the XEP and nothing else of its own: rights, values, changes, history and texts are
 * those of the command that it stands for. It exists only where the XEP has it, at a room: here at the bot's place in
 * the room. At the bot's own address there is no such node.
 */
import { HatsError } from "../../core/errors.ts";
import type { Submission } from "../../stanza/data-form.ts";
import { findHatVars, type HatFieldMeaning, type HatVars } from "../../stanza/hat-commands.ts";
import type { Answers, Asker, Command, Filling, Outcome, Question } from "../command.ts";
import { offeredHats, offeredIn } from "../room/offered-hats.ts";
import { enterRoom } from "../room/room-access.ts";
import type { Scene, Services } from "../room/scene.ts";

/** How a command of the XEP stands for one of the desk's own. */
export interface Equivalent {
  readonly node: string;
  readonly own: Command;
  /** What the desk's own command calls what a field means; of these the first that is in the form is asked. */
  readonly vars: Readonly<Partial<Record<HatFieldMeaning, string>>>;
  /** The answers that the XEP leaves out. */
  readonly fixed?: Answers;
  /** The fields of its one form, by the vars of the XEP; absent where it asks nothing. */
  readonly ask?: (scene: Scene) => ReadonlyMap<string, Filling>;
  /** Runs in place of the desk's own command. */
  readonly run?: (scene: Scene) => Outcome;
}

/** The stage of every form of the XEP. */
export const STAGE = "hat";

/** Makes the command. */
export function equivalentCommand(services: Services, equivalent: Equivalent): Command {
  const { node, own, ask, run } = equivalent;
  const enter = (asker: Asker): Promise<Scene> | Scene => {
    assertInRoom(asker);
    return enterRoom(services, asker, own.node, new Map());
  };
  return {
    node,
    stages:
      ask === undefined
        ? []
        : [{ name: STAGE, ask: async (asker, answers) => asking(ask(await enter(asker)), answers) }],
    isOffered: (requester) => requester.kind === "occupant" && own.isOffered(requester),
    respell,
    judge: (asker, answers) => {
      assertInRoom(asker);
      return inItsWords(equivalent, answers, (translated) => own.judge?.(asker, translated));
    },
    async run(asker, answers) {
      const scene = await enter(asker);
      if (run !== undefined) return run(scene);
      return await inItsWords(equivalent, answers, (translated) => own.run(asker, translated));
    },
  };
}

function asking(fields: ReadonlyMap<string, Filling>, answers: Answers): Question {
  const options = [...fields.values()].flatMap((filling) => filling.options ?? []);
  return { ask: fields, known: offeredHats(answers, options) };
}

/* The XEP's own example answers the form that asks for `hat` with `hats#uri`. */
function respell(submission: Submission, vars: readonly string[]): Submission {
  const asked = varsIn(vars);
  const given = varsIn([...submission.keys()].filter((name) => !vars.includes(name)));
  const spelled = new Map([...given].map(([meaning, name]) => [name, asked.get(meaning) ?? name]));
  return new Map([...submission].map(([name, values]) => [spelled.get(name) ?? name, values]));
}

function varsIn(names: readonly string[]): HatVars {
  return findHatVars(names.map((name) => ({ var: name })));
}

function assertInRoom({ requester }: Asker): void {
  if (requester.kind !== "occupant") throw new HatsError("unknown-node");
}

/* A mistake names the field as whoever made it wrote it. */
async function inItsWords<Result>(
  { vars, fixed = new Map() }: Equivalent,
  answers: Answers,
  act: (translated: Answers) => Promise<Result> | Result,
): Promise<Result> {
  const given = varsIn([...answers.keys()]);
  const translated = new Map([...fixed, ...offeredIn(answers)]);
  const names = new Map<string, string>();
  for (const [meaning, own] of Object.entries(vars) as [HatFieldMeaning, string][]) {
    const name = given.get(meaning);
    if (name !== undefined) translated.set(own, answers.get(name) ?? []);
    names.set(own, name ?? `hats#${meaning}`);
  }
  try {
    return await act(translated);
  } catch (error) {
    const field =
      error instanceof HatsError && error.field !== undefined ? names.get(error.field) : undefined;
    if (!(error instanceof HatsError) || field === undefined) throw error;
    throw new HatsError(error.code, { field, explanation: error.explanation, cause: error });
  }
}
