/**
 * What a test client received and nobody has taken yet.
 *
 * Leaves out where the stanzas come from (test-client.ts).
 */
import type { Element } from "../stanza/xml.ts";
import { systemClock } from "../xmpp/system-clock.ts";

/** Says which stanza a test waits for. */
export type StanzaTest = (stanza: Element) => boolean;

/** How long a test waits before it fails, in milliseconds. */
export interface Deadline {
  readonly timeout?: number;
}

/** Stanzas in order of arrival; `next` takes each of them at most once. */
export interface Inbox {
  /**
   * Takes the first stanza that passes, from those that nobody took or from those to come; rejects at the deadline
   * (30 s unless given), telling what did arrive, when the connection ends, and with what the test throws.
   */
  next: (test: StanzaTest, deadline?: Deadline) => Promise<Element>;
  /** Forgets what nobody took, so that `next` sees only what comes from now on. */
  forget: () => void;
  /** Adds an arrival. */
  put: (stanza: Element) => void;
  /** Fails everybody who waits, now and later, with this reason. */
  end: (reason: Error) => void;
}

/** Nothing that was waited for came in time; the message tells what came instead. */
export class NothingCame extends Error {
  override readonly name = "NothingCame";
}

interface Waiter {
  readonly test: StanzaTest;
  readonly resolve: (stanza: Element) => void;
  readonly reject: (reason: unknown) => void;
}

const DEFAULT_TIMEOUT = 30_000;
const SHOWN_ON_FAILURE = 10;

/* What a test throws is its own failure: thrown to the connection, it would end the whole process. */
function passes({ test, reject }: Waiter, stanza: Element): boolean {
  try {
    return test(stanza);
  } catch (error) {
    reject(error);
    return false;
  }
}

/** Makes an empty inbox; `owner` names it in failures. */
export function openInbox(owner: string): Inbox {
  let untaken: Element[] = [];
  const waiters = new Set<Waiter>();
  let ended: Error | undefined;

  return {
    async next(test, { timeout = DEFAULT_TIMEOUT } = {}) {
      const index = untaken.findIndex(test);
      if (index >= 0) return untaken.splice(index, 1)[0] as Element;
      if (ended !== undefined) throw ended;
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          test,
          resolve: (stanza) => settle(() => resolve(stanza)),
          reject: (reason) => settle(() => reject(reason)),
        };
        const settle = (act: () => void): void => {
          callOff();
          waiters.delete(waiter);
          act();
        };
        const late = new NothingCame(`nothing that ${owner} waited for came in ${timeout} ms`);
        const callOff = systemClock.after(timeout, () => {
          late.message += `; what came instead:\n${untaken.slice(-SHOWN_ON_FAILURE).join("\n")}`;
          waiter.reject(late);
        });
        waiters.add(waiter);
      });
    },
    forget() {
      untaken = [];
    },
    put(stanza) {
      const waiter = [...waiters].find((candidate) => passes(candidate, stanza));
      if (waiter === undefined) untaken.push(stanza);
      else waiter.resolve(stanza);
    },
    end(reason) {
      ended = reason;
      for (const waiter of waiters) waiter.reject(reason);
    },
  };
}
