/** What each stage of a command can ask: the command and its form file taken together. */
import type { Command } from "../command.ts";
import type { Forms } from "../texts/forms.ts";

/** The vars of each stage, in order; throws where the stages of a command and of its form file are not the same. */
export function planOf({ node, stages }: Command, forms: Forms): readonly (readonly string[])[] {
  const form = forms.form(node, "");
  const names = stages.map((stage) => stage.name);
  if (names.join() !== form.stages.join())
    throw new Error(`form ${node}: its stages are not ${names.join()}`);
  return names.map((name) => form.fields(name).map((field) => field.var));
}
