/** What a failed command means for whoever sent it. */
import { StanzaError } from "../../stanza/stanza-error.ts";

const REFUSES_VALUES: readonly string[] = ["bad-request", "jid-malformed", "not-acceptable"];

/* COMPAT: ejabberd 26.07 takes 10 hats a person and 100 people a room, and says so by cancel/not-allowed and this text. */
const LIMIT = /limit/i;

/** Whether the room answered, so that it is known that nothing happened. */
export function isAnswer(error: unknown): error is StanzaError {
  return error instanceof StanzaError;
}

/** Whether an earlier failure was the same answer. */
export function isSameAnswer(error: StanzaError, before: unknown): boolean {
  return isAnswer(before) && before.type === error.type && before.condition === error.condition;
}

/** Whether the same command would be refused again, unless something else changes first. */
export function isFinal(error: unknown): boolean {
  if (!isAnswer(error)) return false;
  const isLimit = error.condition === "not-allowed" && LIMIT.test(error.text ?? "");
  return isLimit || REFUSES_VALUES.includes(error.condition);
}

/** The failure that asks for most: an unknown outcome before a refusal, one that may pass before one that will not. */
export function heaviest(errors: readonly unknown[]): unknown {
  return errors.find((error) => !isAnswer(error)) ?? errors.find((error) => !isFinal(error)) ?? errors[0];
}
