/**
 * Messages from people to the bot, and its answers: RFC 6121, section 5; private messages in rooms are XEP-0045 1.34,
 * section 7.5.
 *
 * Only what somebody says now, in words, is read: nothing kept back, handed on, corrected or taken back, and nothing
 * that says of itself that another desk wrote it. Leaves out reading encrypted messages, subjects, replies (XEP-0461;
 * the lines they quote are left out), receipts, chat states and markers.
 */
import { isXmlText } from "../core/text.ts";
import { NS_CLIENT, NS_DELAY, NS_MILLINER, NS_MUC_USER } from "./namespaces.ts";
import { attribute, type Element, elements, xml } from "./xml.ts";

/** What somebody says. */
export interface ChatMessage {
  /** To the bot alone, as a chat or a single message, or to everybody in a room. */
  readonly type: "chat" | "groupchat" | "normal";
  /** The words, trimmed; empty in an encrypted message. */
  readonly text: string;
  /** The language that the message says it is in, or empty. */
  readonly lang: string;
  readonly isEncrypted: boolean;
}

/** An answer, without an address to send it from. */
export interface ChatAnswer {
  readonly to: string;
  readonly id: string;
  readonly type: "chat" | "normal";
  readonly text: string;
  readonly lang: string;
  /** Whether `to` is an occupant of a room. */
  readonly isInRoom: boolean;
}

const TYPES: readonly ChatMessage["type"][] = ["chat", "groupchat", "normal"];

/*
 * What makes a message another thing than words said now: kept back (XEP-0203, and XEP-0091 before it), copied
 * (XEP-0280), handed on (XEP-0297), from an archive (XEP-0313), corrected (XEP-0308), taken back (XEP-0424), a reaction
 * (XEP-0444), an invitation (XEP-0249), an event (XEP-0060), a session's own (XEP-0085 and such have no words anyway).
 */
const NOT_SAID_NOW: readonly string[] = [
  NS_DELAY,
  "jabber:x:delay",
  "urn:xmpp:carbons:2",
  "urn:xmpp:forward:0",
  "urn:xmpp:mam:1",
  "urn:xmpp:mam:2",
  "urn:xmpp:message-correct:0",
  "urn:xmpp:message-retract:0",
  "urn:xmpp:message-retract:1",
  "urn:xmpp:fasten:0",
  "urn:xmpp:reactions:0",
  "jabber:x:conference",
  "http://jabber.org/protocol/pubsub#event",
];

/* OMEMO before and after its second version (XEP-0384), OpenPGP before and after (XEP-0027, XEP-0373). */
const ENCRYPTED: readonly string[] = [
  "eu.siacs.conversations.axolotl",
  "urn:xmpp:omemo:1",
  "urn:xmpp:omemo:2",
  "jabber:x:encrypted",
  "urn:xmpp:openpgp:0",
];
const NS_ENCRYPTION = "urn:xmpp:eme:0";

/* OTR (XEP-0364) has no element of its own: it offers itself, `?OTRv23?`, and encrypts, `?OTR:`, in the body. */
const OTR = /^\s*\?OTR(?:v\w*\?|[:?,|])/u;

/* How an answer says that a desk wrote it, so that no desk answers it. */
const ANSWER = "answer";

/** Reads what somebody says with a message; undefined for every message that is no words said now. */
export function parseChatMessage(message: Element): ChatMessage | undefined {
  const written = attribute(message, "type") ?? "normal";
  const type = TYPES.find((known) => known === written);
  if (message.name !== "message" || type === undefined) return undefined;
  const payloads = elements(message);
  if (payloads.some(isNotSaidNow)) return undefined;
  const said = { type, lang: attribute(message, "xml:lang") ?? "" };
  if (payloads.some(isEncryption)) {
    const isPlainlyEmpty = !payloads.some((payload) => payload.name === "body" || holdsText(payload));
    return isPlainlyEmpty ? undefined : { ...said, text: "", isEncrypted: true };
  }
  const body = bodyOf(message);
  if (OTR.test(body?.getText() ?? "")) return { ...said, text: "", isEncrypted: true };
  const text = body === undefined ? "" : withoutQuotes(body.getText());
  if (body === undefined || text === "" || !isXmlText(text)) return undefined;
  return { ...said, lang: attribute(body, "xml:lang") ?? said.lang, text, isEncrypted: false };
}

/** Builds an answer; it says that it is one, so that two desks never talk to each other. */
export function buildChatAnswer({ to, id, type, text, lang, isInRoom }: ChatAnswer): Element {
  return xml(
    "message",
    { to, id, type: type === "normal" ? undefined : type, "xml:lang": lang },
    xml("body", {}, text),
    isInRoom && xml("x", { xmlns: NS_MUC_USER }),
    xml(ANSWER, { xmlns: NS_MILLINER }),
  );
}

function isNotSaidNow(payload: Element): boolean {
  const ns = payload.getNS() ?? "";
  if (ns === NS_MILLINER) return payload.name === ANSWER;
  if (ns === NS_MUC_USER)
    return elements(payload).some(({ name }) => name === "invite" || name === "decline");
  return NOT_SAID_NOW.includes(ns);
}

function isEncryption(payload: Element): boolean {
  const ns = payload.getNS() ?? "";
  return ENCRYPTED.includes(ns) || (payload.name === "encryption" && ns === NS_ENCRYPTION);
}

/* OMEMO also exchanges keys in messages that say nothing. */
function holdsText(payload: Element): boolean {
  return payload.getChild("payload") !== undefined || (isEncryption(payload) && payload.getText() !== "");
}

/* A message may say the same in several languages (RFC 6121, section 5.2.3). */
function bodyOf(message: Element): Element | undefined {
  const bodies = elements(message).filter(
    (child) => child.name === "body" && (attribute(child, "xmlns") ?? NS_CLIENT) === NS_CLIENT,
  );
  return bodies.find((body) => attribute(body, "xml:lang") === undefined) ?? bodies[0];
}

/* Replies repeat above what they reply to (XEP-0461, XEP-0393). */
function withoutQuotes(text: string): string {
  const lines = text.split("\n");
  const first = lines.findIndex((line) => !line.startsWith(">"));
  return first < 0 ? "" : lines.slice(first).join("\n").trim();
}
