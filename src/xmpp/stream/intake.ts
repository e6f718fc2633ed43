/**
 * What comes in, on its way to whoever reads it: handed on at once, or while much is under way every few milliseconds.
 *
 * To wake up for each packet costs the processor more than what is in it: while rooms are told of hundreds of changes a
 * second, half of all that the bot uses. While little is under way, nobody waits longer for that.
 */
import type { Clock } from "../../core/clock.ts";

/** How long what comes in is gathered, in milliseconds. */
export const GATHER_MS = 16;

/** See the head of this file. */
export class Intake {
  readonly #clock: Clock;
  readonly #isBusy: () => boolean;
  readonly #handOn: (text: string) => void;
  /* Undefined while everything is handed on at once. */
  #gathered: string | undefined;
  #callOff: () => void = () => undefined;

  /** `isBusy` says whether much is under way; it is asked each time after something was handed on. */
  constructor(clock: Clock, isBusy: () => boolean, handOn: (text: string) => void) {
    this.#clock = clock;
    this.#isBusy = isBusy;
    this.#handOn = handOn;
  }

  /** Takes what came. */
  take(text: string): void {
    if (this.#gathered !== undefined) {
      this.#gathered += text;
      return;
    }
    this.#handOn(text);
    if (!this.#isBusy()) return;
    this.#gathered = "";
    this.#callOff = this.#clock.after(GATHER_MS, () => {
      const gathered = this.drop();
      if (gathered !== "") this.take(gathered);
    });
  }

  /** Hands on at once what is gathered, as nothing more will come. */
  end(): void {
    const gathered = this.drop();
    if (gathered !== "") this.#handOn(gathered);
  }

  /** Forgets what is gathered, and says what it was. */
  drop(): string {
    const gathered = this.#gathered ?? "";
    this.#gathered = undefined;
    this.#callOff();
    return gathered;
  }
}
