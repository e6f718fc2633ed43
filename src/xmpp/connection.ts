/**
 * The bot's connection to its server: comes up, stays up, comes back, and says so.
 *
 * RFC 6120 with XEP-0198 and XEP-0199. docs/connection.md lists what can go wrong on the way and what is done about each.
 * Leaves out what goes over the stream: presence, rooms, answers to IQs, also to pings.
 */
import { randomUUID } from "node:crypto";
import { saslprep } from "@mongodb-js/saslprep";
import { type Log, silentLog } from "../core/log.ts";
import { parseJid } from "../stanza/jid.ts";
import { NS_PING } from "../stanza/namespaces.ts";
import { type Element, xml } from "../stanza/xml.ts";
import { Backoff, type BackoffBounds } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import { Link, type LinkOptions } from "./connection-link.ts";
import { Keepalive } from "./keepalive.ts";

import { isLoopback, parseService } from "./service.ts";
import { serialise } from "./stanza-guard.ts";
import type { StanzaLimits } from "./stanza-parser.ts";
import {
  type FatalReason,
  type Stream,
  StreamDownError,
  type StreamEvents,
  type StreamListener,
} from "./stream.ts";
import type { StreamEnd } from "./stream-end.ts";
import { StreamListeners } from "./stream-listeners.ts";
import type { ManagedSession } from "./stream-management.ts";
import { createTrust } from "./trust.ts";
import type { PhaseTimeouts } from "./watchdog.ts";

/** Who connects, where to, and how patiently; times are in milliseconds. */
export interface ConnectionOptions {
  /** The account's bare JID. */
  readonly jid: string;
  readonly password: string;
  readonly resource: string;
  /** `xmpp://host:port` or `xmpps://host:port`. */
  readonly service: string;
  /** Authorities to believe besides the system's, as PEM. */
  readonly ca?: string;
  /** How often to ask whether the server is still there; 25 s by default. */
  readonly pingIntervalMs?: number;
  /** How long the server may then keep silent; 25 s by default. */
  readonly pingTimeoutMs?: number;
  /** How long each phase of connecting may take; 10 s by default. */
  readonly phaseTimeouts?: Partial<PhaseTimeouts>;
  /** How long a goodbye may take; 3 s by default. */
  readonly closeTimeoutMs?: number;
  /** The waits between attempts; from 1 s to 60 s by default. */
  readonly backoff?: BackoffBounds;
  /** 100 elements deep and 1,048,576 characters long by default. */
  readonly limits?: StanzaLimits;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random?: () => number;
  /** Whether an IP address is this machine, where TLS may be missing or unverified. */
  readonly isLoopback?: (address: string) => boolean;
}

/** A stream that keeps itself up until it is stopped or has no hope. */
export interface Connection extends Stream {
  /** Says goodbye and stays away; always resolves, within the time for a goodbye. */
  stop(): Promise<void>;
}

const PHASE_TIMEOUT_MS = 10_000;
const PHASE_TIMEOUTS: PhaseTimeouts = {
  connect: PHASE_TIMEOUT_MS,
  tls: PHASE_TIMEOUT_MS,
  header: PHASE_TIMEOUT_MS,
  features: PHASE_TIMEOUT_MS,
  starttls: PHASE_TIMEOUT_MS,
  auth: PHASE_TIMEOUT_MS,
  resume: PHASE_TIMEOUT_MS,
  bind: PHASE_TIMEOUT_MS,
  enable: PHASE_TIMEOUT_MS,
};
const PING_MS = 25_000;
const CLOSE_TIMEOUT_MS = 3_000;
const BACKOFF: BackoffBounds = { firstMs: 1_000, maxMs: 60_000 };
const LIMITS: StanzaLimits = { maxDepth: 100, maxLength: 1_048_576 };
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
  readonly #backoff: Backoff;
  readonly #listeners: StreamListeners;
  #link: Link | undefined;
  #keepalive: Keepalive | undefined;
  #managed: ManagedSession | undefined;
  #address: string | undefined;
  #isOnline = false;
  #onlineSince: number | undefined;
  #pingId = "";
  #cancelRetry: () => void = () => undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#log = options.log ?? silentLog;
    this.#backoff = new Backoff(options.backoff ?? BACKOFF, options.random ?? Math.random);
    this.#listeners = new StreamListeners((event, error) =>
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

  async send(stanza: Element): Promise<void> {
    if (this.#link === undefined || !this.#isOnline) throw new StreamDownError();
    await this.#link.send(serialise(stanza));
  }

  on<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.add(name, listener);
  }

  off<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void {
    this.#listeners.remove(name, listener);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#cancelRetry();
    await this.#link?.close();
  }

  #begin(): void {
    const linkOptions = readOptions(this.#options, this.#clock);
    if ("code" in linkOptions) this.#endForGood(linkOptions);
    else if (this.#stopping === undefined) this.#attempt(linkOptions);
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
    const { pingIntervalMs = PING_MS, pingTimeoutMs = PING_MS } = this.#options;
    const times = { intervalMs: pingIntervalMs, timeoutMs: pingTimeoutMs };
    this.#keepalive = new Keepalive(this.#clock, times, {
      ping: () => this.#ping(),
      silence: () => this.#link?.giveUp("the server answers no more"),
    });
  }

  #goOffline(end: StreamEnd, options: LinkOptions): void {
    const wasEverOnline = this.#onlineSince !== undefined;
    if (this.#isOnline && this.#clock.now() - (this.#onlineSince ?? 0) >= STABLE_MS) this.#backoff.reset();
    this.#isOnline = false;
    this.#keepalive?.stop();
    this.#link = undefined;
    if (!end.mayResume) this.#managed = undefined;
    if (this.#stopping !== undefined) this.#listeners.tell("offline", end.reason, false);
    else if (end.fatal !== undefined && !(wasEverOnline && end.isPassingOnceOnline === true))
      this.#endForGood(end.fatal);
    else this.#retryLater(end, options);
  }

  #retryLater(end: StreamEnd, options: LinkOptions): void {
    const waitMs = Math.round(this.#backoff.next());
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
    const isPong = stanza.name === "iq" && stanza.attrs["id"] === this.#pingId;
    if (!isPong) this.#listeners.tell("stanza", stanza);
  }
}

function readOptions(options: ConnectionOptions, clock: Clock): LinkOptions | FatalReason {
  const target = parseService(options.service);
  const jid = parseJid(options.jid);
  if (target === undefined || jid === undefined || jid.local === "") {
    const text = `It takes an account such as bot@example.org and a service such as xmpp://example.org:5222, not ${options.jid} at ${options.service}.`;
    return { code: "bad-service", text };
  }
  return {
    target,
    username: jid.local,
    domain: jid.domain,
    resource: options.resource,
    password: preparePassword(options.password),
    trust: createTrust(options.ca),
    isLoopback: options.isLoopback ?? isLoopback,
    limits: options.limits ?? LIMITS,
    timeouts: { ...PHASE_TIMEOUTS, ...options.phaseTimeouts },
    closeTimeoutMs: options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS,
    clock,
  };
}

/* RFC 5802, section 2.2. What SASLprep forbids is tried as it is: the server may not be as strict. */
function preparePassword(password: string): string {
  try {
    return saslprep(password, { allowUnassigned: true });
  } catch {
    return password;
  }
}
