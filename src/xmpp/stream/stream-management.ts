/**
 * Stream management, XEP-0198 version 1.6: what has been taken on both sides, so that a session outlives its socket.
 *
 * The counters are kept here and not by @xmpp/stream-management, whose count falls behind: it starts only some time
 * after `<enabled/>` has been read, and misses each result that its IQ caller takes. A server ends the stream
 * or refuses to resume it over such a count.
 * Leaves out: `location` (the bot comes back to the same service), and stamping what is sent again (XEP-0203).
 */
import { attribute, type Element, xml } from "../../stanza/xml.ts";

/** XEP-0198 */
export const NS_STREAM_MANAGEMENT = "urn:xmpp:sm:3";

/* The counters wrap around (XEP-0198, section 4). */
const COUNTER_END = 2 ** 32;

/* How many sent stanzas wait for an acknowledgement before one is asked for. */
const ASK_EVERY = 50;

/** Builds the request for a managed session that may be resumed. */
export function buildEnable(): Element {
  return xml("enable", { xmlns: NS_STREAM_MANAGEMENT, resume: "true" });
}

/** Builds the question how much of what was sent has been taken. */
export function buildAckRequest(): Element {
  return xml("r", { xmlns: NS_STREAM_MANAGEMENT });
}

/* A stanza on its way; `mayWait` says whether it may still be sent when the session goes on. */
interface Sent {
  readonly text: string;
  readonly mayWait: () => boolean;
}

/** Both counters of one session, and what was sent but not yet taken. */
export class ManagedSession {
  readonly #id: string | undefined;
  #received = 0;
  #acknowledged = 0;
  #unacknowledged: Sent[] = [];

  /** `enabled` is the server's `<enabled/>`; the counters start with it. */
  constructor(enabled: Element) {
    const resume = attribute(enabled, "resume");
    this.#id = resume === "true" || resume === "1" ? attribute(enabled, "id") : undefined;
  }

  get mayResume(): boolean {
    return this.#id !== undefined;
  }

  /** A stanza came in. */
  countReceived(): void {
    this.#received = (this.#received + 1) % COUNTER_END;
  }

  /** Keeps a sent stanza until the server has taken it; true says that an acknowledgement should be asked for. */
  keepSent(text: string, mayWait: () => boolean = () => true): boolean {
    this.#unacknowledged.push({ text, mayWait });
    return this.#unacknowledged.length % ASK_EVERY === 0;
  }

  /** Forgets what the server has taken by the `h` of its `<a/>` or `<resumed/>`; false where that cannot be. */
  acknowledge(element: Element): boolean {
    const taken = Number(attribute(element, "h"));
    const news = (taken - this.#acknowledged + COUNTER_END) % COUNTER_END;
    if (!Number.isInteger(news) || news > this.#unacknowledged.length) return false;
    this.#acknowledged = taken;
    this.#unacknowledged = this.#unacknowledged.slice(news);
    return true;
  }

  /** What was sent but not taken and is to be sent again, oldest first; what may not wait is forgotten. */
  goOn(): readonly string[] {
    this.#unacknowledged = this.#unacknowledged.filter(({ mayWait }) => mayWait());
    return this.#unacknowledged.map(({ text }) => text);
  }

  buildAck(): Element {
    return xml("a", { xmlns: NS_STREAM_MANAGEMENT, h: this.#received });
  }

  buildResume(): Element {
    return xml("resume", { xmlns: NS_STREAM_MANAGEMENT, h: this.#received, previd: this.#id });
  }
}
