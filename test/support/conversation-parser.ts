/**
 * Reads a conversation from its text, and names file and line of whatever it cannot read.
 *
 * The cast stands above the line `---`, the steps below. Leaves out everything that shows only while playing, such as
 * whether a stanza is an answer to anything.
 */
import {
  type Affiliation,
  type Conversation,
  ConversationError,
  MAIN_ROOM,
  type Person,
  type Place,
  type RoomPart,
  type Step,
} from "./conversation.ts";
import { readStep, STEP_FORMS } from "./conversation-steps.ts";
import { BUILT_IN, CAPTURE, placeholdersIn } from "./conversation-placeholders.ts";

const AFFILIATIONS: readonly string[] = ["owner", "admin", "member", "none", "outcast"];
const NOWHERE: Place = { affiliation: "none", nick: undefined, wears: [] };
const OPEN_ROOM: RoomPart = {
  isNonAnonymous: false,
  isMembersOnly: false,
  isKept: true,
  botAffiliation: "owner",
};

/** Reads one conversation; `file` is only for naming it. */
export function parseConversation(file: string, text: string): Conversation {
  return new ConversationParser(file, text).parse();
}

class ConversationParser {
  readonly #file: string;
  readonly #lines: readonly string[];
  #hasBot = true;
  readonly #rooms = new Map<string, RoomPart>([[MAIN_ROOM, OPEN_ROOM]]);
  readonly #people = new Map<string, Person>();
  readonly #hats = new Map<string, string>();
  readonly #captured = new Set<string>();

  constructor(file: string, text: string) {
    this.#file = file;
    this.#lines = text.split("\n");
  }

  parse(): Conversation {
    const cut = this.#lines.indexOf("---");
    if (cut < 0) this.#fail(this.#lines.length - 1, "a line --- must end the cast");
    const title = this.#lines[0]?.trim() ?? "";
    if (title === "" || title.startsWith("#"))
      this.#fail(0, "the first line must be the rule in plain words");
    for (const at of this.#meaningful(1, cut)) this.#readCast(at);
    const steps = this.#readSteps(cut + 1);
    if (steps.length === 0) this.#fail(cut, "there are no steps");
    return {
      file: this.#file,
      title,
      hasBot: this.#hasBot,
      rooms: this.#rooms,
      people: this.#people,
      hats: this.#hats,
      steps,
    };
  }

  #readCast(at: number): void {
    const line = this.#lines[at] ?? "";
    const [, subject, name, room = MAIN_ROOM, description] =
      /^(?:(room|hat) +)?([^: ]+)(?: in ([^: ]+))?: +(.+)$/.exec(line) ?? [];
    if (name === undefined || description === undefined)
      this.#fail(at, "not a line of the cast, such as `alice: owner, present`");
    const parts = description.split(/, */);
    if (subject === "hat") this.#hats.set(name, description);
    else if (subject === "room" || name === MAIN_ROOM) this.#rooms.set(name, this.#readRoom(at, parts));
    else if (name === "bot" && description === "absent") this.#hasBot = false;
    else this.#people.set(name, this.#readPerson(at, name, room, parts));
  }

  #readRoom(at: number, parts: readonly string[]): RoomPart {
    const room: { -readonly [Key in keyof RoomPart]: RoomPart[Key] } = { ...OPEN_ROOM };
    for (const part of parts) {
      const [, botAffiliation] = /^the bot is (\w+)$/.exec(part) ?? [];
      if (part === "non-anonymous") room.isNonAnonymous = true;
      else if (part === "members-only") room.isMembersOnly = true;
      else if (part === "not kept") room.isKept = false;
      else if (isAffiliation(botAffiliation)) room.botAffiliation = botAffiliation;
      else if (part !== "semi-anonymous") this.#fail(at, `"${part}" is nothing that a room can be`);
    }
    return room;
  }

  #readPerson(at: number, name: string, room: string, parts: readonly string[]): Person {
    if (!this.#rooms.has(room)) this.#fail(at, `there is no room ${room} in the lines above`);
    const known = this.#people.get(name);
    let { account, isConfigAdmin } = known ?? { account: name, isConfigAdmin: false };
    let place = NOWHERE;
    for (const part of parts) {
      const [, nick = name] = /^present(?: as (.+))?$/.exec(part) ?? [];
      const [, wears] = /^wears (.+)$/.exec(part) ?? [];
      const [, owner] = /^another client of (\w+)$/.exec(part) ?? [];
      if (isAffiliation(part)) place = { ...place, affiliation: part };
      else if (part.startsWith("present")) place = { ...place, nick };
      else if (wears !== undefined) place = { ...place, wears: this.#readTitles(at, wears) };
      else if (owner !== undefined) account = this.#person(at, owner);
      else if (part === "config admin") isConfigAdmin = true;
      else this.#fail(at, `"${part}" is nothing that a person can be`);
    }
    return { account, isConfigAdmin, places: new Map([...(known?.places ?? []), [room, place]]) };
  }

  #readSteps(from: number): Step[] {
    const steps: Step[] = [];
    const heads = [...this.#meaningful(from, this.#lines.length)].filter((at) => !this.#isIndented(at));
    if (this.#meaningful(from, heads[0] ?? from).length > 0) this.#fail(from, "this belongs to no step");
    for (const [index, at] of heads.entries()) {
      const end = heads[index + 1] ?? this.#lines.length;
      const block = this.#lines
        .slice(at + 1, end)
        .map((line) => (line.startsWith("#") ? "" : line))
        .join("\n");
      steps.push(this.#readStep(at, block));
    }
    return steps;
  }

  #readStep(at: number, block: string): Step {
    const words = this.#lines[at]?.trim() ?? "";
    const cast = {
      fail: (problem: string, linesBelow = 0): never => this.#fail(at + linesBelow, problem),
      person: (name: string) => this.#person(at, name),
      room: (name: string | undefined) => this.#room(at, name),
      titles: (text: string) => this.#readTitles(at, text),
    };
    const step = readStep(words, block, cast);
    if (step === undefined)
      this.#fail(at, `"${words}" is no step; the steps are:\n  ${STEP_FORMS.join("\n  ")}`);
    const mayCapture = step.kind === "gets" || step.kind === "refused";
    for (const [below, line] of [words, ...block.split("\n")].entries())
      for (const name of placeholdersIn(line)) this.#checkPlaceholder(at + below, name, mayCapture);
    return { ...step, line: at + 1 };
  }

  #checkPlaceholder(at: number, name: string, mayCapture: boolean): void {
    const [base = "", part] = name.split(".");
    const isKnown =
      (BUILT_IN.includes(name) && (mayCapture || !["any", "none"].includes(name))) ||
      (this.#people.has(base) && (part === undefined || part === "full")) ||
      (base === MAIN_ROOM && part !== undefined && this.#rooms.has(part)) ||
      (name.startsWith("hat:") && this.#hats.has(name.slice("hat:".length))) ||
      this.#captured.has(name);
    if (isKnown) return;
    if (!mayCapture || !CAPTURE.test(name)) this.#fail(at, `{${name}} stands for nothing here`);
    this.#captured.add(name);
  }

  #person(at: number, name: string): string {
    if (!this.#people.has(name)) this.#fail(at, `nobody is called ${name}`);
    return name;
  }

  #room(at: number, name = MAIN_ROOM): string {
    if (!this.#rooms.has(name)) this.#fail(at, `there is no room ${name}`);
    return name;
  }

  #readTitles(at: number, text: string): string[] {
    const titles = text.split(/, | and /);
    const unknown = titles.find((title) => !this.#hats.has(title));
    if (unknown !== undefined) this.#fail(at, `no line \`hat ${unknown}: URI\` says what hat that is`);
    return titles;
  }

  /** The lines that are neither empty nor comments. */
  #meaningful(from: number, to: number): number[] {
    const lines = this.#lines.slice(from, to);
    return lines.flatMap((line, at) => (line.trim() === "" || line.startsWith("#") ? [] : [from + at]));
  }

  #isIndented(at: number): boolean {
    return /^\s/.test(this.#lines[at] ?? "");
  }

  #fail(at: number, problem: string): never {
    throw new ConversationError(this.#file, at + 1, problem);
  }
}

function isAffiliation(text: string | undefined): text is Affiliation {
  return text !== undefined && AFFILIATIONS.includes(text);
}
