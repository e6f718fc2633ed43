/**
 * Finds out that a room forgot the bot: XEP-0410 1.1, MUC Self-Ping.
 *
 * A room that was silent for a while is sent a ping to the bot's own nick. Leaves out the optimisation of
 * section 3.3, which is the room's business, and answering the ping where the room hands it back to the bot.
 */
import { StanzaError } from "../../stanza/stanza-error.ts";
import type { Clock } from "../../core/clock.ts";

/**
 * Section 3.2: errors that come from the pinged client, so that the bot is in.
 *
 * COMPAT: item-not-found would be one of them, but is what Prosody and ejabberd answer for a room that is gone. It is
 * meant for a nick changed by another client under the same nick, which this bot does not have.
 */
const STILL_JOINED: ReadonlySet<string> = new Set(["service-unavailable", "feature-not-implemented"]);

/** Section 3.2: errors that tell nothing about the room. */
const UNREACHABLE: ReadonlySet<string> = new Set(["remote-server-not-found", "remote-server-timeout"]);

/* How long a room may be silent before it is asked. Section 3.2 proposes a quarter of an hour; commands should not wait that long. */
const SILENCE_MS = 5 * 60_000;

export interface SelfPingOptions {
  readonly clock: Clock;
  /** Pings through the own nick; rejects with StanzaError, or with anything else where nobody answered. */
  readonly ping: () => Promise<unknown>;
  /** The room does not know the bot. */
  readonly onForgotten: () => void;
}

export class SelfPing {
  readonly #options: SelfPingOptions;
  #heardAt = 0;
  #cancel: (() => void) | undefined;

  constructor(options: SelfPingOptions) {
    this.#options = options;
  }

  /** Begins to watch; the room was heard just now. */
  start(): void {
    this.stop();
    this.heard();
    this.#wait(SILENCE_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** The room said something, so it knows the bot. */
  heard(): void {
    this.#heardAt = this.#options.clock.now();
  }

  #wait(delayMs: number): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      const left = this.#heardAt + SILENCE_MS - this.#options.clock.now();
      if (left > 0) this.#wait(left);
      else void this.#ping(cancel);
    });
    this.#cancel = cancel;
  }

  async #ping(watch: () => void): Promise<void> {
    const isJoined = await this.#options.ping().then(() => true, isStillJoined);
    if (this.#cancel !== watch) return;
    if (!isJoined) {
      this.stop();
      this.#options.onForgotten();
      return;
    }
    this.#wait(SILENCE_MS);
  }
}

/* Whether a failed ping leaves it possible that the bot is in the room. */
function isStillJoined(failure: unknown): boolean {
  if (!(failure instanceof StanzaError)) return true;
  return STILL_JOINED.has(failure.condition) || UNREACHABLE.has(failure.condition);
}
