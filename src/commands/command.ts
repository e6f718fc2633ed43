/**
 * What a command is to the engine: stages that ask, and a run that does.
 *
 * A command never sees a session, a stanza or a language tag. It is asked at each stage what there is to ask, given the
 * answers so far, and run once they are complete; in a one-shot request it is only run. Whatever it refuses it throws
 * as a HatsError; the engine decides whether that becomes a stanza error or a line above the form.
 */
import type { Requester } from "../desk/access.ts";
import type { Severity } from "../stanza/command.ts";
import type { Column, Field, Submission } from "../stanza/data-form.ts";
import type { Phrases } from "./texts/phrases.ts";

/** The values given so far, by var. */
export type Answers = Submission;

/** Who asks, and in which words they are answered. */
export interface Asker {
  readonly requester: Requester;
  /** The prepared full address that the request came from. */
  readonly address: string;
  readonly phrases: Phrases;
  /** Whether everything came in one stanza: then nothing is taken for granted and nothing is confirmed. */
  readonly isOneShot: boolean;
  /** Whether they said yes to what `run` wanted confirmed; whoever sent everything at once has. */
  readonly isConfirmed: boolean;
}

/** What code knows about a field that its form file cannot: mostly options and what is set now. */
export type Filling = Partial<Pick<Field, "desc" | "options" | "required" | "type" | "validate" | "values">>;

/** Fields to ask, by var; the form file knows the rest of each field, and their order. */
export interface Question {
  readonly ask: ReadonlyMap<string, Filling>;
  /** Put before the instructions: what a confirmation is about. */
  readonly summary?: string;
  /** Joins the answers: what is to be known, when they come, of what was shown with the question. */
  readonly known?: Answers;
  /** Said instead of the instructions, to whom those of the form file say too much. */
  readonly instructions?: string;
}

/** Nothing to ask at this stage; `known` joins the answers as if it had been asked. */
export interface Skip {
  readonly known: Answers;
}

/**
 * One part of an answer that has several: shown while there are more, with `next` for the next one.
 *
 * The stage is then asked again, with `known` among the answers; `complete` goes on to what comes after the stage.
 */
export interface Part extends Reading {
  readonly known: Answers;
}

/** What there is to do at a stage. */
export type Step = Part | Question | Skip;

/** One step of the conversation. */
export interface Stage {
  /** The name of the stage in the form file. */
  readonly name: string;
  /** The lists that come in parts: `next` adds one and asks the same again, until `complete`. */
  readonly gathers?: readonly string[];
  /** What to ask, given the answers so far; those of the stages before have not been judged by anybody else. */
  ask(asker: Asker, answers: Answers): Promise<Step>;
}

/** An answer of lines for people to read; the first line must make sense alone. */
export interface Text {
  readonly kind: "text";
  readonly severity: Severity;
  readonly lines: readonly string[];
}

/** An answer to look at; each row has one value a column. */
export interface TableOutcome {
  readonly kind: "table";
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** The same rows as lines to read, for clients that show no tables. */
  readonly lines: readonly string[];
}

/** Values to read, by the fields of the form file. */
export interface Reading {
  readonly title: string;
  readonly values: Answers;
}

/** An answer of values to keep; no note stands beside it, since some clients would show that instead. */
export interface ReadingOutcome extends Reading {
  readonly kind: "reading";
}

/** Nothing is done yet: what it would come to, to be said yes to. Then it is run again, with `isConfirmed`. */
export interface Confirmation {
  readonly kind: "confirmation";
  readonly summary: string;
}

export type Outcome = ReadingOutcome | TableOutcome | Text;

/** A command that people and scripts can run. */
export interface Command {
  readonly node: string;
  readonly stages: readonly Stage[];
  /** Whether this requester may run it anywhere, as far as is known without asking a room. */
  isOffered(requester: Requester): boolean;
  /** The same submit of a form, under the vars that the form has; absent where a field has one var only. */
  readonly respell?: (submission: Submission, vars: readonly string[]) => Submission;
  /** Refuses whoever may not run it with these answers, before anything else about them is looked at. */
  judge?(asker: Asker, answers: Answers): unknown;
  /** Does it, or step by step asks for a yes first; resolves only once it is durable. */
  run(asker: Asker, answers: Answers): Confirmation | Outcome | Promise<Confirmation | Outcome>;
}

/** Nothing to ask, and nothing learned. */
export const NOTHING_TO_ASK: Skip = { known: new Map() };

/** Whether a stage has nothing to ask. */
export function isSkip(step: Step): step is Skip {
  return !("ask" in step) && !isPart(step);
}

/** Whether a stage has a part of an answer to show. */
export function isPart(step: Step): step is Part {
  return "values" in step;
}
