/** Reasons: why somebody changed something, in their own words, for the history, whose lines they must not break. */
import { badField } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { isLine } from "./text.ts";

/** Reads a reason, one line, trimmed, undefined where nothing is left of it, or refuses it naming `reason`. */
export function parseReason(text: string, limits: Limits): string | undefined {
  const reason = text.trim();
  if (!isLine(reason)) throw badField("reason", "not-showable");
  if (reason.length > limits.reasonLength) throw badField("reason", "too-long", { max: limits.reasonLength });
  return reason === "" ? undefined : reason;
}
