/**
 * One command under way in a chat: the form that the engine showed, and how far its fields are answered.
 *
 * Pure: taking an answer gives another errand. Asking the engine is the dialogue's.
 */
import type { CommandResponse } from "../../stanza/command.ts";
import { type Field, type Form, parseForm, type Submission } from "../../stanza/data-form.ts";
import { isNoneOfThese } from "./choices.ts";
import { PART_OF, type Verb } from "./verbs.ts";

/** What the words behind a verb say, as far as no field took them yet. */
export interface Words {
  readonly slots: readonly string[];
  readonly text: string;
}

/** A command under way. */
export interface Errand {
  readonly verb: Verb;
  readonly node: string;
  readonly sessionid: string;
  readonly lang: string;
  readonly canGoBack: boolean;
  /** What the form says before its first field; empty once that was said. */
  readonly intro: string;
  readonly fields: readonly Field[];
  readonly values: Submission;
  /** The fields to ask, by index, the one at hand first. */
  readonly todo: readonly number[];
  /** Those that were asked before it. */
  readonly trail: readonly number[];
  /** All the words behind the verb. */
  readonly said: string;
  readonly words: Words;
  /** What was said already in answer to fields that come later, by var. */
  readonly ahead: ReadonlyMap<string, string>;
  /** A title that no hat has, while it is asked whether to make one. */
  readonly doubted: string | undefined;
  /** Whether what may be left out is not asked for. */
  readonly isBrief: boolean;
  /** The room, as far as it was a choice. */
  readonly room: string | undefined;
}

/** An errand before the engine said anything. */
export function beginErrand(verb: Verb, lang: string, text: string): Errand {
  const { node, nodeWithWords = node, slots } = verb;
  return {
    verb,
    node: text === "" ? node : nodeWithWords,
    sessionid: "",
    lang,
    canGoBack: false,
    intro: "",
    fields: [],
    values: new Map(),
    todo: [],
    trail: [],
    said: text,
    words: { slots, text },
    ahead: new Map(),
    doubted: undefined,
    isBrief: verb.isBrief === true,
    room: undefined,
  };
}

/**
 * The errand with the form that an answer shows. Where it is shown again for one field, that alone is to be asked, without
 * what was refused, and all else stays as it was said: a form cannot show every value that its fields take.
 */
export function showForm(errand: Errand, response: CommandResponse): Errand {
  const { fields, instructions = "" } = formIn(response);
  const all = fields.map((_, index) => index);
  const wrong = fields.findIndex((field) => field.var === response.mistaken);
  const said = response.mistaken === undefined ? new Map() : errand.values;
  const valueOf = ({ var: name, values = [] }: Field): readonly string[] =>
    name === response.mistaken ? [] : (said.get(name) ?? values);
  return {
    ...errand,
    sessionid: response.sessionid,
    canGoBack: response.actions?.offered.includes("prev") === true,
    /* The field itself says what is wrong with it. */
    intro: wrong < 0 ? instructions : "",
    fields,
    values: new Map(fields.map((field) => [field.var, valueOf(field)])),
    todo: wrong < 0 ? all : [wrong],
    trail: [],
    doubted: undefined,
  };
}

/** The field at hand, with only what can be chosen by now; undefined where all are answered. */
export function fieldAtHand(errand: Errand): Field | undefined {
  const field = errand.fields[errand.todo[0] ?? errand.fields.length];
  if (field === undefined) return undefined;
  const whole = PART_OF.get(field.var);
  const chosen = whole === undefined ? undefined : errand.values.get(whole);
  const values = errand.values.get(field.var) ?? [];
  if (chosen === undefined) return { ...field, values, required: isNeeded(errand, field) };
  return {
    ...field,
    values: values.filter((value) => chosen.includes(value)),
    options: (field.options ?? []).filter(({ value }) => chosen.includes(value)),
  };
}

/** The errand with the field at hand answered. */
export function takeAnswer(errand: Errand, values: readonly string[]): Errand {
  const { todo, trail, fields } = errand;
  const [at = fields.length, ...left] = todo;
  const name = fields[at]?.var ?? "";
  return {
    ...errand,
    intro: "",
    values: new Map([...errand.values, [name, values]]),
    todo: left,
    trail: [...trail, at],
    doubted: undefined,
    room: name === "room" ? values[0] : errand.room,
  };
}

/** The errand with what a field is answered that comes later. */
export function sayAhead(errand: Errand, name: string, value: string): Errand {
  return { ...errand, ahead: new Map([...errand.ahead, [name, value]]) };
}

/** The errand without what was said of a field before its turn came. */
export function forgetAhead(errand: Errand, name: string): Errand {
  return { ...errand, ahead: new Map([...errand.ahead].filter(([other]) => other !== name)) };
}

/** The errand with a hat to be made, which a later field gives its title. */
export function makeHat(errand: Errand, { options = [] }: Field, title: string): Errand {
  const none = options.find(isNoneOfThese);
  return sayAhead(takeAnswer(errand, none === undefined ? [] : [none.value]), "title", title);
}

/**
 * The errand at the field that was asked before, or undefined where that is not in this form. Whoever goes back looks
 * at what there is to say, and is asked all of it again.
 */
export function stepBack(errand: Errand): Errand | undefined {
  const before = errand.trail.at(-1);
  if (errand.doubted !== undefined) return { ...errand, doubted: undefined };
  if (before === undefined) return undefined;
  return { ...errand, isBrief: false, todo: [before, ...errand.todo], trail: errand.trail.slice(0, -1) };
}

/** The errand at the last field of its form. */
export function fromTheEnd(errand: Errand): Errand {
  const last = errand.fields.length - 1;
  const before = errand.todo.filter((index) => index < last);
  return last < 0 ? errand : { ...errand, todo: [last], trail: before };
}

/** Whether a hat can be made where the field at hand asks for one. */
export function canMakeHat({ verb }: Errand, { var: name, options = [] }: Field): boolean {
  return verb.makesHats === true && name === "hat" && options.some(isNoneOfThese);
}

/** Whether a field asks what a hat is called that was chosen from those there are: it has a title. */
export function isTitled(errand: Errand, field: Field): boolean {
  return isTitleBesideHat(errand, field) && !isHatToBeMade(errand);
}

/* A hat that is still to be made needs a title. */
function isNeeded(errand: Errand, field: Field): boolean {
  return isTitleBesideHat(errand, field) ? isHatToBeMade(errand) : field.required === true;
}

function isTitleBesideHat({ fields }: Errand, field: Field): boolean {
  return field.var === "title" && fields.some(({ var: name }) => name === "hat");
}

function isHatToBeMade({ values }: Errand): boolean {
  return (values.get("hat") ?? []).every((value) => value.trim() === "");
}

function formIn({ payload }: CommandResponse): Form {
  if (payload === undefined) return { type: "form", fields: [] };
  const form = parseForm(payload);
  const asked = form.fields.filter(({ type }) => type !== "hidden" && type !== "fixed");
  return {
    ...form,
    fields: asked.map((field) => (field.type.startsWith("list-") ? withOptions(field) : field)),
  };
}

/* A list without choices offers none, rather than anything. */
function withOptions(field: Field): Field {
  return { ...field, options: field.options ?? [] };
}
