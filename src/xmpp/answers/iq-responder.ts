/**
 * Answers incoming IQs: exactly one answer to each get and set (RFC 6120, section 8.2.3).
 *
 * What nobody here answers is service-unavailable, so that no request of anybody's is left waiting. Leaves out answers
 * to the bot's own questions (requests.ts).
 */
import { HatsError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { buildProtocolError, buildStanzaError } from "../../stanza/stanza-error.ts";
import { type Element, elements, xml } from "../../stanza/xml.ts";
import { type Stream, StreamDownError, UnsendableError } from "../stream/stream.ts";

/**
 * Answers one kind of IQ with the payload of the result, or with none.
 *
 * A HatsError that it throws is answered as that; anything else is a bug, logged and answered without its text.
 */
export type Answerer = (iq: Element, payload: Element) => Promise<Element | undefined> | Element | undefined;

/** One kind of IQ: by its type, and by the name and namespace of its payload. */
export interface Route {
  readonly type: "get" | "set";
  readonly name: string;
  readonly ns: string;
  readonly answer: Answerer;
}

/** What is being answered. */
export interface Answering {
  /** Resolves when everything that was asked by now has its answer. */
  untilAnswered(): Promise<void>;
}

/** Answers every IQ that comes over the stream from now on. */
export function answerIqs(stream: Stream, routes: readonly Route[], log: Log): Answering {
  const answerers = new Map(routes.map(({ type, name, ns, answer }) => [keyOf(type, name, ns), answer]));
  const underway = new Set<Promise<void>>();
  stream.on("stanza", (iq) => {
    const type: unknown = iq.attrs["type"];
    if (iq.name !== "iq" || (type !== "get" && type !== "set")) return undefined;
    const response = respond(stream, iq, type, answerers, log).finally(() => underway.delete(response));
    underway.add(response);
    return response;
  });
  return {
    async untilAnswered() {
      await Promise.allSettled(underway);
    },
  };
}

async function respond(
  stream: Stream,
  iq: Element,
  type: "get" | "set",
  answerers: ReadonlyMap<string, Answerer>,
  log: Log,
): Promise<void> {
  const reply = await answer(iq, type, answerers, log);
  try {
    await stream.send(reply);
  } catch (error) {
    if (error instanceof StreamDownError) return;
    if (!(error instanceof UnsendableError)) throw error;
    log.error({ err: error, id: String(iq.attrs["id"]) }, "an answer could not be sent");
    await stream.send(frame(iq, "error", buildStanzaError(error)));
  }
}

async function answer(
  iq: Element,
  type: "get" | "set",
  answerers: ReadonlyMap<string, Answerer>,
  log: Log,
): Promise<Element> {
  const payloads = elements(iq);
  const payload = payloads[0];
  if (payload === undefined || payloads.length > 1) {
    return frame(iq, "error", buildProtocolError("modify", "bad-request"));
  }
  const answerer = answerers.get(keyOf(type, payload.name, payload.getNS() ?? ""));
  if (answerer === undefined) return frame(iq, "error", buildProtocolError("cancel", "service-unavailable"));
  try {
    return frame(iq, "result", await answerer(iq, payload));
  } catch (error) {
    if (!(error instanceof HatsError)) log.error({ err: error, payload: payload.name }, "an answer failed");
    return frame(iq, "error", buildStanzaError(error));
  }
}

function frame(iq: Element, type: "error" | "result", payload: Element | undefined): Element {
  const { from, id } = iq.attrs as Record<string, string | undefined>;
  return xml("iq", { type, to: from, id }, payload);
}

function keyOf(type: string, name: string, ns: string): string {
  return `${type} ${name} ${ns}`;
}
