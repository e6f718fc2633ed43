/**
 * By which nick the bot goes on one visit to a room: XEP-0045 1.35, sections 7.2.8 (conflict) and 7.6 (changing it).
 *
 * The bot enters by the nick that it wants, or where somebody has that by the same with a number. It asks for the
 * wanted one when its holder goes, and at once when another one comes to be wanted. Pure: what the room said in, the
 * nick to ask for out. Leaves out sending and hearing (room-visit.ts).
 */

/** Nicks that are tried on entering: the wanted one, then with -2 to -5. */
const NICKS_TRIED = 5;

export class OwnNick {
  readonly #wantedAtFirst: string;
  #wanted: string;
  #current: string;
  #tried = 0;

  constructor(wanted: string) {
    this.#wantedAtFirst = wanted;
    this.#wanted = wanted;
    this.#current = wanted;
  }

  /** The nick that the bot has, or while it enters the one that it asks for. */
  get current(): string {
    return this.#current;
  }

  /** Whether there is another nick to try. */
  get hasNext(): boolean {
    return this.#tried < NICKS_TRIED;
  }

  /** The nick to enter by, each time another one: first the wanted one. */
  next(): string {
    this.#tried += 1;
    this.#current = this.#tried === 1 ? this.#wanted : `${this.#wanted}-${this.#tried}`;
    return this.#current;
  }

  /** The room calls the bot so. */
  take(nick: string): void {
    this.#current = nick;
  }

  /** Another nick is wanted from now on. */
  want(nick: string): void {
    this.#wanted = nick;
  }

  /** The nick to ask for while the bot is in: the wanted one, unless the bot has it. */
  get missing(): string | undefined {
    return this.#current === this.#wanted ? undefined : this.#wanted;
  }

  /** The nick to ask for as soon as the bot is in: one that was wanted all along is known to be somebody's. */
  get missingOnEntering(): string | undefined {
    return this.#wanted === this.#wantedAtFirst ? undefined : this.missing;
  }

  /** The nick to ask for when whoever had this one is gone: only the wanted one is waited for. */
  missingAfter(nick: string): string | undefined {
    return nick === this.#wanted ? this.missing : undefined;
  }
}
