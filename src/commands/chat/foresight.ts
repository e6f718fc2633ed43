/**
 * What need not be asked: fields that the line with the verb answers, a room that was talked about before, and what may
 * be left out where somebody wants to be brief.
 */
import type { Field } from "../../stanza/data-form.ts";
import {
  isNoneOfThese,
  isSplitInDoubt,
  type Meaning,
  readAnswer,
  type Reading,
  splitAnswer,
} from "./choices.ts";
import { canMakeHat, type Errand, takeAnswer } from "./errand.ts";

/** The errand after a field that need not be asked; or with it still at hand, and why the words for it did not do. */
export interface Foreseen {
  readonly errand: Errand;
  readonly trouble?: Extract<Meaning, { readonly trouble: string }>;
  /** Whether there is nothing for it but to ask. */
  readonly mustAsk?: true;
  /** The room that was taken for granted. */
  readonly room?: string;
}

/** Answers a field by what is known; undefined where it has to be asked. `room` is what was talked about before. */
export function foresee(
  errand: Errand,
  field: Field,
  reading: Reading,
  room: string | undefined,
): Foreseen | undefined {
  const { words, title } = errand;
  if (words.text !== "" && words.slots[0] === field.var) return fromWords(errand, field, reading);
  if (field.var === "title" && title !== undefined) {
    return { errand: takeAnswer({ ...errand, title: undefined }, [title]) };
  }
  if (field.var === "room" && room !== undefined) return fromBefore(errand, field, reading, room);
  const mayBeLeft = errand.isBrief || field.options?.length === 0;
  if (mayBeLeft && field.required !== true) return { errand: takeAnswer(errand, field.values ?? []) };
  return undefined;
}

/** The errand with a hat to be made, which a later field gives its title. */
export function makeHat(errand: Errand, { options = [] }: Field, title: string): Errand {
  const none = options.find(isNoneOfThese);
  return { ...takeAnswer(errand, none === undefined ? [] : [none.value]), title };
}

function fromWords(errand: Errand, field: Field, reading: Reading): Foreseen {
  const { words, verb } = errand;
  const [, ...slots] = words.slots;
  const isLast = slots.length === 0;
  const [own, text] = isLast ? [words.text, ""] : splitAnswer(field, words.text, reading);
  const isBrief = errand.isBrief || (isLast && verb.asksOn !== true);
  const after = { ...errand, words: { slots, text }, isBrief };
  const isInDoubt = !isLast && isSplitInDoubt(field, own, reading);
  const meaning: Meaning = isInDoubt
    ? { trouble: "chat-ambiguous", about: own }
    : readAnswer(field, own, reading);
  if (!("trouble" in meaning)) return { errand: takeAnswer(after, meaning.values) };
  if (meaning.trouble === "chat-no-choice" && canMakeHat(errand, field)) {
    return { errand: { ...after, doubted: meaning.about }, mustAsk: true };
  }
  return { errand: after, trouble: meaning, mustAsk: true };
}

function fromBefore(errand: Errand, field: Field, reading: Reading, room: string): Foreseen | undefined {
  const meaning = readAnswer(field, room, reading);
  if ("trouble" in meaning) return undefined;
  return { errand: takeAnswer(errand, meaning.values), room: meaning.values[0] ?? room };
}
