/**
 * The bot's connection to its server: comes up, stays up, comes back, and says so.
 *
 * RFC 6120 with XEP-0198 and XEP-0199. docs/connection.md lists what can go wrong on the way and what is done about each.
 * Leaves out what goes over the stream: presence, rooms, answers to IQs, also to pings.
 */
import { randomUUID } from "node:crypto";
import { type Log, silentLog } from "../../core/log.ts";
import { parseJid } from "../../stanza/jid.ts";
import { NS_PING } from "../../stanza/namespaces.ts";
import { attribute, type Element, xml } from "../../stanza/xml.ts";
import { backoffDelay } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../system-clock.ts";
import { Link, type LinkOptions } from "./connection-link.ts";
import {
  BACKOFF,
  type ConnectionOptions,
  readKeepaliveTimes,
  readLinkOptions,
} from "./connection-options.ts";
import { Keepalive } from "./keepalive.ts";

import { serialise } from "./stanza-guard.ts";
import {
  type FatalReason,
  type Stream,
  StreamDownError,
  type StreamEvents,
  type StreamListener,
} from "./stream.ts";
import type { StreamEnd } from "./stream-end.ts";
import { Listeners } from "../listeners.ts";
import type { ManagedSession } from "./stream-management.ts";

export type { ConnectionOptions } from "./connection-options.ts";

/** A stream that keeps itself up until it is stopped or has no hope. */
export interface Connection extends Stream {
  /** Says goodbye and stays away; always resolves, within the time for a goodbye. */
  stop(): Promise<void>;
}

/* A session shorter than this was no success: the waits go on growing. */
const STABLE_MS = 60_000;

/** Connects, and goes on doing so. Listeners added in the same turn miss nothing. */
export function connect(options: ConnectionOptions): Connection {
  return new ServerConnection(options);
}

class ServerConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners: Listeners<StreamEvents>;
  #link: Link | undefined;
  #keepalive: Keepalive | undefined;
  #managed: ManagedSession | undefined;
  #address: string | undefined;
  #isOnline = false;
  #onlineSince: number | undefined;
  /* Attempts and short sessions in a row. */
  #failures = 0;
  #pingId = "";
  #cancelRetry: () => void = () => undefined;
  #isStopping = false;
  #stopped: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#listeners = new Listeners<StreamEvents>((event, error) =>
      this.#log.error({ event, err: error }, "a listener of the stream failed"),
    );
    queueMicrotask(() => this.#begin());
  }

  get address(): string | undefined {
    return this.#address;
  }

  get online(): boolean {
    return this.#isOnline;
  }

  async send(stanza: Element, mayWait?: () => boolean): Promise<void> {
    if (this.#link === undefined || !this.#isOnline) throw new StreamDownError();
    await this.#link.send(serialise(stanza), mayWait);
  }

  on<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRetry();
    this.#stopped ??= this.#link?.close() ?? Promise.resolve();
    return this.#stopped;
  }

  #begin(): void {
    const linkOptions = readLinkOptions(this.#options, this.#clock);
    if ("code" in linkOptions) this.#endForGood(linkOptions);
    else if (!this.#isStopping) this.#attempt(linkOptions);
  }

  #attempt(options: LinkOptions): void {
    this.#link = new Link(options, this.#managed, {
      bound: (address, session) => {
        this.#address = address;
        this.#managed = session;
        this.#goOnline();
        this.#log.info({ address }, "online");
        this.#listeners.tell("online", address);
      },
      resumed: () => {
        this.#goOnline();
        this.#log.info({ address: this.#address }, "resumed");
        this.#listeners.tell("resumed");
      },
      stanza: (stanza) => this.#receive(stanza),
      heard: () => this.#keepalive?.heard(),
      ended: (end) => this.#goOffline(end, options),
    });
    this.#link.start();
  }

  #goOnline(): void {
    this.#isOnline = true;
    this.#onlineSince = this.#clock.now();
    this.#keepalive = new Keepalive(this.#clock, readKeepaliveTimes(this.#options), {
      ping: () => this.#ping(),
      silence: () => this.#link?.giveUp("the server answers no more"),
    });
  }

  #goOffline(end: StreamEnd, options: LinkOptions): void {
    const wasEverOnline = this.#onlineSince !== undefined;
    if (this.#isOnline && this.#clock.now() - (this.#onlineSince ?? 0) >= STABLE_MS) this.#failures = 0;
    this.#isOnline = false;
    this.#keepalive?.stop();
    this.#link = undefined;
    if (!end.mayResume) this.#managed = undefined;
    if (this.#isStopping) this.#listeners.tell("offline", end.reason, false);
    else if (end.fatal !== undefined && !(wasEverOnline && end.isPassingOnceOnline === true))
      this.#endForGood(end.fatal);
    else this.#retryLater(end, options);
  }

  #retryLater(end: StreamEnd, options: LinkOptions): void {
    const { backoff = BACKOFF, random = Math.random } = this.#options;
    this.#failures += 1;
    const waitMs = Math.round(backoffDelay(this.#failures, backoff, random));
    this.#cancelRetry = this.#clock.after(waitMs, () => this.#attempt(options));
    this.#log.warn({ reason: end.reason, waitMs }, "offline, will connect again");
    this.#listeners.tell("offline", end.reason, this.#managed?.mayResume === true);
  }

  #endForGood(reason: FatalReason): void {
    this.#managed = undefined;
    this.#log.error({ code: reason.code }, reason.text);
    this.#listeners.tell("offline", reason.text, false);
    this.#listeners.tell("fatal", reason);
  }

  #ping(): void {
    this.#pingId = randomUUID();
    const to = parseJid(this.#options.jid)?.domain;
    const ping = xml("iq", { type: "get", to, id: this.#pingId }, xml("ping", { xmlns: NS_PING }));
    this.send(ping).catch((error: Error) => this.#log.info({ reason: error.message }, "no ping was sent"));
  }

  #receive(stanza: Element): void {
    const isPong = stanza.name === "iq" && attribute(stanza, "id") === this.#pingId;
    if (!isPong) this.#listeners.tell("stanza", stanza);
  }
}
