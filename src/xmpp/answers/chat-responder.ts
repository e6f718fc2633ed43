/**
 * The chat desk over the stream: what people say to the bot alone, or to its nick in a room, and what it answers.
 *
 * RFC 6121, section 5, and XEP-0045 1.34, sections 7.4 and 7.5. What is said in a room is answered to that occupant alone.
 * Nothing from a room counts before the bot has entered it and knows who is who. Answers carry no hints (XEP-0334): they
 * are as much part of a person's conversation as what they answer, also on the person's other devices.
 */
import { randomUUID } from "node:crypto";
import type { Chat } from "../../commands/chat/chat.ts";
import type { Said } from "../../commands/chat/dialogue.ts";
import type { Source } from "../../commands/engine/engine.ts";
import { HatsError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { buildChatAnswer, type ChatMessage, parseChatMessage } from "../../stanza/chat-message.ts";
import { isSameJid } from "../../stanza/jid.ts";
import { attribute, type Element } from "../../stanza/xml.ts";
import type { Rooms } from "../muc/rooms.ts";
import { sendInSession } from "../stream/send-in-session.ts";
import type { Stream } from "../stream/stream.ts";
import { Answering } from "./answering.ts";
import { findSource, makeSureOfSource, type RoomWitness } from "./requester.ts";

export interface ChatSources {
  readonly chat: Pick<Chat, "endOccupancy" | "hear">;
  readonly stream: Stream;
  readonly rooms: RoomWitness & Pick<Rooms, "on" | "status">;
  readonly log: Log;
}

/* How to address somebody in a room: by the nick, with one of these behind it or an @ before it. */
const AFTER_NICK = /^\s*[:,]\s*/u;

/** Answers every message that comes over the stream from now on. */
export function answerChats(sources: ChatSources): Answering {
  const { chat, stream, rooms } = sources;
  const answering = new Answering();
  rooms.on("occupancy-ended", (room, nick) => chat.endOccupancy(`${room}/${nick}`));
  stream.on("stanza", (stanza) => {
    const said = stanza.name === "message" ? parseChatMessage(stanza) : undefined;
    const from = attribute(stanza, "from");
    if (said === undefined || from === undefined || isOwn(stream, from)) return undefined;
    const source = findSource(rooms, stanza);
    const message = source && addressed(rooms, source, said);
    if (source === undefined || message === undefined) return undefined;
    return answering.begin(answer(sources, stanza, from, message));
  });
  return answering;
}

async function answer(
  { chat, stream, rooms, log }: ChatSources,
  stanza: Element,
  to: string,
  message: ChatMessage,
): Promise<void> {
  const found = makeSureOfSource(rooms, stanza);
  const source = found instanceof Promise ? await found.catch(onlyRefusal) : found;
  const said = source && (await chat.hear(source, message));
  if (source === undefined || said === undefined) return;
  try {
    const isOwnAddress = (): boolean => source.requester.kind === "account";
    await sendInSession(stream, stanzaOf(source, to, message, said), isOwnAddress);
  } catch (error) {
    log.error({ err: error }, "an answer in the chat could not be sent");
  }
}

/* Of a room that is silent nobody knows who speaks there. */
function onlyRefusal(error: unknown): undefined {
  if (!(error instanceof HatsError)) throw error;
}

function stanzaOf({ requester }: Source, to: string, { type }: ChatMessage, { text, lang }: Said): Element {
  return buildChatAnswer({
    to,
    id: randomUUID(),
    type: type === "normal" ? "normal" : "chat",
    text,
    lang,
    isInRoom: requester.kind === "occupant",
  });
}

function isOwn({ address }: Stream, from: string): boolean {
  const own = address ?? "";
  return isSameJid(from, own) || isSameJid(from, own.slice(0, own.indexOf("/")));
}

/* What a message says to the bot; undefined for one that is not for it, or that the bot itself said in a room. */
function addressed(
  rooms: ChatSources["rooms"],
  { requester }: Source,
  message: ChatMessage,
): ChatMessage | undefined {
  if (requester.kind === "account") return message.type === "groupchat" ? undefined : message;
  const status = rooms.status(requester.room);
  if (status?.state !== "ready" || requester.occupant.nick === status.nick) return undefined;
  if (message.type !== "groupchat") return message;
  /* An encrypted one has no words, and so none to the bot. */
  const text = withoutNick(message.text, status.nick);
  return text === undefined ? undefined : { ...message, text };
}

/* What stands behind the nick: nothing is a call for help. */
function withoutNick(text: string, nick: string): string | undefined {
  const hasMark = text.startsWith("@");
  const head = text.slice(hasMark ? 1 : 0, nick.length + (hasMark ? 1 : 0));
  if (head.toLowerCase() !== nick.toLowerCase()) return undefined;
  const rest = text.slice(head.length + (hasMark ? 1 : 0));
  const isAddress = AFTER_NICK.test(rest) || (hasMark && /^(?:\s|$)/u.test(rest));
  return isAddress ? rest.replace(AFTER_NICK, "").trim() || "?" : undefined;
}
