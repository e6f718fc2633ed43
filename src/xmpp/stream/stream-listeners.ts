/**
 * The listeners of a stream: told one after the other, each shielded from the failures of the others.
 *
 * A stanza that some listener cannot digest must neither end the process nor keep the stanza from the next listener;
 * what was thrown, also later by a promise, goes to the owner of the stream and nowhere else.
 */
import type { StreamEvents, StreamListener } from "./stream.ts";

type ListenersByEvent = { [Name in keyof StreamEvents]: Set<StreamListener<Name>> };

/** Keeps and tells listeners; for the implementations of Stream. */
export class StreamListeners {
  readonly #byEvent: ListenersByEvent = {
    online: new Set(),
    resumed: new Set(),
    offline: new Set(),
    stanza: new Set(),
    fatal: new Set(),
  };
  readonly #onFailure: (event: keyof StreamEvents, error: unknown) => void;

  constructor(onFailure: (event: keyof StreamEvents, error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  add<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#byEvent[name].add(listener);
  }

  remove<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#byEvent[name].delete(listener);
  }

  /** Tells everybody who listens now, in the order in which they came. */
  tell<Name extends keyof StreamEvents>(name: Name, ...values: StreamEvents[Name]): void {
    const fail = (error: unknown): void => this.#onFailure(name, error);
    for (const listener of Array.from(this.#byEvent[name])) {
      try {
        const outcome = listener(...values);
        if (outcome instanceof Promise) outcome.catch(fail);
      } catch (error) {
        fail(error);
      }
    }
  }
}
