/** Tells listeners of durable changes, in their order; a listener that throws keeps nobody else from hearing. */
import type { Log } from "../core/log.ts";
import type { ChangeEvent } from "./desk.ts";

export class Announcer {
  readonly #listeners = new Set<(event: ChangeEvent) => void>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Adds a listener, and returns how to remove it. */
  add(listener: (event: ChangeEvent) => void): () => void {
    const own = (event: ChangeEvent) => listener(event);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Tells everybody, unless it is only something that the desk noted for itself. */
  announce(event: ChangeEvent): void {
    if (event.changes[0]?.kind === "base") return;
    for (const listener of this.#listeners) {
      try {
        const told: unknown = listener(event);
        // Nothing keeps a program from listening with an async function, whose failure would end the process.
        if (told instanceof Promise) told.catch((error: unknown) => this.#noteFailure(event, error));
      } catch (error) {
        this.#noteFailure(event, error);
      }
    }
  }

  #noteFailure({ seq }: ChangeEvent, error: unknown): void {
    this.#log.error({ err: error, seq }, "a listener to changes failed");
  }
}
