/** The bot's stream with nothing behind it: a test puts stanzas in and sees what comes out. */
import { Listeners } from "../../src/xmpp/listeners.ts";
import { serialise } from "../../src/xmpp/stream/stanza-guard.ts";
import {
  type Stream,
  StreamDownError,
  type StreamEvents,
  type StreamListener,
} from "../../src/xmpp/stream/stream.ts";
import type { Element } from "../../src/stanza/xml.ts";
import { within } from "./deadline.ts";

/** A stream in the hands of a test. */
export class Wire implements Stream {
  readonly address: string;
  readonly sent: Element[] = [];
  online = true;
  readonly #listeners = new Listeners<StreamEvents>((_, error) => this.#fail(error));
  readonly #watchers = new Set<() => void>();
  /* What listeners threw, which is a bug of theirs. */
  readonly #failures: unknown[] = [];

  constructor(address: string) {
    this.address = address;
  }

  async send(stanza: Element): Promise<void> {
    if (!this.online) throw new StreamDownError();
    serialise(stanza);
    this.sent.push(stanza);
    this.#tellWatchers();
  }

  on<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  /** Lets a stanza come in. */
  receive(stanza: Element): void {
    this.#listeners.tell("stanza", stanza);
  }

  /** Breaks the session off, which may go on. */
  interrupt(): void {
    this.online = false;
    this.#listeners.tell("offline", "test", true);
  }

  /** Goes on with the session that was interrupted. */
  resume(): void {
    this.online = true;
    this.#listeners.tell("resumed");
  }

  /** Begins a session. */
  comeOnline(): void {
    this.online = true;
    this.#listeners.tell("online", this.address);
  }

  /** Lets a stanza come in and resolves with the next one that goes out. */
  async exchange(stanza: Element): Promise<Element> {
    const count = this.sent.length;
    this.receive(stanza);
    await this.until(() => this.sent.length > count, `an answer to ${stanza.name}`);
    return this.sent[count]!;
  }

  /** Resolves once the stanzas that went out fulfil a condition; rejects with what a listener threw. */
  until(isTrue: () => boolean, what: string): Promise<void> {
    const fulfilled = new Promise<void>((resolve, reject: (reason: unknown) => void) => {
      const check = (): void => {
        if (this.#failures.length > 0) reject(this.#failures[0]);
        else if (isTrue()) resolve();
        else return;
        this.#watchers.delete(check);
      };
      this.#watchers.add(check);
      check();
    });
    return within(fulfilled, what);
  }

  #fail(error: unknown): void {
    this.#failures.push(error);
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
