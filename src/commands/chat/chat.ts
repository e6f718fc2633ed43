/**
 * The chat desk: who is answered, how often, and how long what they said is remembered.
 *
 * A dialogue belongs to a full address, and through a room to one occupancy, as the sessions of commands do: what is
 * begun on one device is not gone on with from another. One line of somebody is answered at a time, in their order.
 * Nobody can be kept talking: answers a minute and an hour are bounded, what means nothing is answered three times in a
 * row, the same line that is no command three times, and whoever may do nothing anywhere gets one line an hour.
 */
import { HatsError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Engine, Source } from "../engine/engine.ts";
import { DEFAULT_SESSION_LIMITS, ownerOf } from "../engine/session-table.ts";
import { Turns } from "../../core/turns.ts";
import type { Forms } from "../texts/forms.ts";
import { Allowance } from "./allowance.ts";
import { Dialogue, type Said, type Talker } from "./dialogue.ts";
import type { ValueCheck } from "./value-check.ts";
import { Vocabulary } from "./vocabulary.ts";

/** What somebody says. */
export interface Heard {
  readonly text: string;
  /** The language that they say it in, or empty. */
  readonly lang: string;
  readonly isEncrypted: boolean;
}

export interface ChatOptions {
  readonly engine: Pick<Engine, "handle" | "offered">;
  readonly forms: Pick<Forms, "languages" | "phrases">;
  readonly check: ValueCheck;
  readonly log: Log;
  /** Whether some room cannot say yet who is what there: whoever seems to be a stranger may be none. */
  readonly isWaiting?: () => boolean;
  /** Milliseconds that only go forward. */
  readonly now?: () => number;
}

/** The bounds of what is answered and remembered. */
export const CHAT_LIMITS = {
  answersAMinute: 20,
  answersAnHour: 300,
  sameLine: 3,
  /** The longest line that is read, in characters. */
  lineLength: 4_096,
  dialogues: 4_096,
  knownPeople: 65_536,
  unknownPeople: 4_096,
  idleMs: DEFAULT_SESSION_LIMITS.idleMs,
} as const;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/* One dialogue and what is needed to end it. */
interface Talk {
  readonly dialogue: Dialogue;
  usedAt: number;
  /** Whether the address is somebody else's by now. */
  hasEnded: boolean;
  /** What was said to them last: to hear it again is an echo. */
  answered: string;
  /** The line that was no command last, and how often it came in a row. */
  heard: string;
  repeated: number;
}

/** Answers people who write to the bot. */
export class Chat {
  readonly #engine: ChatOptions["engine"];
  readonly #forms: ChatOptions["forms"];
  readonly #log: Log;
  readonly #isWaiting: () => boolean;
  readonly #now: () => number;
  readonly #talker: Talker;
  readonly #turns = new Turns();
  /* In the order of their last use. */
  readonly #talks = new Map<string, Talk>();
  readonly #paceOfKnown: readonly Allowance[];
  readonly #paceOfUnknown: readonly Allowance[];
  readonly #strangers: Allowance;
  readonly #encrypted: Allowance;

  constructor({
    engine,
    forms,
    check,
    log,
    isWaiting = () => false,
    now = () => performance.now(),
  }: ChatOptions) {
    this.#engine = engine;
    this.#forms = forms;
    this.#log = log;
    this.#isWaiting = isWaiting;
    this.#now = now;
    this.#talker = { engine, forms, check, vocabulary: new Vocabulary(forms) };
    this.#paceOfKnown = paceOf(CHAT_LIMITS.knownPeople, now);
    this.#paceOfUnknown = paceOf(CHAT_LIMITS.unknownPeople, now);
    this.#strangers = new Allowance({ times: 1, withinMs: HOUR_MS, people: CHAT_LIMITS.unknownPeople }, now);
    this.#encrypted = new Allowance({ times: 1, withinMs: DAY_MS, people: CHAT_LIMITS.unknownPeople }, now);
  }

  /** Answers what somebody says; undefined where they get no answer. */
  async hear(source: Source, heard: Heard): Promise<Said | undefined> {
    const person = ownerOf(source.requester, source.address);
    /* Counted apart, so that any number of strangers leave people their answers. */
    const pace = this.#isStranger(source) ? this.#paceOfUnknown : this.#paceOfKnown;
    if (!pace.every((allowance) => allowance.take(person))) return undefined;
    if (heard.isEncrypted) {
      return this.#encrypted.take(person) ? this.#say("chat-encrypted", heard.lang) : undefined;
    }
    const talk = this.#talkAt(source.address);
    return this.#turns.take(source.address, () => this.#answer(source, person, talk, heard));
  }

  /** Ends what an occupant began: whoever has the nick from now on is somebody else. */
  endOccupancy(occupantJid: string): void {
    const talk = this.#talks.get(occupantJid);
    if (talk !== undefined) talk.hasEnded = true;
    this.#talks.delete(occupantJid);
  }

  /** How many dialogues are remembered. */
  get dialogues(): number {
    this.#expire();
    return this.#talks.size;
  }

  async #answer(
    source: Source,
    person: string,
    talk: Talk,
    { text, lang }: Heard,
  ): Promise<Said | undefined> {
    if (talk.hasEnded || text === talk.answered) return undefined;
    const said = await this.#reply(source, person, talk, text, lang);
    if (talk.hasEnded || said === undefined || this.#isTooOften(talk, said, text)) return undefined;
    /* What is longer cannot come back as a line. */
    talk.answered = said.text.length > CHAT_LIMITS.lineLength ? "" : said.text;
    return said;
  }

  async #reply(
    source: Source,
    person: string,
    { dialogue }: Talk,
    text: string,
    lang: string,
  ): Promise<Said | undefined> {
    try {
      if (text.length > CHAT_LIMITS.lineLength) throw tooLong();
      const said = await dialogue.answer(source, text, lang);
      return said?.isSmallTalk && this.#isStranger(source)
        ? this.#turnAway(source, person, dialogue.lang)
        : said;
    } catch (error) {
      if (!(error instanceof HatsError)) this.#log.error({ err: error }, "an answer in the chat failed");
      const refusal = error instanceof HatsError ? error : new HatsError("internal");
      const spoken = dialogue.lang === "" ? lang : dialogue.lang;
      if (refusal.code === "forbidden" && this.#isStranger(source)) {
        return this.#turnAway(source, person, spoken);
      }
      const reason = this.#forms.phrases(spoken).explain(refusal.explanation);
      return this.#say("mistake-without-field", spoken, { reason });
    }
  }

  #isStranger({ requester }: Source): boolean {
    return this.#engine.offered(requester).length === 0;
  }

  /* Whoever may do nothing is told the same, whichever rooms there are, and is not remembered. */
  #turnAway({ address }: Source, person: string, lang: string): Said | undefined {
    this.#talks.delete(address);
    if (this.#isWaiting()) return undefined;
    return this.#strangers.take(person) ? this.#say("chat-stranger", lang) : undefined;
  }

  /* Whoever says the same over and over, and it is no command, may be a program that is answered and answers. */
  #isTooOften(talk: Talk, { isSmallTalk }: Said, text: string): boolean {
    if (isSmallTalk !== true) return false;
    talk.repeated = text === talk.heard ? talk.repeated + 1 : 1;
    talk.heard = text;
    return talk.repeated > CHAT_LIMITS.sameLine;
  }

  #talkAt(address: string): Talk {
    this.#expire();
    const talk = this.#talks.get(address) ?? {
      dialogue: new Dialogue(this.#talker),
      usedAt: 0,
      hasEnded: false,
      answered: "",
      heard: "",
      repeated: 0,
    };
    talk.usedAt = this.#now();
    this.#talks.delete(address);
    this.#talks.set(address, talk);
    return talk;
  }

  #expire(): void {
    const since = this.#now() - CHAT_LIMITS.idleMs;
    for (const [address, { usedAt }] of this.#talks) {
      if (usedAt > since && this.#talks.size < CHAT_LIMITS.dialogues) break;
      this.#talks.delete(address);
    }
  }

  #say(key: string, wanted: string, values?: Readonly<Record<string, string>>): Said {
    const phrases = this.#forms.phrases(wanted);
    return { text: phrases.say(key, values), lang: phrases.lang };
  }
}

function paceOf(people: number, now: () => number): readonly Allowance[] {
  return [
    new Allowance({ times: CHAT_LIMITS.answersAMinute, withinMs: MINUTE_MS, people }, now),
    new Allowance({ times: CHAT_LIMITS.answersAnHour, withinMs: HOUR_MS, people }, now),
  ];
}

function tooLong(): HatsError {
  const explanation = { code: "too-long", values: { max: CHAT_LIMITS.lineLength } } as const;
  return new HatsError("bad-field", { explanation });
}
