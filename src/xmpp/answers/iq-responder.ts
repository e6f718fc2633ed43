/**
 * Answers incoming IQs: exactly one answer to each get and set (RFC 6120, section 8.2.3).
 *
 * What nobody here answers is service-unavailable, so that no request of anybody's is left waiting. A refusal is in the
 * language of the request, and says so (sections 8.1.5 and 8.3.2). Leaves out answers to the bot's own questions
 * (requests.ts).
 */
import { HatsError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { inBrief } from "../../core/text.ts";
import {
  buildProtocolError,
  buildStanzaError,
  ENGLISH_SPEAKER,
  type Speaker,
} from "../../stanza/stanza-error.ts";
import { attribute, type Element, elements, xml } from "../../stanza/xml.ts";
import { sendInSession } from "../stream/send-in-session.ts";
import { serialise } from "../stream/stanza-guard.ts";
import { type Stream, UnsendableError } from "../stream/stream.ts";
import { Answering } from "./answering.ts";

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

/* Ids are what strangers make them. */
const MOST_LOGGED = 64;

/**
 * Answers every IQ that comes over the stream from now on.
 *
 * `isInRoom` says of which addresses nobody knows any more whose they are once the stream was interrupted.
 */
export function answerIqs(
  stream: Stream,
  routes: readonly Route[],
  log: Log,
  speakers: Speakers = () => ENGLISH_SPEAKER,
  isInRoom: (address: string) => boolean = () => false,
): Answering {
  const context: Context = { routes, log, speakers, isInRoom };
  const answering = new Answering();
  stream.on("stanza", (iq) => {
    const type = attribute(iq, "type");
    if (iq.name !== "iq" || (type !== "get" && type !== "set")) return undefined;
    return answering.begin(respond(stream, iq, type, context));
  });
  return answering;
}

interface Context {
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly speakers: Speakers;
  readonly isInRoom: (address: string) => boolean;
}

async function respond(stream: Stream, iq: Element, type: "get" | "set", context: Context): Promise<void> {
  const reply = await answer(iq, type, context);
  const mayWait = (): boolean => !context.isInRoom(attribute(iq, "from") ?? "");
  try {
    await sendInSession(stream, reply, mayWait);
  } catch (error) {
    if (!(error instanceof UnsendableError)) throw error;
    const refusal = frame(iq, "error", buildStanzaError(error, context.speakers(languageAsked(iq))));
    if (!canBeSent(refusal)) return;
    const id = inBrief(attribute(iq, "id") ?? "", MOST_LOGGED);
    context.log.error({ err: error, id }, "an answer could not be sent");
    await sendInSession(stream, refusal, mayWait);
  }
}

/* Under an id that fills a stanza by itself nothing can be answered, and that is nobody's fault but the sender's. */
function canBeSent(reply: Element): boolean {
  try {
    serialise(reply);
    return true;
  } catch {
    return false;
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
    const saysLanguage = result !== undefined && attribute(result, "xml:lang") !== undefined;
    return frame(iq, "result", result, saysLanguage ? undefined : lang);
  } catch (error) {
    if (!(error instanceof HatsError)) log.error({ err: error, payload: payload.name }, "an answer failed");
    return frame(iq, "error", buildStanzaError(error, speakers(lang ?? languageAsked(iq))));
  }
}

/** The language that a stanza asks for; empty where it says none. */
export function languageAsked(stanza: Element): string {
  return attribute(stanza, "xml:lang") ?? "";
}

function frame(iq: Element, type: "error" | "result", payload: Element | undefined, lang?: string): Element {
  const address = { to: attribute(iq, "from"), id: attribute(iq, "id") };
  return xml("iq", { type, ...address, "xml:lang": lang }, payload);
}
