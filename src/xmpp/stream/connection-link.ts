/**
 * One attempt to be online, from the first packet to the last: a socket, a parser and what is agreed on over them.
 *
 * RFC 6120, sections 4 to 8. A link never comes back; connection.ts makes the next one. Leaves out: redirection
 * (see-other-host would send the bot to a host of somebody's choice) and stream compression.
 */
import type { Client } from "@xmpp/client";
import { type Element, xml } from "../../stanza/xml.ts";
import type { Clock } from "../../core/clock.ts";
import { createLibraryClient } from "./library-client.ts";
import { SaslMechanisms } from "./sasl-mechanisms.ts";
import { Session, type SessionEvents } from "./session.ts";
import { type NegotiationActions, SignIn } from "./sign-in.ts";
import { type StanzaLimits, StanzaParser } from "./stanza-parser.ts";
import { StreamDownError } from "./stream.ts";
import {
  brokenOff,
  cutOff,
  isGone,
  parseSocketError,
  parseStreamError,
  strange,
  type StreamEnd,
} from "./stream-end.ts";
import type { ManagedSession } from "./stream-management.ts";
import { StreamSocket, type StreamTarget } from "./stream-socket.ts";
import type { Trust } from "./trust.ts";
import { type PhaseTimeouts, Watchdog } from "./watchdog.ts";

const NS_STREAMS = "http://etherx.jabber.org/streams";
const NS_STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams";

/** Who connects where, and within which bounds. */
export interface LinkOptions {
  readonly target: StreamTarget;
  readonly username: string;
  readonly domain: string;
  readonly resource: string;
  readonly password: string;
  readonly trust: Trust;
  readonly isLoopback: (address: string) => boolean;
  readonly limits: StanzaLimits;
  readonly timeouts: PhaseTimeouts;
  readonly closeTimeoutMs: number;
  readonly clock: Clock;
  /** Whether much is under way in the session; see intake.ts. */
  readonly isBusy: () => boolean;
}

/** What a link tells its owner; `ended` comes exactly once. */
export interface LinkEvents extends SessionEvents {
  /** Anything came in, be it a part of a stanza: a long one takes its time. */
  heard(): void;
  ended(end: StreamEnd): void;
}

/** One stream over one socket. */
export class Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #watchdog: Watchdog;
  readonly #socket: StreamSocket;
  readonly #signIn: SignIn;
  readonly #session: Session;
  readonly #xmpp: Client;
  #parser: StanzaParser | undefined;
  /* Whether the other side opened a stream. */
  #isXmpp = false;
  #state: "open" | "closing" | "ended" = "open";
  #finishClosing: () => void = () => undefined;

  /** `previous` is a session to take up again. */
  constructor(options: LinkOptions, previous: ManagedSession | undefined, events: LinkEvents) {
    const { username, domain, resource, target, timeouts, clock } = options;
    this.#options = options;
    this.#events = events;
    this.#watchdog = new Watchdog(clock, timeouts, (phase) =>
      this.#breakOff(`the server kept silent (${phase})`),
    );
    this.#socket = this.#createSocket();
    const actions = this.#buildActions();
    const mechanisms = new SaslMechanisms();
    this.#signIn = new SignIn(
      { host: target.host, account: `${username}@${domain}`, mechanisms },
      this.#socket,
      actions,
    );
    this.#session = new Session(resource, previous, actions, this.#watchSession(events));
    this.#xmpp = createLibraryClient({
      ...options,
      mechanisms,
      createSocket: () => this.#socket,
      createParser: () => this.#createParser(),
    });
    this.#xmpp.on("error", (error: Error) => this.#cut(brokenOff(error.message)));
  }

  /** Begins; everything further is told by events. */
  start(): void {
    this.#watchdog.enter("connect");
    this.#run(this.#xmpp.connect("xmpp://unused").then(() => this.#openStream()));
  }

  /** Sends a stanza that is already text; see Stream.send. */
  send(text: string, mayWait?: () => boolean): Promise<void> {
    if (this.#state !== "open" || !this.#session.isOnline) return Promise.reject(new StreamDownError());
    const following = this.#session.noteSent(text, mayWait);
    return new Promise((resolve, reject) => {
      this.#socket.write(text + following, (error) => {
        if (error && !this.#session.mayResume) reject(new StreamDownError(error.message));
        else resolve();
      });
    });
  }

  /** Says goodbye and ends; resolves when it is over, at the latest after `closeTimeoutMs`. */
  close(): Promise<void> {
    const stopped = cutOff("stopped");
    if (this.#state !== "open" || !this.#session.isOnline) {
      this.#cut(stopped);
      return Promise.resolve();
    }
    this.#state = "closing";
    this.#socket.write(`<presence type="unavailable"/>${this.#session.lastWords}</stream:stream>`);
    const { clock, closeTimeoutMs } = this.#options;
    const cancel = clock.after(closeTimeoutMs, () => this.#cut(stopped));
    return new Promise((resolve) => {
      this.#finishClosing = () => {
        cancel();
        resolve();
      };
    });
  }

  /** Ends at once: nothing comes back from the other side. */
  giveUp(reason: string): void {
    this.#cut(brokenOff(reason));
  }

  #breakOff(reason: string): void {
    this.#cut(this.#isXmpp ? brokenOff(reason) : strange(reason, this.#options.target.directTls));
  }

  #fail(error: Error): void {
    if (isGone(error)) this.#breakOff(error.message);
    else this.#cut(parseSocketError(error, this.#options.domain));
  }

  #cut(end: StreamEnd): void {
    if (this.#state === "ended") return;
    const reported = this.#state === "closing" ? cutOff("stopped") : end;
    this.#state = "ended";
    this.#watchdog.stop();
    this.#parser?.close();
    this.#socket.destroy();
    this.#events.ended(reported);
    this.#finishClosing();
  }

  #createSocket(): StreamSocket {
    const isBusy = () => this.#state === "open" && this.#session.isOnline && this.#options.isBusy();
    const socket = new StreamSocket({ ...this.#options, isBusy });
    socket.on("data", () => this.#events.heard());
    socket.on("handshake", () => this.#watchdog.enter("tls"));
    socket.on("secure", () => this.#run(this.#restartStream()));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#breakOff("the connection was lost"));
    return socket;
  }

  #createParser(): StanzaParser {
    this.#parser = new StanzaParser(this.#options.limits, {
      opened: () => {
        this.#isXmpp = true;
        this.#watchdog.enter("features");
      },
      element: (element) => this.#receive(element) === "taken",
      ended: () => this.#cut(brokenOff("the server closed the stream")),
      failed: (error) => this.#refuse(error),
    });
    return this.#parser;
  }

  #buildActions(): NegotiationActions {
    return {
      /* Nothing follows the end of the stream (RFC 6120, section 4.4). */
      write: (element) => {
        if (this.#state === "open") this.#socket.write(element.toString());
      },
      writeText: (text) => this.#socket.write(text),
      forgetStream: () => this.#parser?.close(),
      enter: (phase) => this.#watchdog.enter(phase),
      cut: (end) => this.#cut(end),
    };
  }

  #watchSession(events: SessionEvents): SessionEvents {
    return {
      bound: (address, session) => {
        this.#watchdog.stop();
        events.bound(address, session);
      },
      resumed: () => {
        this.#watchdog.stop();
        events.resumed();
      },
      stanza: (stanza) => events.stanza(stanza),
    };
  }

  async #openStream(): Promise<void> {
    this.#watchdog.enter("header");
    await this.#xmpp.open({ domain: this.#options.domain });
  }

  async #restartStream(): Promise<void> {
    this.#watchdog.enter("header");
    await this.#xmpp.restart();
  }

  #run(step: Promise<unknown>): void {
    step.catch((error: Error) => this.#cut(brokenOff(error.message)));
  }

  /* What is no XML ends the stream (RFC 6120, section 4.9.3.13): what came after it would be guesswork. */
  #refuse(error: Error): void {
    const condition = xml("not-well-formed", { xmlns: NS_STREAM_ERRORS });
    this.#socket.write(`${xml("stream:error", {}, condition).toString()}</stream:stream>`);
    const reason = `the server sent what cannot be read: ${error.message}`;
    if (this.#isXmpp) this.#cut(cutOff(reason));
    else this.#breakOff(reason);
  }

  #receive(element: Element): "taken" | "left" {
    if (element.is("error", NS_STREAMS)) {
      this.#cut(parseStreamError(element, this.#options.resource));
      return "taken";
    }
    const isFeatures = element.is("features", NS_STREAMS);
    if (!this.#signIn.isDone)
      return isFeatures ? this.#signIn.receiveFeatures(element) : this.#signIn.receive(element);
    if (isFeatures) this.#session.receiveFeatures(element);
    else this.#session.receive(element);
    return "taken";
  }
}
