/**
 * Questions and their answers: IQs of type get and set (RFC 6120, section 8.2.3).
 *
 * An answer counts only from the address that was asked, under an id nobody can guess: else any stranger could answer
 * in its place. When the stream breaks, requests wait for as long as stream management (XEP-0198) may still bring
 * their answers, and are given up the moment a new session begins. Leaves out answering other people's IQs.
 */
import { randomUUID } from "node:crypto";
import { isSameJid, parseJid } from "../stanza/jid.ts";
import { parseStanzaError } from "../stanza/stanza-error.ts";
import { attribute, type Element, xml } from "../stanza/xml.ts";
import type { Clock } from "../core/clock.ts";
import type { Explanation } from "../core/explanations.ts";
import { systemClock } from "./system-clock.ts";
import { type Stream, StreamDownError } from "./stream/stream.ts";

/** Nobody answered in time. */
export class RequestTimeout extends Error {
  readonly explanation: Explanation = { code: "no-answer" };

  constructor(to: string, timeoutMs: number) {
    super(`No answer from ${to} within ${timeoutMs} ms`);
    this.name = "RequestTimeout";
  }
}

/** More requests wait for an answer than may. */
export class TooManyRequests extends Error {
  constructor(limit: number) {
    super(`${limit} requests wait for an answer already`);
    this.name = "TooManyRequests";
  }
}

/** The bounds of all requests of one stream. */
export interface RequestsOptions {
  readonly timeoutMs: number;
  /** How many may wait at a time; 1000 by default. */
  readonly maxPending?: number;
  readonly clock?: Clock;
}

/** What one request may have differently. */
export interface RequestOptions {
  readonly timeoutMs?: number;
}

interface PendingRequest {
  readonly to: string;
  readonly resolve: (result: Element) => void;
  readonly reject: (reason: Error) => void;
  readonly cancelTimeout: () => void;
  /* Asked in a session that broke off; its answer comes only if that very session goes on. */
  interrupted: boolean;
}

const OVER = "nobody is asked any more";

/** Asks over a stream and finds the answers among its stanzas. */
export class Requests {
  readonly #stream: Stream;
  readonly #timeoutMs: number;
  readonly #maxPending: number;
  readonly #clock: Clock;
  readonly #pending = new Map<string, PendingRequest>();
  #isOver = false;

  constructor(stream: Stream, options: RequestsOptions) {
    this.#stream = stream;
    this.#timeoutMs = options.timeoutMs;
    this.#maxPending = options.maxPending ?? 1000;
    this.#clock = options.clock ?? systemClock;
    stream.on("stanza", (stanza) => this.#receive(stanza));
    stream.on("offline", (reason, mayResume) => {
      if (mayResume) this.#interrupt();
      else this.#rejectAll(reason);
    });
    stream.on("resumed", () => this.#continue());
    stream.on("online", () => this.#rejectInterrupted());
    stream.on("fatal", (reason) => this.#rejectAll(reason.text));
  }

  /** How many wait for an answer. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Asks `to` and resolves with the whole result stanza.
   * Rejects with StanzaError (the answer was an error), RequestTimeout, StreamDownError (the session ended before the
   * answer), UnsendableError or TooManyRequests.
   */
  request(to: string, type: "get" | "set", payload: Element, options: RequestOptions = {}): Promise<Element> {
    if (this.#isOver) return Promise.reject(new StreamDownError(OVER));
    if (this.#pending.size >= this.#maxPending) return Promise.reject(new TooManyRequests(this.#maxPending));
    const id = randomUUID();
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#clock.after(timeoutMs, () =>
        this.#take(id)?.reject(new RequestTimeout(to, timeoutMs)),
      );
      this.#pending.set(id, { to, resolve, reject, cancelTimeout, interrupted: false });
      this.#stream.send(xml("iq", { type, to, id }, payload)).catch((error: Error) => {
        this.#take(id)?.reject(error);
      });
    });
  }

  /** Waits for no answer any more, and asks nobody from now on: whoever asked or asks gets a StreamDownError. */
  giveUp(): void {
    this.#isOver = true;
    this.#rejectAll(OVER);
  }

  #receive(stanza: Element): void {
    if (stanza.name !== "iq") return;
    const id = attribute(stanza, "id");
    const type = attribute(stanza, "type");
    if (id === undefined || (type !== "result" && type !== "error")) return;
    const request = this.#pending.get(id);
    if (request === undefined || !isAnswerFrom(attribute(stanza, "from"), request.to, this.#stream.address))
      return;
    this.#take(id);
    if (type === "result") request.resolve(stanza);
    else request.reject(parseStanzaError(stanza));
  }

  #take(id: string): PendingRequest | undefined {
    const request = this.#pending.get(id);
    this.#pending.delete(id);
    request?.cancelTimeout();
    return request;
  }

  #interrupt(): void {
    for (const request of this.#pending.values()) request.interrupted = true;
  }

  #continue(): void {
    for (const request of this.#pending.values()) request.interrupted = false;
  }

  #rejectInterrupted(): void {
    this.#rejectWhere((request) => request.interrupted, "the session ended before the answer came");
  }

  #rejectAll(reason: string): void {
    this.#rejectWhere(() => true, reason);
  }

  #rejectWhere(isLost: (request: PendingRequest) => boolean, reason: string): void {
    for (const [id, request] of this.#pending)
      if (isLost(request)) this.#take(id)?.reject(new StreamDownError(reason));
  }
}

/* The server may leave out `from` where it answers for the bot's own account (RFC 6120, section 8.1.2.1), and some
   servers do so for themselves; for the own account some name the full address that asked. */
function isAnswerFrom(from: string | undefined, asked: string, ownAddress: string | undefined): boolean {
  if (from !== undefined && isSameJid(from, asked)) return true;
  const own = ownAddress === undefined ? undefined : parseJid(ownAddress);
  if (own === undefined) return false;
  const isOwnAccount = isSameJid(asked, own.bare);
  if (from === undefined) return isOwnAccount || isSameJid(asked, own.domain);
  return isOwnAccount && isSameJid(from, own.full);
}
