/** Forms and answers as plain text. */
import { asLine, quote } from "../../core/text.ts";
import type { CommandResponse } from "../../stanza/command.ts";
import { type Field, type Option, parseForm } from "../../stanza/data-form.ts";
import type { Phrases } from "../texts/phrases.ts";
import { hasOwnNumbers, MOST_LISTED, numberOf, type Trouble } from "./choices.ts";
import type { OfferedCommand } from "../engine/engine.ts";
import { canMakeHat, type Errand, fieldAtHand } from "./errand.ts";
import { type Signal, VERBS } from "./verbs.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** In which words to speak. */
export interface Speech {
  readonly phrases: Phrases;
  readonly vocabulary: Vocabulary;
}

/** Tells what can be said by whoever may run these commands. */
export function sayHelp(offered: readonly OfferedCommand[], { phrases, vocabulary }: Speech): string {
  const { lang } = phrases;
  const names = new Map(offered.map(({ node, name }) => [node, name]));
  const verbs = VERBS.filter(({ node }) => names.has(node)).map((verb) => {
    const usage = verb.usage === undefined ? "" : ` ${phrases.say(verb.usage)}`;
    const said = `${vocabulary.word(verb, lang)}${usage}`;
    return phrases.say("chat-help-line", { verb: said, name: names.get(verb.node) ?? "" });
  });
  const give = VERBS.find(({ node }) => node === "add-user-hat" && names.has(node));
  const example =
    give === undefined ? "" : phrases.say("chat-help-example", { give: vocabulary.word(give, lang) });
  const end = phrases.say("chat-help-end", {
    room: vocabulary.word("room", lang),
    back: vocabulary.word("back", lang),
    cancel: vocabulary.word("cancel", lang),
  });
  return lines([phrases.say("chat-help"), ...verbs, example, end]);
}

/** Tells, while something is asked, what can be said besides what the question itself says. */
export function sayHowToAnswer({ phrases, vocabulary }: Speech): string {
  const word = (signal: Signal): string => vocabulary.word(signal, phrases.lang);
  return phrases.say("chat-help-asked", { back: word("back"), room: word("room"), cancel: word("cancel") });
}

/** Says why words are no answer. */
export function sayTrouble(trouble: Trouble, { phrases }: Speech): string {
  return "reason" in trouble
    ? phrases.say(trouble.key, { reason: phrases.explain(trouble.reason) })
    : phrases.say(trouble.key, { text: quote(trouble.about) });
}

/** Which room is taken for granted, and how to say another. */
export function sayRoom(room: string, { phrases, vocabulary }: Speech): string {
  return phrases.say("chat-about-room", { room, word: vocabulary.word("room", phrases.lang) });
}

/** What an answer that ends a command says. */
export function sayOutcome({ notes, payload }: CommandResponse): string {
  if (notes.length > 0) return notes.map(({ text }) => text).join("\n");
  return payload === undefined ? "" : (parseForm(payload).title ?? "");
}

/** Asks for the field at hand; `before` are lines that come first. */
export function sayQuestion(errand: Errand, speech: Speech, before: readonly string[]): string {
  const { phrases, vocabulary } = speech;
  const { lang } = phrases;
  const field = fieldAtHand(errand);
  const end = phrases.say("chat-hint-cancel", { cancel: vocabulary.word("cancel", lang) });
  const yesNo = { yes: vocabulary.word("yes", lang), no: vocabulary.word("no", lang) };
  const goOn = phrases.say("chat-hint-go-on", yesNo);
  if (errand.doubted !== undefined) {
    const asked = phrases.say("chat-new-hat", { title: quote(errand.doubted) });
    const back = phrases.say("chat-hint-back", { back: vocabulary.word("back", lang) });
    return lines([...before, asked, hint([goOn, back], phrases)]);
  }
  if (field === undefined) return lines([...before, errand.intro, hint([goOn], phrases)]);
  const { label = field.var, desc } = field;
  const asked = desc === undefined ? "chat-ask" : "chat-ask-why";
  return lines([
    ...before,
    errand.intro,
    phrases.say(asked, { label: asLine(label), desc: desc ?? "" }),
    ...listed(field, phrases),
    hint([...howToAnswer(field, speech), ...howToLeave(errand, field, speech), end], phrases),
  ]);
}

function listed(field: Field, phrases: Phrases): string[] {
  const { options = [], values = [] } = field;
  const rows = options.slice(0, MOST_LISTED).map((option, index) => {
    const row = { number: numberOf(field, option, index) ?? "", label: asLine(option.label) };
    const isChosen = values.includes(option.value) && option.value.trim() !== "";
    return phrases.say(isChosen ? "chat-option-chosen" : "chat-option", row);
  });
  const left = options.length - rows.length;
  return left > 0 ? [...rows, phrases.say("and-more", { count: left })] : rows;
}

function howToAnswer(field: Field, { phrases, vocabulary }: Speech): string[] {
  const { lang } = phrases;
  const isMulti = field.type.endsWith("-multi");
  const hints: string[] = [];
  if (field.type === "boolean") {
    const yesNo = { yes: vocabulary.word("yes", lang), no: vocabulary.word("no", lang) };
    hints.push(phrases.say("chat-hint-yes-no", yesNo));
  } else if (field.options !== undefined) {
    const one = hasOwnNumbers(field) ? "chat-hint-number" : "chat-hint-one";
    hints.push(phrases.say(isMulti ? "chat-hint-several" : one));
  } else if (isMulti) hints.push(phrases.say("chat-hint-commas"));
  if (field.type === "list-multi" && field.required !== true) {
    hints.push(phrases.say("chat-hint-none", { none: vocabulary.word("none", lang) }));
  }
  return hints;
}

/* How to leave a field as it is. Where no hat is chosen yet, there is only to choose: a new one still needs its title. */
function howToLeave(errand: Errand, field: Field, { phrases, vocabulary }: Speech): string[] {
  const { required, type, values = [] } = field;
  if (canMakeHat(errand, field) && values.every((value) => value.trim() === "")) return [];
  const keep = vocabulary.word("keep", phrases.lang);
  const rest = vocabulary.word("rest", phrases.lang);
  const kept = shown(field, phrases, vocabulary);
  const hints: string[] = [];
  if (kept !== "") hints.push(phrases.say("chat-hint-keep", { keep, value: kept }));
  else if (required !== true && type !== "list-multi") hints.push(phrases.say("chat-hint-skip", { keep }));
  if (required !== true) hints.push(phrases.say("chat-hint-rest", { rest }));
  return hints;
}

/* What a field is set to, as it would be said. */
function shown({ type, values = [], options = [] }: Field, phrases: Phrases, vocabulary: Vocabulary): string {
  if (type === "boolean") {
    const isSet = values[0] === "1" || values[0] === "true";
    return vocabulary.word(isSet ? "yes" : "no", phrases.lang);
  }
  const labels = new Map(options.map((option: Option) => [option.value, option.label]));
  const place = (value: string): number => options.findIndex((option) => option.value === value);
  return values
    .toSorted((a, b) => place(a) - place(b))
    .map((value) => asLine(labels.get(value) ?? value))
    .filter((text) => text.trim() !== "")
    .join(", ");
}

/* French has a space before the mark, too. */
function hint(parts: readonly string[], phrases: Phrases): string {
  return `(${parts.join(phrases.say("chat-hint-next"))})`;
}

function lines(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n");
}
