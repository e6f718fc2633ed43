/**
 * Which forms are taken for a command's own (XEP-0068), and where everything comes in one stanza, what becomes of fields
 * that the command does not have.
 *
 * XEP-0004 2.13.2 (section 3.1) has fields ignored that are not understood. Who sends all in one stanza was shown no
 * form: what they meant by such a var would be lost without a word, and a hat that was to end would never. So they are
 * told, and whoever asks for it (STRICT) is refused instead. A var of another namespace (XEP-0068, section 3.4: `{…}`,
 * formerly `x-…`) says of itself that it is an extension, and nothing is said of it.
 */
import { badField, type HatsError } from "../../core/errors.ts";
import { FORM_TYPE, shownVar, STRICT, type Submission } from "../../stanza/data-form.ts";
import { NS_MILLINER } from "../../stanza/namespaces.ts";
import type { Command } from "../command.ts";
import type { CommandForm, Forms } from "../texts/forms.ts";

const OF_OTHERS = /^(?:\{|x-)/i;

/** Refuses a form of another type; one that says none is taken. Throws HatsError bad-field. */
export function checkFormType(formType: string, submission: Submission | undefined): void {
  const given = submission?.get(FORM_TYPE) ?? [];
  if (given.some((value) => value !== formType)) throw badField(FORM_TYPE, "other-form", { formType });
}

/**
 * What is wrong with a form that came at once: the first var that the command has at no stage. If that is what people
 * read above a field, in the language of `form` or in `english`, it says above which. Of the forms of XEP-0317 clients may
 * know more.
 */
export function unknownFieldIn(
  submission: Submission,
  form: CommandForm,
  english: CommandForm,
): HatsError | undefined {
  if (form.formType !== NS_MILLINER) return undefined;
  const { node, vars } = form;
  const unknown = [...submission.keys()].find((name) => name !== FORM_TYPE && !isTaken(name, vars));
  if (unknown === undefined) return undefined;
  const heading = unknown.toLowerCase();
  const isHeading = (label: string | undefined): boolean => label?.toLowerCase() === heading;
  const meant = vars.find((name) => isHeading(form.label(name)) || isHeading(english.label(name)));
  const fields = vars.join(", ");
  return meant === undefined
    ? badField(shownVar(unknown), "no-such-field", { node, fields })
    : badField(shownVar(unknown), "field-by-label", { name: meant, node, fields });
}

/** A submit under the vars that the command's form has, where the command knows others for the same. */
export function respelled(
  { node, respell }: Command,
  forms: Forms,
  submission: Submission | undefined,
): Submission | undefined {
  return respell === undefined ? submission : submission && respell(submission, forms.form(node, "").vars);
}

/** Whether somebody wants their form refused for a field that is not understood. */
export function isStrict(submission: Submission): boolean {
  return ["1", "true"].includes(submission.get(STRICT)?.[0]?.trim() ?? "");
}

function isTaken(name: string, vars: readonly string[]): boolean {
  return vars.includes(name) || OF_OTHERS.test(name);
}
