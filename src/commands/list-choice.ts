/** A choice among addresses: from a list while it is short enough to read, else by typing. */
import type { Option } from "../stanza/data-form.ts";
import type { Filling } from "./command.ts";

/** The longest list of addresses that is still offered as one. */
export const MAX_OPTIONS = 50;

/** How many characters of options fit a form beside everything else (a stanza carries at most 128 KB). */
const OPTION_BUDGET = 48 * 1024;

/** The filling of a field for addresses; no options at all mean that nobody knows which there are. */
export function listChoice(options: readonly Option[] | undefined, count: "multi" | "single"): Filling {
  const isReadable = options !== undefined && options.length <= MAX_OPTIONS && options.length > 0;
  if (!isReadable || withinBudget(options).length < options.length) return { type: `jid-${count}` };
  return { type: `list-${count}`, options };
}

/** As many of the options, from the first on, as fit into one form. */
export function withinBudget(options: readonly Option[]): readonly Option[] {
  let left = OPTION_BUDGET;
  const end = options.findIndex(({ label, value }) => (left -= label.length + value.length) < 0);
  return end < 0 ? options : options.slice(0, end);
}
