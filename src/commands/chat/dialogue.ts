/**
 * What the desk and one person say to each other: verbs begin commands, and what a command asks is asked field by field.
 *
 * It is one more client of the engine, which judges, keeps sessions and does things; nothing here knows of rights. Leaves
 * out who may talk to it, how often, and for how long (chat.ts).
 */
import type { Action, CommandRequest, CommandResponse } from "../../stanza/command.ts";
import { HatsError } from "../../core/errors.ts";
import { quote } from "../../core/text.ts";
import type { Submission } from "../../stanza/data-form.ts";
import type { Engine, Source } from "../engine/engine.ts";
import type { Forms } from "../texts/forms.ts";
import type { Reading } from "./choices.ts";
import { beginErrand, type Errand, fieldAtHand, fromTheEnd, showForm, stepBack } from "./errand.ts";
import { foresee } from "./foresight.ts";
import { type Mistake, moveOf } from "./move.ts";
import { SpokenLanguage } from "./spoken-language.ts";
import type { Signal, Verb } from "./verbs.ts";
import type { ValueCheck } from "./value-check.ts";
import type { Opening, Vocabulary } from "./vocabulary.ts";
import {
  sayHelp,
  sayHowToAnswer,
  sayOutcome,
  sayQuestion,
  sayRoom,
  sayTrouble,
  type Speech,
} from "./words-out.ts";

/** What is said to somebody. */
export interface Said {
  readonly text: string;
  readonly lang: string;
  /** Whether it says nothing of any command. */
  readonly isSmallTalk?: true;
}

/** What a dialogue needs. */
export interface Talker {
  readonly engine: Pick<Engine, "handle" | "offered">;
  readonly forms: Pick<Forms, "languages" | "phrases">;
  readonly vocabulary: Vocabulary;
  readonly check: ValueCheck;
}

/** How often in a row somebody may say what means nothing before they are not answered any more. */
export const MOST_MISUNDERSTOOD = 3;

/** One person's dialogue, from one address. */
export class Dialogue {
  readonly #talker: Talker;
  readonly #language: SpokenLanguage;
  #errand: Errand | undefined;
  /* The room that was talked about last, as it was called. */
  #room: string | undefined;
  #misunderstood = 0;

  constructor(talker: Talker) {
    this.#talker = talker;
    this.#language = new SpokenLanguage(talker.forms);
  }

  /** The language that is spoken; empty before the first line. */
  get lang(): string {
    return this.#language.lang;
  }

  /**
   * Answers what somebody says; undefined where nothing is to be said.
   *
   * @throws HatsError what the engine refuses; what was under way is over then
   */
  async answer(source: Source, text: string, wanted: string): Promise<Said | undefined> {
    const errand = this.#errand;
    this.#language.hear(wanted, errand?.lang);
    try {
      if (errand !== undefined) return await this.#goOn(source, errand, text);
      const opening = this.#open(text);
      return opening === undefined ? this.#misunderstand() : await this.#begin(source, opening);
    } catch (error) {
      await this.#drop(source);
      throw error;
    }
  }

  /* What opens something is one line: others' programs have a lot to say that begins with `help`. */
  #open(text: string): Opening | undefined {
    return text.includes("\n") ? undefined : this.#talker.vocabulary.open(text, this.lang);
  }

  #begin(source: Source, { means, rest, lang }: Opening): Promise<Said> | Said {
    this.#misunderstood = 0;
    this.#language.begin(lang);
    return typeof means === "string" ? this.#signal(source, means, rest) : this.#run(source, means, rest);
  }

  #signal({ requester }: Source, signal: Signal, rest: string): Said {
    const { engine } = this.#talker;
    if (signal === "help")
      return this.#chatter(sayHelp(engine.offered(requester, this.lang), this.#speech()));
    if (signal !== "room") return this.#chatter(this.#phrase("chat-nothing-under-way"));
    this.#room = rest === "" ? undefined : rest;
    const key = rest === "" ? "chat-room-asked" : "chat-room-wanted";
    return this.#chatter(this.#phrase(key, { room: quote(rest) }));
  }

  async #run(source: Source, verb: Verb, rest: string): Promise<Said> {
    await this.#drop(source);
    const errand = beginErrand(verb, this.lang, rest);
    return this.#take(source, errand, await this.#ask(source, errand, "execute"));
  }

  async #goOn(source: Source, errand: Errand, text: string): Promise<Said> {
    const move = moveOf(errand, text, this.#reading(source, errand, true));
    if (move.kind === "mistake") return this.#otherwise(source, text, move);
    this.#misunderstood = 0;
    if (move.kind === "cancel") return this.#end(source, "chat-canceled");
    if (move.kind === "back") return this.#back(source, errand);
    if (move.kind === "elsewhere") return this.#elsewhere(source, errand, "");
    if (move.kind === "help") return this.#question(errand, [sayHowToAnswer(this.#speech())]);
    if (move.kind === "submit") return this.#submit(source, errand);
    return move.kind === "ask" ? this.#question(move.errand) : this.#proceed(source, move.errand);
  }

  /* No answer to what is asked; it may begin something else. */
  #otherwise(source: Source, text: string, { errand, trouble }: Mistake): Promise<Said> | Said {
    const opening = this.#open(text);
    if (opening?.means === "room") return this.#elsewhere(source, errand, opening.rest);
    if (opening !== undefined && typeof opening.means !== "string") return this.#begin(source, opening);
    this.#misunderstood += 1;
    if (this.#misunderstood >= MOST_MISUNDERSTOOD) return this.#end(source, "chat-given-up");
    return this.#question({ ...errand, intro: "" }, [sayTrouble(trouble, this.#speech())]);
  }

  /* The same from its beginning, in another room. */
  #elsewhere(source: Source, { verb, said }: Errand, room: string): Promise<Said> {
    this.#misunderstood = 0;
    this.#room = room === "" ? undefined : room;
    return this.#run(source, verb, said);
  }

  async #back(source: Source, errand: Errand): Promise<Said> {
    const before = stepBack(errand);
    if (before !== undefined) return this.#question(before);
    if (!errand.canGoBack) return this.#question(errand, [this.#phrase("chat-no-way-back")]);
    const response = await this.#ask(source, errand, "prev", errand.values);
    return this.#question(fromTheEnd(showForm(errand, response)));
  }

  /* Goes on to the first field that has to be asked, or hands the form in. */
  async #proceed(source: Source, errand: Errand): Promise<Said> {
    const before: string[] = [];
    let current = errand;
    for (let field = fieldAtHand(current); field !== undefined; field = fieldAtHand(current)) {
      const reading = this.#reading(source, current, false);
      const foreseen = foresee(current, field, reading, current.room === undefined ? this.#room : undefined);
      if (foreseen === undefined) return this.#question(current, before);
      current = foreseen.errand;
      const { room, trouble, mustAsk } = foreseen;
      if (room !== undefined) before.push(sayRoom(room, this.#speech()));
      if (trouble !== undefined) before.push(sayTrouble(trouble, this.#speech()));
      if (mustAsk === true) return this.#question(current, before);
    }
    if (current.fields.length === 0) return this.#question(current, before);
    return this.#submit(source, current, before);
  }

  async #submit(source: Source, errand: Errand, before: readonly string[] = []): Promise<Said> {
    const response = await this.#ask(source, errand, "execute", errand.values);
    return this.#take(source, errand, response, before);
  }

  /* What is wrong is asked, whatever else could answer it. */
  async #take(
    source: Source,
    errand: Errand,
    response: CommandResponse,
    before: readonly string[] = [],
  ): Promise<Said> {
    this.#room = errand.room ?? this.#room;
    if (response.status !== "executing") {
      this.#errand = undefined;
      return this.#say(sayOutcome(response), response.lang);
    }
    const shown = showForm(errand, response);
    if (response.mistaken !== undefined) return this.#question(shown);
    const said = await this.#proceed(source, shown);
    return this.#errand === undefined ? said : { ...said, text: [...before, said.text].join("\n") };
  }

  #question(errand: Errand, before: readonly string[] = []): Said {
    this.#errand = errand;
    return this.#say(sayQuestion(errand, this.#speech(), before));
  }

  async #end(source: Source, key: string): Promise<Said> {
    await this.#drop(source);
    return this.#say(this.#phrase(key));
  }

  async #drop(source: Source): Promise<void> {
    const errand = this.#errand;
    this.#errand = undefined;
    if (errand === undefined) return;
    /* A session that ended by itself is over, too. */
    await this.#ask(source, errand, "cancel").catch((error: unknown) => {
      if (!(error instanceof HatsError)) throw error;
    });
  }

  #ask(source: Source, errand: Errand, action: Action, submission?: Submission): Promise<CommandResponse> {
    const { node, lang } = errand;
    const sessionid = errand.sessionid === "" ? undefined : errand.sessionid;
    const request: CommandRequest = { node, sessionid, action, submission, lang };
    return this.#talker.engine.handle(source, request);
  }

  #misunderstand(): Said | undefined {
    this.#misunderstood += 1;
    if (this.#misunderstood > MOST_MISUNDERSTOOD) return undefined;
    const help = this.#talker.vocabulary.word("help", this.lang);
    return this.#chatter(this.#phrase("chat-not-understood", { help }));
  }

  #reading({ requester }: Source, { room, lang }: Errand, mayCount: boolean): Reading {
    const { vocabulary, check } = this.#talker;
    const place = requester.kind === "occupant" ? requester.room : room;
    return { vocabulary, check, lang, mayCount, room: place };
  }

  /* What is under way is in the language that is spoken. */
  #speech(): Speech {
    const { forms, vocabulary } = this.#talker;
    return { phrases: forms.phrases(this.lang), vocabulary };
  }

  #phrase(key: string, values?: Readonly<Record<string, number | string>>): string {
    return this.#speech().phrases.say(key, values);
  }

  #chatter(text: string): Said {
    return { ...this.#say(text), isSmallTalk: true };
  }

  #say(text: string, lang = this.lang): Said {
    return { text, lang };
  }
}
