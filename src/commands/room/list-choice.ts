/** A choice among addresses: from a list while it is short enough to read, else by typing. */
import type { Option } from "../../stanza/data-form.ts";
import type { Filling } from "../command.ts";
import { OPTION_BUDGET, takeWithin } from "./stanza-budget.ts";

/* The longest list of addresses that is still offered as one. */
const MAX_OPTIONS = 50;

/** The filling of a field for addresses; no options at all mean that nobody knows which there are. */
export function listChoice(options: readonly Option[] | undefined, count: "multi" | "single"): Filling {
  const isShort = options !== undefined && options.length > 0 && options.length <= MAX_OPTIONS;
  const isSmall = isShort && optionsWithin(options, OPTION_BUDGET / 2).length === options.length;
  return isSmall ? { type: `list-${count}`, options } : { type: `jid-${count}` };
}

/** As many of the options, from the first on, as fit a budget of bytes. */
export function optionsWithin(options: readonly Option[], budget: number): readonly Option[] {
  return takeWithin(options, budget, ({ label, value }) => [label, value]);
}
