/**
 * Walks a session through the stages of its command: asks each what there is to ask, shows it, or runs the command.
 *
 * Keeps nothing: what is to be kept comes back beside the answer. What a session means by an action is session.ts.
 */
import type { HatsError } from "../../core/errors.ts";
import type { CommandResponse } from "../../stanza/command.ts";
import { type Asker, type Command, isPart, isSkip, type Question, type Stage } from "../command.ts";
import type { CommandForm } from "../texts/forms.ts";
import { completedResponse, confirmationResponse, formResponse, frameOf, partResponse } from "./reply.ts";
import {
  addKnown,
  answersOf,
  gatherPart,
  NO_FORM,
  type Session,
  showConfirmation,
  showStage,
} from "./session.ts";

/** Who walks through which command. */
export interface Walker {
  readonly command: Command;
  readonly form: CommandForm;
  /** Who asks, step by step. */
  readonly asker: Omit<Asker, "isConfirmed" | "isOneShot">;
}

/** Where a walk came to: the answer, and the session to go on with, unless the command is completed. */
export interface Arrival {
  readonly response: CommandResponse;
  readonly session: Session | undefined;
}

/** Goes to the first stage from `to` on that has something to ask, or runs the command. */
export async function walkOn({ command, form, asker }: Walker, from: Session, to: number): Promise<Arrival> {
  const { length } = command.stages;
  const stepwise: Asker = { ...asker, isOneShot: false, isConfirmed: to > length };
  let session = from;
  for (const [index, stage] of command.stages.entries()) {
    if (index < to) continue;
    const step = await stage.ask(stepwise, answersOf(session));
    if (isPart(step)) {
      const shown = { ...NO_FORM, shows: "part" } as const;
      session = showStage(addKnown(session, step.known), index, shown);
      return { session, response: partResponse(session, form, step) };
    }
    if (!isSkip(step)) {
      /* Only now that the stage has taken it. */
      if (index === from.stage) session = gatherPart(session);
      session = showStage(addKnown(session, step.known), index, shownForm(stage, step));
      return { session, response: formResponse(session, form, step, asker.phrases) };
    }
    session = addKnown(session, step.known);
  }
  const outcome = await command.run(stepwise, answersOf(session));
  if (outcome.kind !== "confirmation") {
    return {
      session: undefined,
      response: completedResponse(frameOf(session), form, outcome, asker.phrases),
    };
  }
  session = showConfirmation(session, length, outcome.summary);
  return { session, response: confirmationResponse(session, form, asker.phrases) };
}

/** Shows the session's stage again, with its answers filled in; `mistake` is why. */
export async function showAgain(walker: Walker, session: Session, mistake?: HatsError): Promise<Arrival> {
  const { command, form, asker } = walker;
  const stage = command.stages[session.stage];
  if (stage === undefined) {
    return { session, response: confirmationResponse(session, form, asker.phrases, mistake) };
  }
  const gathers = stage.gathers ?? [];
  const stepwise: Asker = { ...asker, isOneShot: false, isConfirmed: false };
  const step = await stage.ask(stepwise, answersOf({ ...session, gathers }, "before"));
  if (isSkip(step) || isPart(step)) return walkOn(walker, session, session.stage);
  const shown = showStage(addKnown(session, step.known), session.stage, shownForm(stage, step));
  return { session: shown, response: formResponse(shown, form, step, asker.phrases, mistake) };
}

function shownForm({ gathers = [] }: Stage, { ask }: Question): Pick<Session, "asked" | "gathers" | "shows"> {
  return { asked: [...ask.keys()], gathers, shows: "form" };
}
