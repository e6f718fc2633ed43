/**
 * Stanza errors: RFC 6120, section 8.3, with the application conditions of XEP-0050, section 4.4.
 *
 * Leaves out stream errors: those belong to the connection.
 */
import { type ErrorType, HatsError } from "../core/errors.ts";
import { explainInEnglish, type Explanation } from "../core/explanations.ts";
import { NS_COMMANDS, NS_STANZAS } from "./namespaces.ts";
import { attribute, type Element, elements, xml } from "./xml.ts";

/* The one who was asked, or a server on the way, cannot say now. */
const CANNOT_SAY: readonly string[] = [
  "internal-server-error",
  "remote-server-not-found",
  "remote-server-timeout",
  "resource-constraint",
];

/** What a peer answered instead of a result. */
export class StanzaError extends Error {
  override readonly name = "StanzaError";
  readonly type: string;
  readonly condition: string;
  /** The local name of the application condition, whatever its namespace. */
  readonly application: string | undefined;
  readonly text: string | undefined;

  constructor(type: string, condition: string, application?: string, text?: string) {
    super(text === undefined ? `${type}/${condition}` : `${type}/${condition}: ${text}`);
    this.type = type;
    this.condition = condition;
    this.application = application;
    this.text = text;
  }

  /** Whether it is no answer to the question: it may have one another time. */
  get isPassing(): boolean {
    return this.type === "wait" || CANNOT_SAY.includes(this.condition);
  }

  /** What was answered, to be said in any language. */
  get explanation(): Explanation {
    const condition = `${this.type}/${this.condition}`;
    return this.text === undefined
      ? { code: "error-answer", values: { condition } }
      : { code: "error-answer-words", values: { condition, words: this.text } };
  }
}

/** Reads the error out of a stanza of type error; one that lacks `<error/>` is undefined-condition. */
export function parseStanzaError(stanza: Element): StanzaError {
  const error = stanza.getChild("error");
  if (error === undefined) return new StanzaError("cancel", "undefined-condition");
  const children = elements(error);
  const condition = children.find((child) => child.getNS() === NS_STANZAS && child.name !== "text");
  const application = children.find((child) => child.getNS() !== NS_STANZAS);
  const text = error.getChildText("text", NS_STANZAS) ?? undefined;
  return new StanzaError(
    attribute(error, "type") ?? "cancel",
    condition?.name ?? "undefined-condition",
    application?.name,
    text,
  );
}

/** Puts why something is refused into the words of one language. */
export interface Speaker {
  readonly lang: string;
  explain(explanation: Explanation): string;
}

/** Speaks English. */
export const ENGLISH_SPEAKER: Speaker = { lang: "en", explain: explainInEnglish };

/** Builds `<error/>` for a refusal; anything that is not one becomes internal, without its text. */
export function buildStanzaError(reason: unknown, speaker: Speaker = ENGLISH_SPEAKER): Element {
  const refusal = reason instanceof HatsError ? reason : new HatsError("internal");
  const { type, condition, application } = refusal;
  const text = speaker.explain(refusal.whole);
  return xml(
    "error",
    { type },
    xml(condition, { xmlns: NS_STANZAS }),
    xml("text", { xmlns: NS_STANZAS, "xml:lang": speaker.lang }, text),
    application !== undefined && xml(application, { xmlns: NS_COMMANDS }),
  );
}

/** Builds an `<error/>` that is the protocol's business and not in the desk's catalogue. */
export function buildProtocolError(type: ErrorType, condition: string): Element {
  return xml("error", { type }, xml(condition, { xmlns: NS_STANZAS }));
}
