/**
 * Sends what only the session of now is owed, such as an answer: at once, or where the stream is interrupted (XEP-0198)
 * as soon as that very session goes on.
 *
 * Whoever asked waits in that session: to them the interruption is none. In another session it would be a stanza out of
 * nowhere, so there it is dropped. Only for what was caused before the interruption, which bounds how much is put by; and
 * not for an occupant of a room: what happened there meanwhile is heard later, and the nick may be somebody else's.
 */
import type { Element } from "../../stanza/xml.ts";
import { type Stream, StreamDownError } from "./stream.ts";

/**
 * Resolves when the stanza is handed over or put by, or dropped where it may not wait, which is asked only where it has to:
 * also where it went out and the session broke off before the server had it.
 *
 * @throws UnsendableError
 */
export async function sendInSession(
  stream: Pick<Stream, "off" | "on" | "send">,
  stanza: Element,
  mayWait: () => boolean = () => true,
): Promise<void> {
  try {
    await stream.send(stanza, mayWait);
  } catch (error) {
    if (!(error instanceof StreamDownError)) throw error;
    if (mayWait()) onceResumed(stream, () => sendInSession(stream, stanza));
  }
}

/* Whichever comes first: the session goes on, or another one begins. */
function onceResumed(stream: Pick<Stream, "off" | "on">, act: () => Promise<void>): void {
  const forget = (): void => {
    stream.off("resumed", goOn);
    stream.off("online", forget);
  };
  const goOn = (): Promise<void> => {
    forget();
    return act();
  };
  stream.on("resumed", goOn);
  stream.on("online", forget);
}
