/**
 * The port between XMPP and everything that talks over it: one stream of stanzas that comes, goes and comes back.
 *
 * RFC 6120 (sections 4 and 8) and XEP-0198, as far as a listener needs to know of them. `connection.ts` is the real
 * one; tests have one in memory. Leaves out how the stream is kept alive, and correlating requests with replies
 * (requests.ts).
 *
 * What comes in may be anything that anybody on the network could write. In particular:
 * - `from` is absent where the server itself speaks for the bot's own account (RFC 6120, section 8.1.2.1); an empty
 *   one is handed on as absent. It is never a person, and so never an admin.
 * - `from`, `to` and `id` are not checked for being well-formed addresses or for being there at all.
 * - Every IQ of type get or set waits for an answer from a listener: the stream answers none.
 */
import type { Explanation } from "../../core/explanations.ts";
import type { Element } from "../../stanza/xml.ts";

/** Why a stream ended for good: `conflict` is another client on the same resource. */
export type FatalCode =
  | "bad-service"
  | "certificate"
  | "conflict"
  | "host-unknown"
  | "insecure"
  | "no-mechanism"
  | "not-authorized";

/** The reason why no further attempt is made; `text` says what happened and how to mend it, and holds no password. */
export interface FatalReason {
  readonly code: FatalCode;
  readonly text: string;
}

/** The events of a stream, each with what its listeners get. */
export interface StreamEvents {
  /** A new session at this full JID: nobody has the bot's presence and it is in no room. */
  online: [address: string];
  /** The session of before goes on: rooms, presence and requests in flight are as they were. */
  resumed: [];
  /** No session now, also after each attempt that failed; `mayResume` is false where its end is certain. */
  offline: [reason: string, mayResume: boolean];
  /** An IQ, message or presence came in. */
  stanza: [stanza: Element];
  /** The stream has given up. */
  fatal: [reason: FatalReason];
}

/** What a listener does with an event; whatever it throws or rejects with is logged and goes no further. */
export type StreamListener<Name extends keyof StreamEvents> = (...values: StreamEvents[Name]) => unknown;

/** A stream of stanzas. */
export interface Stream {
  /** The full JID of the session, or of the last one while offline; undefined before the first. */
  readonly address: string | undefined;
  readonly online: boolean;
  /**
   * Sends a stanza. Resolves when it is handed over, which does not promise that it arrives.
   * Rejects with StreamDownError when not online, and with UnsendableError for what no server would take. Where the
   * session breaks off before the server has the stanza, it is sent again when the session goes on; `mayWait`, asked only
   * then, says whether it may be.
   */
  send(stanza: Element, mayWait?: () => boolean): Promise<void>;
  on<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void;
  off<Name extends keyof StreamEvents>(name: Name, listener: StreamListener<Name>): void;
}

/** There is no stream to send on, or it went away before the answer came. */
export class StreamDownError extends Error {
  readonly explanation: Explanation = { code: "no-stream" };

  constructor(reason = "not connected") {
    super(`The stream is down: ${reason}`);
    this.name = "StreamDownError";
  }
}

/** A stanza that would end the stream: it holds what XML forbids, or it is larger than servers take. */
export class UnsendableError extends Error {
  constructor(reason: string) {
    super(`The stanza was not sent: ${reason}`);
    this.name = "UnsendableError";
  }
}
