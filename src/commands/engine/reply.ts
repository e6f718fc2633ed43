/**
 * What goes out: forms, tables and notes as `<command/>` answers, in the way that all clients can show.
 *
 * XEP-0050 leaves a client free to show the note or the form of an answer, and clients differ. Decided here, once:
 * - An intermediate answer has a form and no note. COMPAT: Movim hides a form that has a note beside it.
 * - A completed text is a note alone. COMPAT: Converse 14 and Movim show that; a form that repeats it would be shown
 *   twice by Gajim.
 * - A completed table is followed by a note with the same rows as text. COMPAT: Profanity has no tables, and Converse
 *   shows none after the first stage; both show the note. Movim shows the note instead of the table, so it loses the
 *   columns, but nothing that they said. Cheogram shows what comes first: the table.
 * - Values to keep, such as a document, are a result form alone, for the sake of Movim.
 */
import type { HatsError } from "../../core/errors.ts";
import { inBrief } from "../../core/text.ts";
import type { CommandResponse, Note, OfferedAction } from "../../stanza/command.ts";
import { buildForm, buildTable, type Field } from "../../stanza/data-form.ts";
import type { Answers, Filling, Outcome, Part, Question, Reading, TableOutcome } from "../command.ts";
import type { CommandForm } from "../texts/forms.ts";
import type { Element } from "../../stanza/xml.ts";
import type { Phrases } from "../texts/phrases.ts";
import type { Session } from "./session.ts";

/* What is read as no value, as an empty value is, and is not empty. */
const BLANK = " ";
/* As much as a line holds, in characters. */
const MAX_HEADLINE = 160;

/** What a response always says. */
export type Frame = Pick<CommandResponse, "lang" | "node" | "sessionid">;

/** The form of the session's stage; `mistake` is why it is shown again. */
export function formResponse(
  session: Session,
  form: CommandForm,
  question: Question,
  phrases: Phrases,
  mistake?: HatsError,
): CommandResponse {
  const stage = form.stages[session.stage] ?? "";
  const reason = mistake && explain(mistake, form, phrases);
  const instructions = [reason, question.summary, question.instructions ?? form.instructions(stage)];
  const fields = form
    .fields(stage)
    .flatMap((field) => fillField(field, question.ask.get(field.var), session.answers))
    .map((field) => (field.var === mistake?.field ? markMistake(field, mistake, phrases) : field));
  return {
    ...frameOf(session),
    status: "executing",
    actions: actionsAt(session, form.stages.length),
    payload: buildForm({
      type: "form",
      formType: form.formType,
      title: headline(form.title, reason ?? (fields.length === 0 ? question.summary : undefined)),
      instructions: instructions.filter((line) => line !== undefined && line !== "").join(" "),
      fields,
    }),
    notes: [],
    ...mistakenIn(mistake),
  };
}

/** Asks whether to go on; `mistake` is why that is asked once more. */
export function confirmationResponse(
  session: Session,
  form: CommandForm,
  phrases: Phrases,
  mistake?: HatsError,
): CommandResponse {
  const reason = mistake && explain(mistake, form, phrases);
  const lines = [reason, session.summary, phrases.say("go-on")];
  return {
    ...frameOf(session),
    status: "executing",
    actions: actionsAt(session, session.stage + 1),
    payload: buildForm({
      type: "form",
      formType: form.formType,
      title: headline(form.title, reason ?? session.summary),
      instructions: lines
        .filter((line) => line !== undefined)
        .join(session.summary?.includes("\n") === true ? "\n" : " "),
      fields: [],
    }),
    notes: [],
    ...mistakenIn(mistake),
  };
}

/** One part of an answer, with more to come. */
export function partResponse(session: Session, form: CommandForm, part: Part): CommandResponse {
  const back: OfferedAction[] = session.trail.length > 0 ? ["prev"] : [];
  return {
    ...frameOf(session),
    status: "executing",
    actions: { execute: "next", offered: [...back, "next", "complete"] },
    payload: buildReading(form, part),
    notes: [],
  };
}

/** The answer that ends a session. */
export function completedResponse(
  frame: Frame,
  form: CommandForm,
  outcome: Outcome,
  phrases: Phrases,
): CommandResponse {
  if (outcome.kind === "text") {
    const note: Note = { severity: outcome.severity, text: outcome.lines.join("\n") };
    const { node, sessionid, lang } = frame;
    return { node, sessionid, lang, status: "completed", notes: [note] };
  }
  if (outcome.kind === "reading") {
    return { ...frame, status: "completed", payload: buildReading(form, outcome), notes: [] };
  }
  const { title, columns, rows } = outcome;
  return {
    ...frame,
    status: "completed",
    payload: buildTable({ formType: form.formType, title, columns, rows }),
    notes: [{ severity: "info", text: tableText(outcome, phrases) }],
  };
}

/** The same answer, with a word on a field that was not understood. */
export function withIgnored(
  response: CommandResponse,
  { field = "", explanation }: HatsError,
  phrases: Phrases,
): CommandResponse {
  const text = phrases.say("field-ignored", { field, reason: phrases.explain(explanation) });
  return { ...response, notes: [...response.notes, { severity: "warn", text }] };
}

/** The answer to cancel. */
export function canceledResponse(frame: Frame): CommandResponse {
  return { ...frame, status: "canceled", notes: [] };
}

/** What a session's answers have in common. */
export function frameOf({ node, sessionid, lang }: Session): Frame {
  return { node, sessionid, lang };
}

function buildReading(form: CommandForm, { title, values }: Reading): Element {
  const fields = form.stages.flatMap((stage) => form.fields(stage));
  const given = fields.filter((field) => values.has(field.var));
  return buildForm({
    type: "result",
    formType: form.formType,
    title,
    fields: given.map((field) => readOnly(field, values.get(field.var) ?? [])),
  });
}

function readOnly({ var: name, type, label = name }: Field, values: readonly string[]): Field {
  return { var: name, type, label, values };
}

/* Separators, not line breaks alone: clients that show HTML run the lines together. */
function tableText({ title, lines }: TableOutcome, phrases: Phrases): string {
  return lines.length === 0 ? `${title}.` : `${phrases.say("heading", { title })}\n${lines.join(";\n")}.`;
}

/* COMPAT: Poezio 0.14 shows no instructions, so that its users would see neither a mistake nor what they say yes to. */
function headline(title: string, line: string | undefined): string {
  if (line === undefined) return title;
  const [first = ""] = line.split("\n", 1);
  return inBrief(`${title}: ${first}`, MAX_HEADLINE);
}

function mistakenIn(mistake: HatsError | undefined): Pick<CommandResponse, "mistaken"> {
  return mistake === undefined ? {} : { mistaken: mistake.field ?? "" };
}

function explain(mistake: HatsError, form: CommandForm, phrases: Phrases): string {
  const { field } = mistake;
  const reason = phrases.explain(mistake.explanation);
  if (field === undefined) return phrases.say("mistake-without-field", { reason });
  return phrases.say("mistake", { field: form.label(field) ?? field, reason });
}

/* Also where the eye is: a long form that comes back keeps its place, with its head out of sight. */
function markMistake(field: Field, { explanation }: HatsError, phrases: Phrases): Field {
  const reason = phrases.say("mistake-without-field", { reason: phrases.explain(explanation) });
  return { ...field, desc: field.desc === undefined ? reason : `${reason} ${field.desc}` };
}

/* COMPAT: without children Converse shows no buttons, and nbxmpp wants them to be there. */
function actionsAt(session: Session, stages: number): NonNullable<CommandResponse["actions"]> {
  const back: OfferedAction[] = session.trail.length > 0 ? ["prev"] : [];
  if (session.gathers.length > 0) return { execute: "complete", offered: [...back, "next", "complete"] };
  const forth = session.stage === stages - 1 ? "complete" : "next";
  return { execute: forth, offered: [...back, forth] };
}

function fillField(field: Field, filling: Filling | undefined, answers: Answers): Field[] {
  if (filling === undefined) return [];
  const filled: Field = { ...field, ...filling };
  const given = answers.get(field.var) ?? [];
  const isChosen = given.length > 0 || (answers.has(field.var) && filled.type === "list-multi");
  const values = fittingValues(isChosen ? given : (filled.values ?? []), filled);
  const shown = values.filter((value) => isShowable(value, filled, values.length === 1));
  return [withBlanks({ ...filled, values: shown })];
}

/* What was sent in too many values comes back with the mistake; the field itself holds one (XEP-0004, section 3.2). */
function fittingValues(values: readonly string[], { type }: Field): readonly string[] {
  return type === "hidden" || type.endsWith("-multi") ? values : values.slice(0, 1);
}

/*
 * COMPAT: Profanity (0.13.1 to 0.18.2 at least) crashes on an option whose value is empty, and Converse 14 submits its
 * label instead.
 */
function withBlanks(field: Field): Field {
  const { options, values = [] } = field;
  if (options === undefined || options.every(({ value }) => value !== "")) return field;
  const blank = (value: string): string => (value.trim() === "" ? BLANK : value);
  return {
    ...field,
    values: values.map(blank),
    options: options.map(({ label, value }) => ({ label, value: blank(value) })),
  };
}

/*
 * A list can show only what it offers. COMPAT: Converse 14 turns a text that parses as a URL into a link, which
 * nobody could then edit, and takes a text that begins with www. for one that lacks only the scheme.
 */
function isShowable(value: string, { type, options }: Field, isAlone: boolean): boolean {
  if (type === "list-multi" || type === "list-single") {
    return options === undefined || options.some((option) => option.value === value.trim());
  }
  const text = value.trim();
  const isLink = URL.canParse(text) || (/^www\./i.test(text) && URL.canParse(`http://${text}`));
  return type === "hidden" || !isAlone || !isLink;
}
