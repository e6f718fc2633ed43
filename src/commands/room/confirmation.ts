/** When a change is large enough to be confirmed: step by step, above so many people. */
import type { Change } from "../../core/change.ts";
import type { BareJid } from "../../core/jid.ts";
import type { Asker } from "../command.ts";

/** Changing the hats of more people than this is confirmed first. */
export const UNCONFIRMED_PEOPLE = 10;

/** The people whose hats some changes are about, each once. */
export function peopleIn(changes: readonly Change[]): BareJid[] {
  const users = changes.flatMap((change) =>
    change.kind === "user" || change.kind === "expires" ? [change.user] : [],
  );
  return [...new Set(users)];
}

/** Whether somebody still has to say yes to these changes; whoever fills everything in at once has said it. */
export function isToBeConfirmed({ isConfirmed }: Asker, changes: readonly Change[]): boolean {
  return !isConfirmed && peopleIn(changes).length > UNCONFIRMED_PEOPLE;
}
