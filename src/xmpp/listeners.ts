/**
 * Listeners by event: told one after the other, each shielded from the failures of the others.
 *
 * A stanza that some listener cannot digest must neither end the process nor keep the stanza from the next listener;
 * what was thrown, also later by a promise, goes to the owner of the events and nowhere else.
 */

type Arguments<Events> = { [Name in keyof Events]: unknown[] };

/** Keeps and tells the listeners of one set of events. */
export class Listeners<Events extends Arguments<Events>> {
  /* Never changed in place: whoever is being told goes through those who listened at the beginning. */
  readonly #byEvent = new Map<keyof Events, readonly unknown[]>();
  readonly #onFailure: (event: keyof Events, error: unknown) => void;

  constructor(onFailure: (event: keyof Events, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => unknown): void {
    const listeners = this.#of(name);
    if (!listeners.includes(listener)) this.#byEvent.set(name, [...listeners, listener]);
  }

  remove<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => unknown): void {
    this.#byEvent.set(
      name,
      this.#of(name).filter((known) => known !== listener),
    );
  }

  /** Tells everybody who listens now, in the order in which they came. */
  tell<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    const fail = (error: unknown): void => this.#onFailure(name, error);
    for (const listener of this.#of(name)) {
      try {
        const outcome = (listener as (...values: Events[Name]) => unknown)(...values);
        if (outcome instanceof Promise) outcome.catch(fail);
      } catch (error) {
        fail(error);
      }
    }
  }

  #of(name: keyof Events): readonly unknown[] {
    return this.#byEvent.get(name) ?? [];
  }
}
