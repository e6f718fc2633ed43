/**
 * What somebody means by the words with which they answer one field of a form.
 *
 * A choice is made by its number, its value, its label, or the part of the label or address that people would say. What
 * fits several choices is asked again, since a nick may be made to look like somebody else's name.
 */
import type { Explanation } from "../../core/explanations.ts";
import type { Field, Option } from "../../stanza/data-form.ts";
import { foldName, withoutPunctuation } from "./likeness.ts";
import { firstThings, partsOf, piecesOf, quotedHead, unquote } from "./quotation.ts";
import { ENGLISH } from "../texts/phrases.ts";
import type { ValueCheck } from "./value-check.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { foldWord } from "./vocabulary.ts";

/** Why words are no answer: the key of a phrase, and the words that it is about. */
export interface Misunderstanding {
  readonly key: "chat-ambiguous" | "chat-needed" | "chat-no-choice" | "chat-yes-or-no";
  readonly about: string;
}

/** Why an answer is not taken: the key of a phrase, and the reason that it gives. */
export interface Refusal {
  readonly key: "chat-no-time" | "mistake-without-field";
  readonly reason: Explanation;
}

export type Trouble = Misunderstanding | Refusal;

/** The values that were meant, or why that cannot be said. */
export type Meaning = { readonly values: readonly string[] } | { readonly trouble: Misunderstanding };

/** How words are read. */
export interface Reading {
  readonly vocabulary: Vocabulary;
  readonly lang: string;
  /** The room that is talked about, where that is known: there people may be called by their nicks. */
  readonly room: string | undefined;
  /** Whether choices may be made by number: not where nobody saw the numbers. */
  readonly mayCount: boolean;
  readonly check: ValueCheck;
}

/** Whether words name nothing that there is to choose. */
export function isUnknown(meaning: Meaning): boolean {
  return "trouble" in meaning && meaning.trouble.key === "chat-no-choice";
}

/** Whether an option is that of choosing none of those there are. */
export function isNoneOfThese({ value }: Option): boolean {
  return value.trim() === "";
}

/** Whether the values of a field are numbers that people know, which then stand for themselves. */
export function hasOwnNumbers({ options = [] }: Field): boolean {
  return options.length > 0 && options.every(({ value }) => /^\d+$/.test(value));
}

/** How many choices are listed; the others can still be named. */
export const MOST_LISTED = 50;

/** The number by which a choice is made; undefined for one that is not listed and has none of its own. */
export function numberOf(field: Field, option: Option, index: number): string | undefined {
  if (hasOwnNumbers(field)) return option.value;
  return index < MOST_LISTED ? String(index + 1) : undefined;
}

/** What an answer to a field means. */
export function readAnswer(field: Field, text: string, reading: Reading): Meaning {
  const { vocabulary, lang } = reading;
  if (field.type === "boolean") {
    if (vocabulary.says("yes", text, lang)) return { values: ["1"] };
    return vocabulary.says("no", text, lang) ? { values: ["0"] } : trouble("chat-yes-or-no", text);
  }
  const mayBeNone = field.type === "list-multi" && field.required !== true;
  if (mayBeNone && vocabulary.says("none", text, lang)) {
    const isNoName = isUnknown(readChoices(field, text, reading));
    return isNoName ? { values: [] } : trouble("chat-ambiguous", text);
  }
  if (field.options !== undefined) return readChoices(field, text, reading);
  if (field.type === "text-multi") return { values: text.split("\n") };
  if (field.type === "jid-multi") return { values: piecesOf(text).map((piece) => addressOf(piece, reading)) };
  if (field.type === "jid-single") return { values: [addressOf(text, reading)] };
  return { values: [unquote(text)] };
}

/**
 * Which of the words that follow a verb answer a field, with more fields behind it: as many of the first ones as name
 * choices, or the first one alone.
 */
export function splitAnswer(field: Field, text: string, reading: Reading): readonly [string, string] {
  const quoted = quotedHead(text);
  const behind = text.slice(quoted.length).trim();
  const [word = ""] = /^\S+/u.exec(behind) ?? [];
  const isAnd = [reading.lang, ENGLISH].some((spoken) => reading.vocabulary.isAnd(word, spoken));
  const isAlone = !isAnd && !/^[,;]/u.test(behind);
  if (quoted !== "" && isAlone) return [quoted, behind];
  const ends = [...text.matchAll(/\s+|$/gu)].map(({ index }) => index).slice(0, MOST_WORDS);
  if (field.options !== undefined) {
    for (const end of ends.toReversed()) {
      const head = text.slice(0, end);
      if (!isUnknown(readChoices(field, head, reading))) return [head, text.slice(end).trim()];
    }
  }
  const first = firstThings(text);
  return [first, text.slice(first.length).trim()];
}

/**
 * Whether fewer of the words that answer a field would answer it otherwise: a nick may be made to end with what was meant
 * for the next field.
 */
export function isSplitInDoubt(field: Field, answer: string, reading: Reading): boolean {
  if (field.options === undefined) return false;
  const whole = readChoices(field, answer, reading);
  if ("trouble" in whole) return false;
  const count = (text: string): number =>
    divisions(reading).reduce<readonly string[]>((parts, divide) => parts.flatMap(divide), [text]).length;
  const heads = [...answer.matchAll(/\s+/gu)].map(({ index }) => answer.slice(0, index));
  return heads.some((head) => {
    if (count(head) < count(answer)) return false;
    const part = readChoices(field, head, reading);
    if ("trouble" in part) return part.trouble.key === "chat-ambiguous";
    return String(part.values) !== String(whole.values);
  });
}

/** More words than these are no name. */
export const MOST_WORDS = 40;

function readChoices(field: Field, text: string, reading: Reading): Meaning {
  return readDivided(field, text, reading, field.type === "list-multi" ? divisions(reading) : []);
}

/* How to divide several things: first at commas, then at words such as `and`. */
type Division = (text: string) => readonly string[];

function divisions({ vocabulary, lang }: Reading): readonly Division[] {
  const at = (spoken: string): Division => {
    return (text) => partsOf(text, (word) => vocabulary.isAnd(word, spoken));
  };
  return [piecesOf, at(lang), at(ENGLISH)];
}

/* A nick may have commas, and be made to look like the names of several people. */
function readDivided(field: Field, text: string, reading: Reading, divided: readonly Division[]): Meaning {
  const [divide, ...finer] = divided;
  if (divide === undefined) return readChoice(field, text, reading);
  const parts = divide(text);
  if (parts.length === 1 && parts[0] === text.trim()) return readDivided(field, text, reading, finer);
  const whole = readChoice(field, text, reading);
  const apart = readAll(parts, text, (part) => readDivided(field, part, reading, finer));
  if (isUnknown(whole)) return apart;
  const isSame = "values" in whole && "values" in apart && String(whole.values) === String(apart.values);
  return isUnknown(apart) || isSame ? whole : trouble("chat-ambiguous", text);
}

function readAll(parts: readonly string[], text: string, read: (part: string) => Meaning): Meaning {
  const values = new Set<string>();
  for (const part of parts) {
    const meaning = read(part);
    if ("trouble" in meaning) return meaning;
    for (const value of meaning.values) values.add(value);
  }
  return values.size === 0 ? trouble("chat-no-choice", text) : { values: [...values] };
}

/* As the list has it, `1.`, or as people write one elsewhere. */
const NUMBER = /^#?(\d+)[.)]?$/u;

function readChoice(field: Field, text: string, { mayCount }: Reading): Meaning {
  const { options = [] } = field;
  const said = unquote(text);
  const isQuoted = said !== text.trim();
  if ((mayCount || hasOwnNumbers(field)) && !isQuoted) {
    const [, number = said] = NUMBER.exec(said) ?? [];
    const counted = options.find((option, index) => numberOf(field, option, index) === number);
    if (counted !== undefined) return { values: [counted.value] };
  }
  const exact = options.find(({ value }) => value === said);
  if (exact !== undefined) return { values: [exact.value] };
  const [only, other] = optionsNamed(field, said, isQuoted);
  if (other !== undefined) return trouble("chat-ambiguous", said);
  if (only !== undefined) return { values: [only.value] };
  return isOpenTo(field, said) ? { values: [said] } : trouble("chat-no-choice", said);
}

/*
 * What is so called to the letter and what only looks alike are asked about, but for quotes, which mean the letter. Behind
 * a title that may be a new hat's, punctuation is a part of it.
 */
function optionsNamed({ options = [] }: Field, said: string, isQuoted: boolean): Option[] {
  const called = (isSame: (name: string) => boolean): Option[] =>
    options.filter((option) => namesOf(option).some(isSame));
  const exact = isQuoted ? called((name) => foldWord(name) === foldWord(said)) : [];
  if (exact.length > 0) return exact;
  const isPlain = isQuoted || options.some(isNoneOfThese);
  const wanted = new Set([said, isPlain ? said : withoutPunctuation(said)].map(foldName));
  wanted.delete("");
  return called((name) => wanted.has(foldName(name)));
}

function trouble(key: Misunderstanding["key"], about: string): Meaning {
  return { trouble: { key, about } };
}

/* `team@rooms.example.org/alice`, which is no URI. */
const OCCUPANT = /^[^/:@]+@[^/:@]+\//u;

/*
 * `bob (bob@example.org)` is bob, and bob@example.org is, too; an occupant is their nick, which is the whole label, and
 * their address as it stands. A nick that is made to look like an address is no name: whoever has that address may not be
 * here.
 */
function namesOf({ label, value }: Option): string[] {
  if (OCCUPANT.test(value)) return isLikeAddress(label) ? [value] : [label, value];
  const suffix = ` (${value})`;
  const nick = label.endsWith(suffix) ? label.slice(0, -suffix.length) : "@";
  const head = isLikeAddress(nick) ? [] : [nick];
  const at = value.indexOf("@");
  const isBareJid = at > 0 && !value.includes("/") && !value.includes(":");
  return [label, value, ...head, ...(isBareJid ? [value.slice(0, at)] : [])].filter((name) => name !== "");
}

function isLikeAddress(nick: string): boolean {
  return foldWord(nick).includes("@");
}

/* Fields that take other values than those they offer take URIs or numbers. */
function isOpenTo({ validate }: Field, text: string): boolean {
  if (validate?.method !== "open") return false;
  if (validate.datatype === "xs:integer") return /^\d+$/.test(text);
  return !/\s/u.test(text) && /^(?:urn:|[a-z][a-z0-9+.-]*:\/\/)/i.test(text) && URL.canParse(text);
}

function addressOf(text: string, { room }: Reading): string {
  const said = unquote(text);
  return room === undefined || said.includes("@") ? said : `${room}/${said}`;
}
