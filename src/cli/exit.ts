/** How the program ends: the exit statuses that scripts may rely on. */
import { HatsError, OperatorError } from "../core/errors.ts";
import { StanzaError } from "../stanza/stanza-error.ts";

/** Completed. */
export const EXIT_OK = 0;
/** The desk, or whoever was asked, refused. */
export const EXIT_REFUSED = 1;
/** The command line or the configuration is wrong. */
export const EXIT_USAGE = 2;
/** There is no connection. */
export const EXIT_NO_CONNECTION = 3;

/** A command line that cannot be understood; `message` says how to mend it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The exit status that an error stands for; undefined for a bug. */
export function exitStatus(error: unknown): number | undefined {
  if (error instanceof UsageError) return EXIT_USAGE;
  if (error instanceof OperatorError) return error.exit;
  if (error instanceof StanzaError || error instanceof HatsError) return EXIT_REFUSED;
  return undefined;
}
