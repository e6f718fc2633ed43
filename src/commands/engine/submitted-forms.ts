/**
 * Which forms are taken for a command's own (XEP-0068), and where everything comes in one stanza, which fields.
 *
 * XEP-0004 (section 3.1) has fields ignored that somebody adds to a form which they were shown, and so it is step by step.
 * Who sends all in one stanza was shown none: what they meant by a var that the command does not have would be lost without
 * a word, and a hat that was to end would never. XEP-0050 (section 4.4) lets such a payload be refused. A var of another
 * namespace (XEP-0068, section 3.4: `{…}`, formerly `x-…`) says of itself that it is an extension, and is ignored.
 */
import { badField } from "../../core/errors.ts";
import { FORM_TYPE, shownVar, type Submission } from "../../stanza/data-form.ts";
import { NS_MILLINER } from "../../stanza/namespaces.ts";
import type { CommandForm } from "../texts/forms.ts";

const OF_OTHERS = /^(?:\{|x-)/i;

/** Refuses a form of another type; one that says none is taken. Throws HatsError bad-field. */
export function checkFormType(formType: string, submission: Submission | undefined): void {
  const given = submission?.get(FORM_TYPE) ?? [];
  if (given.some((value) => value !== formType)) throw badField(FORM_TYPE, "other-form", { formType });
}

/**
 * Refuses a form of another type, and a var that the command has at no stage; if that is what people read above a field, in
 * the language of `form` or in `english`, the refusal says above which. Of the forms of XEP-0317 clients may know more.
 *
 * @throws HatsError bad-field
 */
export function checkAtOnce(submission: Submission, form: CommandForm, english: CommandForm): void {
  checkFormType(form.formType, submission);
  if (form.formType === NS_MILLINER) checkVars(submission, form, english);
}

function checkVars(submission: Submission, form: CommandForm, english: CommandForm): void {
  const { node, vars } = form;
  const unknown = [...submission.keys()].find((name) => name !== FORM_TYPE && !isTaken(name, vars));
  if (unknown === undefined) return;
  const heading = unknown.toLowerCase();
  const isHeading = (label: string | undefined): boolean => label?.toLowerCase() === heading;
  const meant = vars.find((name) => isHeading(form.label(name)) || isHeading(english.label(name)));
  const fields = vars.join(", ");
  throw meant === undefined
    ? badField(shownVar(unknown), "no-such-field", { node, fields })
    : badField(shownVar(unknown), "field-by-label", { name: meant, node, fields });
}

function isTaken(name: string, vars: readonly string[]): boolean {
  return vars.includes(name) || OF_OTHERS.test(name);
}
