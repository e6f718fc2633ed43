/**
 * What words come to as an answer to the field at hand: a value, a hat that is still to be made, or trouble.
 *
 * Behind a hat may stand how long it is to be worn, `Teacher for 7d`. A hat of that whole title comes first, then a time
 * that can be read, then a hat that there is, or what is surely meant as a time, `Teacher for 2 Wochen`: then the time is
 * asked for anew. All else is the title of a new hat. What stands in quotes is never divided.
 */
import type { Field } from "../../stanza/data-form.ts";
import { isUnknown, type Meaning, MOST_WORDS, readAnswer, type Reading, type Trouble } from "./choices.ts";
import { canMakeHat, type Errand, sayAhead, takeAnswer } from "./errand.ts";
import { withoutPunctuation } from "./likeness.ts";
import { foldWord } from "./vocabulary.ts";

/** The errand after some words; or with the field still at hand, and what there is to say about it. */
export interface Taken {
  readonly errand: Errand;
  readonly trouble?: Trouble;
  /** Whether there is nothing for it but to ask. */
  readonly mustAsk?: true;
}

/* The field that says until when. */
const TIME = "expires";
const TIMES: readonly string[] = [TIME, "default-expires"];

/* Durations are English everywhere (docs/languages.md), but people say them in their own language. */
const NUMBER_OF_SOMETHING = /^\d+\s*\p{L}+$/u;

/* A hat, and how long it is to be worn, as they were said. */
interface Ending {
  readonly hat: string;
  readonly time: string;
}

/** Takes words as the answer to the field at hand. */
export function takeWords(errand: Errand, field: Field, text: string, reading: Reading): Taken {
  const said = TIMES.includes(field.var) ? withoutPunctuation(text) : text;
  const whole = readAnswer(field, said, reading);
  const isTimed = field.var === "hat" && errand.fields.some(({ var: name }) => name === TIME);
  const ending = isTimed && isUnknown(whole) ? endingOf(field, text, reading) : undefined;
  if (ending === undefined) return settle(errand, field, whole, reading);
  const timed = sayAhead(errand, TIME, ending.time);
  if (ending.hat === "") return { errand: timed, mustAsk: true };
  return settle(timed, field, readAnswer(field, ending.hat, reading), reading);
}

function settle(errand: Errand, field: Field, meaning: Meaning, { check }: Reading): Taken {
  const stuck = (trouble: Trouble): Taken => ({ errand, trouble, mustAsk: true });
  if ("values" in meaning) {
    const [reason] = meaning.values.flatMap((value) => check(field.var, value) ?? []);
    if (reason !== undefined) return stuck({ key: "mistake-without-field", reason });
    return { errand: takeAnswer(errand, meaning.values) };
  }
  const { trouble } = meaning;
  if (!isUnknown(meaning) || !canMakeHat(errand, field)) return stuck(trouble);
  const reason = check("title", trouble.about);
  if (reason !== undefined) return stuck({ key: "mistake-without-field", reason });
  return { errand: { ...errand, intro: "", doubted: trouble.about }, mustAsk: true };
}

/* A time that is over is meant as one, too. */
function endingOf(field: Field, text: string, reading: Reading): Ending | undefined {
  const endings = endingsOf(text, reading);
  return (
    endings.find(({ time }) => reading.check(TIME, time)?.code !== "not-a-time") ??
    endings.find(({ hat }) => hat !== "" && "values" in readAnswer(field, hat, reading)) ??
    endings.find(({ time }) => NUMBER_OF_SOMETHING.test(time))
  );
}

/* At each word that may stand between a hat and a time, the last one first. */
function endingsOf(text: string, { vocabulary, lang }: Reading): Ending[] {
  const line = text.normalize("NFC").trim();
  const between = vocabulary.timeWords(lang);
  const starts = [...line.matchAll(/(?<=^|\s)\S/gu)].map(({ index }) => index).slice(0, MOST_WORDS + 1);
  return starts.toReversed().flatMap((start) => {
    const rest = line.slice(start);
    const word = between.find((one) => foldWord(rest.slice(0, one.length + 1)) === one);
    const time = word === undefined ? "" : withoutPunctuation(rest.slice(word.length).trim());
    return time === "" ? [] : [{ hat: line.slice(0, start).trim(), time }];
  });
}
