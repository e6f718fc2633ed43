/** Tells a submit that is sent again from another one. */
import { hash } from "node:crypto";
import type { Action } from "../../stanza/command.ts";
import type { Submission } from "../../stanza/data-form.ts";

/** The same for the same action and values, in whatever order the fields are and whatever the stanza was called. */
export function fingerprint(action: Action, submission: Submission | undefined): string {
  const fields = submission && [...submission].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return hash("sha256", JSON.stringify([action, fields]), "base64");
}
