/**
 * Whether an occupant still has their nick, by the room's own answer (XEP-0045 1.35, sections 8.5 and 9.8).
 *
 * Presence may tell less than happens. COMPAT: ejabberd (23.01 and 26.07) tells of nobody's coming and going where more
 * than `max_users_presence` people are in a room: there anybody may have taken the nick of an owner who left, and a command
 * that they send through the room looks like the owner's.
 */
import { HatsError } from "../../core/errors.ts";
import type { Occupant, Role } from "../../core/occupant.ts";
import { buildRoleQuery, type NickHolders, parseRoleList } from "../../stanza/muc-roles.ts";
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { Element } from "../../stanza/xml.ts";

/* Refused: the bot may not ask. */
type Answer = NickHolders | "refused" | "unanswered";

interface Question {
  readonly answer: Promise<Answer>;
  next: Promise<Answer> | undefined;
}

export class NickCheck {
  readonly #ask: (payload: Element) => Promise<Element>;
  readonly #underWay = new Map<Role, Question>();

  /** `ask` asks the room and resolves with the result; it rejects with StanzaError where the room refused. */
  constructor(ask: (payload: Element) => Promise<Element>) {
    this.#ask = ask;
  }

  /**
   * Whether the room says of this nick that it is this person's, in the role they were shown in; undefined where the bot may
   * not ask.
   *
   * @throws HatsError room-not-ready where the room is silent
   */
  async isTheirs({ nick, role, realJid }: Occupant): Promise<boolean | undefined> {
    const answer = await this.#afresh(role);
    if (answer === "unanswered") throw new HatsError("room-not-ready");
    if (answer === "refused") return undefined;
    const holder = answer.get(nick);
    return answer.has(nick) && (holder === undefined || holder === realJid);
  }

  /* An answer to a question from before proves nothing about what came since: all who ask meanwhile wait for the next one. */
  #afresh(role: Role): Promise<Answer> {
    const before = this.#underWay.get(role);
    if (before === undefined) return this.#begin(role);
    before.next ??= before.answer.then(() => this.#begin(role));
    return before.next;
  }

  #begin(role: Role): Promise<Answer> {
    const question: Question = { answer: this.#question(role), next: undefined };
    this.#underWay.set(role, question);
    void question.answer.finally(() => {
      if (this.#underWay.get(role) === question) this.#underWay.delete(role);
    });
    return question.answer;
  }

  async #question(role: Role): Promise<Answer> {
    try {
      return parseRoleList(await this.#ask(buildRoleQuery(role)), role) ?? "unanswered";
    } catch (error) {
      return error instanceof StanzaError && !error.isPassing ? "refused" : "unanswered";
    }
  }
}
