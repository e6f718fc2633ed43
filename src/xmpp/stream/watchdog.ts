/**
 * Bounds each phase of getting online: a server that falls silent in one of them is left, not waited for.
 *
 * The phases follow RFC 6120: connect (TCP), tls (handshake), header (the server's stream header), features, starttls
 * (its proceed), auth (SASL), bind; and XEP-0198: resume, enable.
 */
import type { Clock } from "../../core/clock.ts";

/** What the server is being waited for. */
export type Phase =
  | "connect"
  | "tls"
  | "header"
  | "features"
  | "starttls"
  | "auth"
  | "resume"
  | "bind"
  | "enable";

/** How long each phase may take, in milliseconds. */
export type PhaseTimeouts = Readonly<Record<Phase, number>>;

/** Watches one attempt to get online. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #timeouts: PhaseTimeouts;
  readonly #onStall: (phase: Phase) => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, timeouts: PhaseTimeouts, onStall: (phase: Phase) => void) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#onStall = onStall;
  }

  /** The phase before is over, this one begins. */
  enter(phase: Phase): void {
    this.stop();
    this.#cancel = this.#clock.after(this.#timeouts[phase], () => this.#onStall(phase));
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
