/** Reasons: why somebody changed something, in their own words, for the history, whose lines they must not break. */
import { badField } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { isLine } from "./text.ts";

/** Reads a reason, one line, trimmed, undefined where nothing is left of it, or refuses it naming `field`. */
export function parseReason(text: string, limits: Limits, field = "reason"): string | undefined {
  const reason = text.trim();
  if (!isLine(reason)) throw badField(field, "not-showable");
  if (reason.length > limits.reasonLength) throw badField(field, "too-long", { max: limits.reasonLength });
  return reason === "" ? undefined : reason;
}
