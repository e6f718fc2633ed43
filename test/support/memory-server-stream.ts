/** The bot's stream on a server in memory: the port of src/xmpp/stream/stream.ts without a network below it. */
import { Listeners } from "../../src/xmpp/listeners.ts";
import { serialise } from "../../src/xmpp/stream/stanza-guard.ts";
import { StreamDownError, type StreamEvents, type StreamListener } from "../../src/xmpp/stream/stream.ts";
import type { BotStream } from "../../src/bot.ts";
import type { Element } from "../../src/stanza/xml.ts";
import type { OpenSession, Uplink } from "./memory-server-session.ts";

/** A stream that comes online, in a turn of its own, once somebody listens for that. */
export class MemoryStream implements BotStream {
  /** What listeners threw, which is a bug of theirs. */
  readonly failures: unknown[] = [];
  readonly #listeners = new Listeners<StreamEvents>((_, error) => this.failures.push(error));
  readonly #open: () => Uplink;
  #uplink: Uplink | undefined;
  #isAwaited = false;
  #address: string | undefined;

  constructor(openSession: OpenSession, user: string, resource: string) {
    this.#open = () =>
      openSession(user, resource, (stanza) => {
        if (this.online) this.#listeners.tell("stanza", stanza);
      });
  }

  get address(): string | undefined {
    return this.#address;
  }

  get online(): boolean {
    return this.#uplink !== undefined;
  }

  async send(stanza: Element): Promise<void> {
    if (this.#uplink === undefined) throw new StreamDownError();
    serialise(stanza);
    this.#uplink.send(stanza);
  }

  on<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.add(name, listener);
    if (name !== "online" || this.#isAwaited) return;
    this.#isAwaited = true;
    setImmediate(() => this.comeOnline());
  }

  off<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  /** Begins a new session. */
  comeOnline(): void {
    this.#uplink = this.#open();
    this.#address = this.#uplink.jid;
    this.#listeners.tell("online", this.#address);
  }

  /** Ends the session in good order, as the bot does when it stops. */
  async stop(): Promise<void> {
    this.goOffline("stopped");
  }

  /** Ends the session as a server does that goes away. */
  goOffline(reason = "the test ended it"): void {
    if (this.#uplink === undefined) return;
    this.#uplink.end();
    this.#uplink = undefined;
    this.#listeners.tell("offline", reason, false);
  }
}
