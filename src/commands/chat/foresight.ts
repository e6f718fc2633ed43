/**
 * What need not be asked: fields that the line with the verb answers, a room that was talked about before, and what may
 * be left out where somebody wants to be brief.
 */
import type { Field } from "../../stanza/data-form.ts";
import { isSplitInDoubt, readAnswer, type Reading, splitAnswer } from "./choices.ts";
import { type Errand, forgetAhead, isTitled, takeAnswer } from "./errand.ts";
import { type Taken, takeWords } from "./take-words.ts";

/** The errand after a field that need not be asked; or with it still at hand, and why the words for it did not do. */
export interface Foreseen extends Taken {
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
  const { words } = errand;
  const said = errand.ahead.get(field.var);
  if (words.text !== "" && words.slots[0] === field.var) return fromWords(errand, field, reading);
  if (said !== undefined) return fromAhead(forgetAhead(errand, field.var), field, said, reading);
  if (isTitled(errand, field)) return { errand: takeAnswer(errand, []) };
  if (field.var === "room" && room !== undefined) return fromBefore(errand, field, reading, room);
  const mayBeLeft = errand.isBrief || field.options?.length === 0;
  if (mayBeLeft && field.required !== true) return { errand: takeAnswer(errand, field.values ?? []) };
  return undefined;
}

function fromWords(errand: Errand, field: Field, reading: Reading): Foreseen {
  const { words, verb } = errand;
  const [, ...slots] = words.slots;
  const isLast = slots.length === 0;
  const [own, text] = isLast ? [words.text, ""] : splitAnswer(field, words.text, reading);
  const isBrief = errand.isBrief || (isLast && verb.asksOn !== true);
  const after = { ...errand, words: { slots, text }, isBrief };
  if (!isLast && isSplitInDoubt(field, own, reading)) {
    return { errand: after, trouble: { key: "chat-ambiguous", about: own }, mustAsk: true };
  }
  return takeWords(after, field, own, reading);
}

/* What is no time may have been part of the title before it. */
function fromAhead(errand: Errand, field: Field, said: string, { check }: Reading): Foreseen {
  const reason = check(field.var, said);
  if (reason === undefined) return { errand: takeAnswer(errand, [said]) };
  const key = reason.code === "not-a-time" ? "chat-no-time" : "mistake-without-field";
  return { errand, trouble: { key, reason }, mustAsk: true };
}

function fromBefore(errand: Errand, field: Field, reading: Reading, room: string): Foreseen | undefined {
  const meaning = readAnswer(field, room, reading);
  if ("trouble" in meaning) return undefined;
  return { errand: takeAnswer(errand, meaning.values), room: meaning.values[0] ?? room };
}
