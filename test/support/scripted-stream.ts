/** A stream without anything behind it: a test sees what is sent, and says what happens. */
import type { Element } from "../../src/stanza/xml.ts";
import { Listeners } from "../../src/xmpp/listeners.ts";
import {
  type Stream,
  StreamDownError,
  type StreamEvents,
  type StreamListener,
} from "../../src/xmpp/stream/stream.ts";

/** The stream; online from the start. */
export class ScriptedStream implements Stream {
  address: string | undefined = "bot@milliner.test/milliner";
  online = true;
  readonly sent: Element[] = [];
  /** What listeners threw. */
  readonly failures: unknown[] = [];
  readonly #listeners = new Listeners<StreamEvents>((_event, error) => this.failures.push(error));

  async send(stanza: Element): Promise<void> {
    if (!this.online) throw new StreamDownError();
    this.sent.push(stanza);
  }

  on<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  /** Lets an event happen. */
  tell<Name extends keyof StreamEvents>(name: Name, ...values: StreamEvents[Name]): void {
    this.online = name === "stanza" ? this.online : name === "online" || name === "resumed";
    this.#listeners.tell(name, ...values);
  }
}
