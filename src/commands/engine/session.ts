/**
 * One conversation about one command, as a value: XEP-0050, sections 2.4 and 3.3.
 *
 * Pure: `reduceSession` says what an action means for a session as it stands, and nothing else happens here. Asking
 * the command, running it and keeping the session are the engine's.
 */
import type { RefusalCode } from "../../core/errors.ts";
import type { Action } from "../../stanza/command.ts";
import { FORM_TYPE, type Submission } from "../../stanza/data-form.ts";
import type { Answers } from "../command.ts";

/** A conversation under way. */
export interface Session {
  readonly sessionid: string;
  readonly node: string;
  /** The full address it belongs to; nobody else can go on with it. */
  readonly address: string;
  readonly lang: string;
  /** The index of the stage that is shown; NOT_SHOWN before the first. */
  readonly stage: number;
  /** What this stage shows: a form to fill out, a part of an answer that has further ones, or what to say yes to. */
  readonly shows: "confirmation" | "form" | "part";
  /** What there is to say yes to. */
  readonly summary?: string;
  /** The vars of this stage that come in parts. */
  readonly gathers: readonly string[];
  /** The vars asked at this stage. */
  readonly asked: readonly string[];
  /** The vars that each stage can ask, in the order of the stages. */
  readonly plan: readonly (readonly string[])[];
  /** The stages shown before this one, where prev leads. */
  readonly trail: readonly number[];
  /** What was submitted last, by var; of what comes in parts, the part at hand. */
  readonly answers: Answers;
  /** The parts before the one at hand. */
  readonly gathered: Answers;
}

/* The stage of a session that has shown nothing yet. */
const NOT_SHOWN = -1;

const NO_ANSWERS: Answers = new Map();

/** What a stage without a form asks. */
export const NO_FORM: Pick<Session, "asked" | "gathers"> = { asked: [], gathers: [] };

/** What an action comes to. */
export type Move =
  | { readonly kind: "cancel" }
  | { readonly kind: "refuse"; readonly code: RefusalCode }
  /** Show the session's stage, with its answers filled in. */
  | { readonly kind: "show"; readonly session: Session }
  /** Go on to stage `to`, or to the end where there is none. */
  | { readonly kind: "advance"; readonly session: Session; readonly to: number };

/** The session with what to say yes to, after its last stage. */
export function showConfirmation(session: Session, stages: number, summary: string): Session {
  const shown = showStage(session, stages, { ...NO_FORM, shows: "confirmation" });
  return { ...shown, summary };
}

/** A session that has shown nothing yet. */
export function beginSession(
  about: Pick<Session, "address" | "lang" | "node" | "plan" | "sessionid">,
): Session {
  const nothing = { answers: new Map(), gathered: new Map() };
  return { ...about, ...nothing, stage: NOT_SHOWN, shows: "form", ...NO_FORM, trail: [] };
}

/**
 * Says what an action means at this point; execute, next and complete are told apart only where there are parts.
 *
 * COMPAT: Poezio always says next: where it brings no further part, that ends them.
 */
export function reduceSession(session: Session, action: Action, submission?: Submission): Move {
  if (action === "cancel") return { kind: "cancel" };
  if (action === "prev") return goBack(session, submission);
  const { stage } = session;
  if (session.shows === "part") {
    return { kind: "advance", session, to: action === "complete" ? stage + 1 : stage };
  }
  if (submission === undefined || isForAnotherStage(session, submission)) return { kind: "show", session };
  const taken = takeAnswers(session, submission);
  const brings = session.gathers.some((name) => taken.answers.get(name)?.some((value) => value !== ""));
  return { kind: "advance", session: taken, to: action === "next" && brings ? stage : stage + 1 };
}

/** The answers as a command gets them: what comes in parts joined, up to the part at hand or `before` it. */
export function answersOf({ answers, gathered, gathers }: Session, upTo: "before" | "now" = "now"): Answers {
  if (gathered.size === 0 && (upTo === "now" || gathers.length === 0)) return answers;
  const joined = new Map(answers);
  if (upTo === "before") for (const name of gathers) joined.delete(name);
  for (const [name, parts] of gathered) joined.set(name, [...parts, ...(joined.get(name) ?? [])]);
  return joined;
}

/** The session with the part at hand put to those before it. */
export function gatherPart(session: Session): Session {
  const { gathers, gathered } = session;
  const answers = new Map(session.answers);
  const further = gathers.map((name): [string, readonly string[]] => {
    const parts = [...(gathered.get(name) ?? []), ...(answers.get(name) ?? [])];
    answers.delete(name);
    return [name, parts];
  });
  return { ...session, answers, gathered: new Map([...gathered, ...further]) };
}

/** The session with a further stage shown; the stage of before joins the trail. */
export function showStage(
  session: Session,
  stage: number,
  shown: Pick<Session, "asked" | "gathers" | "shows">,
): Session {
  const { stage: before, trail } = session;
  const isNew = before !== NOT_SHOWN && before !== stage;
  return { ...session, ...shown, stage, trail: isNew ? [...trail, before] : trail };
}

/** The session with answers that nobody had to be asked for. */
export function addKnown(session: Session, known: Answers = NO_ANSWERS): Session {
  return known.size === 0 ? session : { ...session, answers: new Map([...session.answers, ...known]) };
}

/** Whether a form holds anything besides its type. */
export function isFilled(submission: Submission | undefined): submission is Submission {
  return submission !== undefined && namesIn(submission).length > 0;
}

function goBack(session: Session, submission: Submission | undefined): Move {
  const stage = session.trail.at(-1);
  if (stage === undefined) return { kind: "refuse", code: "bad-action" };
  const kept = session.shows === "part" ? forgetPart(session) : takePresent(session, submission);
  return { kind: "show", session: { ...kept, stage, trail: session.trail.slice(0, -1) } };
}

/*
 * The form of another stage, sent twice or late. Its fields are not this stage's, so nothing was chosen here: reading
 * it as an empty choice would, for one, take away all hats of somebody.
 */
function isForAnotherStage(session: Session, submission: Submission): boolean {
  const names = namesIn(submission);
  return names.length > 0 && !names.some((name) => session.asked.includes(name));
}

function takePresent(session: Session, submission: Submission | undefined): Session {
  return isFilled(submission) ? takeAnswers(session, submission, "present") : session;
}

/* Whoever comes back begins to read again. */
function forgetPart(session: Session): Session {
  const answers = new Map(session.answers);
  for (const name of session.plan[session.stage] ?? []) answers.delete(name);
  return { ...session, answers };
}

/* An absent field of this stage means that nothing was chosen; going back, only what is there is taken. */
function takeAnswers(session: Session, submission: Submission, which: "all" | "present" = "all"): Session {
  const answers = new Map(session.answers);
  for (const name of session.asked) {
    const given = submission.get(name) ?? (which === "all" ? [] : undefined);
    if (given !== undefined) answers.set(name, given);
  }
  return isSameAnswers(session, answers) ? { ...session, answers } : forgetLater(session, answers);
}

function isSameAnswers({ asked, answers }: Session, taken: Answers): boolean {
  return asked.every((name) => String(answers.get(name)) === String(taken.get(name)));
}

/* What was chosen for one person must not be offered as chosen for another, after going back. */
function forgetLater(session: Session, answers: Map<string, readonly string[]>): Session {
  const gathered = new Map(session.gathered);
  for (const name of session.plan.slice(session.stage + 1).flat()) {
    answers.delete(name);
    gathered.delete(name);
  }
  return { ...session, answers, gathered };
}

function namesIn(submission: Submission): string[] {
  return [...submission.keys()].filter((name) => name !== FORM_TYPE);
}
