/**
 * Answers incoming IQs: exactly one answer to each get and set (RFC 6120, section 8.2.3).
 *
 * What nobody here answers is service-unavailable, so that no request of anybody's is left waiting. A refusal is in the
 * language of the request, and says so (sections 8.1.5 and 8.3.2). Leaves out answers to the bot's own questions
 * (requests.ts).
 */
import { HatsError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import {
  buildProtocolError,
  buildStanzaError,
  ENGLISH_SPEAKER,
  type Speaker,
} from "../../stanza/stanza-error.ts";
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
  /**
   * The language that the answer is in; a result that does not say so itself is marked with it.
   *
   * Without it, results are in no language, and refusals in the one that the request asks for.
   */
  readonly language?: (iq: Element, payload: Element) => string;
}

/** The speaker of the language nearest to the one that is wanted. */
export type Speakers = (wanted: string) => Speaker;

/** What is being answered. */
export interface Answering {
  /** Resolves when everything that was asked by now has its answer. */
  untilAnswered(): Promise<void>;
}

/** Answers every IQ that comes over the stream from now on. */
export function answerIqs(
  stream: Stream,
  routes: readonly Route[],
  log: Log,
  speakers: Speakers = () => ENGLISH_SPEAKER,
): Answering {
  const answering: Context = { routes, log, speakers };
  const underway = new Set<Promise<void>>();
  stream.on("stanza", (iq) => {
    const type: unknown = iq.attrs["type"];
    if (iq.name !== "iq" || (type !== "get" && type !== "set")) return undefined;
    const response = respond(stream, iq, type, answering);
    const forget = (): unknown => underway.delete(response);
    underway.add(response);
    response.then(forget, forget);
    return response;
  });
  return {
    async untilAnswered() {
      await Promise.allSettled(underway);
    },
  };
}

interface Context {
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly speakers: Speakers;
}

async function respond(stream: Stream, iq: Element, type: "get" | "set", context: Context): Promise<void> {
  const reply = await answer(iq, type, context);
  try {
    await stream.send(reply);
  } catch (error) {
    if (error instanceof StreamDownError) return;
    if (!(error instanceof UnsendableError)) throw error;
    context.log.error({ err: error, id: String(iq.attrs["id"]) }, "an answer could not be sent");
    await stream.send(frame(iq, "error", buildStanzaError(error, context.speakers(languageAsked(iq)))));
  }
}

async function answer(
  iq: Element,
  type: "get" | "set",
  { routes, log, speakers }: Context,
): Promise<Element> {
  const payloads = elements(iq);
  const payload = payloads[0];
  if (payload === undefined || payloads.length > 1) {
    return frame(iq, "error", buildProtocolError("modify", "bad-request"));
  }
  const { name } = payload;
  const ns = payload.getNS();
  const route = routes.find((known) => known.name === name && known.type === type && known.ns === ns);
  if (route === undefined) return frame(iq, "error", buildProtocolError("cancel", "service-unavailable"));
  /* Asked first: a request may end the session whose language it is. */
  const lang = route.language?.(iq, payload);
  try {
    const result = await route.answer(iq, payload);
    return frame(iq, "result", result, result?.attrs["xml:lang"] === undefined ? lang : undefined);
  } catch (error) {
    if (!(error instanceof HatsError)) log.error({ err: error, payload: payload.name }, "an answer failed");
    return frame(iq, "error", buildStanzaError(error, speakers(lang ?? languageAsked(iq))));
  }
}

/** The language that a stanza asks for; empty where it says none. */
export function languageAsked({ attrs }: Element): string {
  return String(attrs["xml:lang"] ?? "");
}

function frame(iq: Element, type: "error" | "result", payload: Element | undefined, lang?: string): Element {
  const { from, id } = iq.attrs as Record<string, string | undefined>;
  return xml("iq", { type, to: from, id, "xml:lang": lang }, payload);
}
