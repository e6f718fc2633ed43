/**
 * Listeners by event, each shielded from the failures of the others: what one throws is logged as the bug it is.
 */
import type { Log } from "../../core/log.ts";

type Arguments<Events> = { [Name in keyof Events]: unknown[] };

/** Keeps and tells the listeners of one set of events. */
export class RoomListeners<Events extends Arguments<Events>> {
  readonly #byEvent = new Map<keyof Events, Set<unknown>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  on<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): void {
    const listeners = this.#byEvent.get(name) ?? new Set();
    this.#byEvent.set(name, listeners.add(listener));
  }

  off<Name extends keyof Events>(name: Name, listener: (...values: Events[Name]) => void): void {
    this.#byEvent.get(name)?.delete(listener);
  }

  /** Tells everybody who listens now, in the order in which they came. */
  tell<Name extends keyof Events>(name: Name, ...values: Events[Name]): void {
    for (const listener of Array.from(this.#byEvent.get(name) ?? [])) {
      try {
        (listener as (...values: Events[Name]) => void)(...values);
      } catch (error) {
        this.#log.error({ err: error, event: String(name) }, "a listener of a room failed");
      }
    }
  }
}
