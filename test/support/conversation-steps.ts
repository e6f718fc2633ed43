/** The steps of a conversation, each in the words in which it is written. */
import { parseDuration } from "../../src/stanza/duration.ts";
import type { Element } from "../../src/stanza/xml.ts";
import type { Affiliation, Step } from "./conversation.ts";
import { parseStanzas, XmlTextError } from "./xml-text.ts";

/** What the words of a step may refer to; each fails, naming the line, on what is not in the cast. */
export interface Cast {
  fail(problem: string, linesBelow?: number): never;
  person(name: string): string;
  room(name: string | undefined): string;
  titles(text: string): string[];
}

/** A step before its line is known. */
type WordedStep = Step extends infer One ? (One extends Step ? Omit<One, "line"> : never) : never;

interface StepForm {
  /** The words as a person would look them up. */
  readonly usage: string;
  readonly words: RegExp;
  /** Whether stanzas follow. */
  readonly hasStanzas?: true;
  read(cast: Cast, words: readonly string[], stanzas: readonly Element[]): WordedStep;
}

const IN_ROOM = String.raw`(?: in (\S+))?`;

const FORMS: readonly StepForm[] = [
  {
    usage: "alice sends:",
    words: /^(\w+) sends:$/,
    hasStanzas: true,
    read: (cast, [who = ""], stanzas) => ({ kind: "sends", who: cast.person(who), stanzas }),
  },
  {
    usage: "alice gets:",
    words: /^(\w+) gets:$/,
    hasStanzas: true,
    read: (cast, [who = ""], patterns) => ({ kind: "gets", who: cast.person(who), patterns }),
  },
  {
    usage: "alice gets nothing",
    words: /^(\w+) gets nothing$/,
    read: (cast, [who = ""]) => ({ kind: "gets nothing", who: cast.person(who) }),
  },
  {
    usage: 'alice is refused: cancel/forbidden [+ bad-payload] ["the text"]',
    words: /^(\w+) is refused: ([a-z]+)\/([a-z-]+)(?: \+ ([a-z-]+))?(?: "(.*)")?$/,
    read: (cast, [who = "", type = "", condition = "", application, text]) => ({
      kind: "refused",
      who: cast.person(who),
      type,
      condition,
      application,
      text,
    }),
  },
  {
    usage: "carol|everybody sees bob wearing nothing|Teacher[, Helper] [and Guide] [in other]",
    words: new RegExp(`^(\\w+) sees (\\w+) wearing (.+?)${IN_ROOM}$`),
    read: (cast, [who = "", whom = "", titles = "", room]) => ({
      kind: "sees",
      who: who === "everybody" ? undefined : cast.person(who),
      whom: cast.person(whom),
      titles: titles === "nothing" ? [] : cast.titles(titles),
      room: cast.room(room),
    }),
  },
  {
    usage: "dave joins [other] [as Davy]",
    words: /^(\w+) joins(?: (?!as )(\S+))?(?: as (.+))?$/,
    read: (cast, [who = "", room, nick = who]) => ({
      kind: "joins",
      who: cast.person(who),
      nick,
      room: cast.room(room),
    }),
  },
  {
    usage: "dave leaves [other]",
    words: /^(\w+) leaves(?: (\S+))?$/,
    read: (cast, [who = "", room]) => ({ kind: "leaves", who: cast.person(who), room: cast.room(room) }),
  },
  {
    usage: "alice kicks bob [in other]",
    words: new RegExp(`^(\\w+) kicks (\\w+)${IN_ROOM}$`),
    read: (cast, [who = "", whom = "", room]) => ({
      kind: "kicks",
      who: cast.person(who),
      whom: cast.person(whom),
      room: cast.room(room),
    }),
  },
  {
    usage: "alice makes bob owner|admin|member|none|outcast [in other]",
    words: new RegExp(`^(\\w+) makes (\\w+) (owner|admin|member|none|outcast)${IN_ROOM}$`),
    read: (cast, [who = "", whom = "", affiliation, room]) => ({
      kind: "makes",
      who: cast.person(who),
      whom: cast.person(whom),
      affiliation: affiliation as Affiliation,
      room: cast.room(room),
    }),
  },
  {
    usage: "7d pass",
    words: /^(.+) pass(?:es)?$/,
    read: (cast, [duration = ""]) => ({
      kind: "time",
      ms: 1000 * (parseDuration(duration) ?? cast.fail(`${duration} is no duration`)),
    }),
  },
];

/** How each step is written. */
export const STEP_FORMS: readonly string[] = FORMS.map(({ usage }) => usage);

/** Reads a step from its words and the stanzas below them; undefined where the words are none of a step. */
export function readStep(words: string, block: string, cast: Cast): WordedStep | undefined {
  for (const form of FORMS) {
    const found = form.words.exec(words);
    if (found === null) continue;
    const stanzas = readBlock(block, cast);
    if (form.hasStanzas && stanzas.length === 0) cast.fail("an indented stanza must follow");
    if (!form.hasStanzas && stanzas.length > 0) cast.fail("no stanza can follow this step");
    return form.read(cast, found.slice(1), stanzas);
  }
  return undefined;
}

function readBlock(block: string, cast: Cast): Element[] {
  try {
    return parseStanzas(block);
  } catch (error) {
    if (error instanceof XmlTextError) cast.fail(error.message, error.line + 1);
    throw error;
  }
}
