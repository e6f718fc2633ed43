/** What a connection is told, what holds where it is not told, and what each attempt makes of it. */
import { saslprep } from "@mongodb-js/saslprep";
import type { Log } from "../../core/log.ts";
import { parseJid } from "../../stanza/jid.ts";
import type { BackoffBounds } from "../../core/backoff.ts";
import type { Clock } from "../../core/clock.ts";
import type { LinkOptions } from "./connection-link.ts";
import type { KeepaliveTimes } from "./keepalive.ts";
import { isLoopback, parseService } from "./service.ts";
import type { StanzaLimits } from "./stanza-parser.ts";
import type { FatalReason } from "./stream.ts";
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
  /** 100 elements deep and 16,777,216 characters long by default. */
  readonly limits?: StanzaLimits;
  /** Whether so much is under way that what comes in may be gathered for some milliseconds; never by default. */
  readonly isBusy?: () => boolean;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random?: () => number;
  /** Whether an IP address is this machine, where TLS may be missing or unverified. */
  readonly isLoopback?: (address: string) => boolean;
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
/** The waits between attempts, where none are given. */
export const BACKOFF: BackoffBounds = { firstMs: 1_000, maxMs: 60_000 };
/* A room answers with a whole affiliation list at once: 200,000 members are 13 million characters. */
const LIMITS: StanzaLimits = { maxDepth: 100, maxLength: 16_777_216 };

/** Reads how to find out that the server is gone. */
export function readKeepaliveTimes(options: ConnectionOptions): KeepaliveTimes {
  return { intervalMs: options.pingIntervalMs ?? PING_MS, timeoutMs: options.pingTimeoutMs ?? PING_MS };
}

/** Reads what a link needs, or why there can be none. */
export function readLinkOptions(options: ConnectionOptions, clock: Clock): LinkOptions | FatalReason {
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
    isBusy: options.isBusy ?? (() => false),
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
