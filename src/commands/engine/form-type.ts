/** Which forms are taken for this command's own: XEP-0068. */
import { badField } from "../../core/errors.ts";
import { FORM_TYPE, type Submission } from "../../stanza/data-form.ts";

/** Refuses a form of another type; one that says none is taken. Throws HatsError bad-field. */
export function checkFormType(formType: string, submission: Submission | undefined): void {
  const given = submission?.get(FORM_TYPE) ?? [];
  if (given.some((value) => value !== formType)) throw badField(FORM_TYPE, "other-form", { formType });
}
