/** Reasons: why somebody changed something, in their own words, for the history. */
import { badField } from "./errors.ts";
import type { Limits } from "./limits.ts";
import { isXmlText } from "./text.ts";

/** Reads a reason, trimmed, undefined where nothing is left of it, or refuses it naming `field`. */
export function parseReason(text: string, limits: Limits, field = "reason"): string | undefined {
  const reason = text.trim();
  if (!isXmlText(reason)) throw badField(field, "not-showable");
  if (reason.length > limits.reasonLength) throw badField(field, "too-long", { max: limits.reasonLength });
  return reason === "" ? undefined : reason;
}
