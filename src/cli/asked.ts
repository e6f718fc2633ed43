/** What a command asks for, in the words in which `exec` takes it: what may be left out stands in brackets. */
import { NS_MILLINER } from "../stanza/namespaces.ts";
import type { JsonQuestion } from "./answer.ts";

/* A value that stands there already is shown where it is one word, such as the 1 of a flag. */
const SHOWN = /^[^\s=]{1,20}$/u;

/** Says which fields are asked for. `formType` tells a form of the desk's, whose room is always named in one stanza. */
export function tellAsked(
  node: string,
  asked: readonly JsonQuestion[],
  formType: string | undefined,
): string {
  const isRoomLeft = formType === NS_MILLINER && !asked.some((field) => field.var === "room");
  const words = [...(isRoomLeft ? ["room=…"] : []), ...asked.map(wordOf)];
  return `${node} asks for more: ${words.join(" ")}`;
}

function wordOf({ var: name, required, values }: JsonQuestion): string {
  const [value = "", ...others] = values;
  const word = `${name}=${others.length === 0 && SHOWN.test(value) ? value : "…"}`;
  return required ? word : `[${word}]`;
}
