/**
 * The bot's own presence as it goes to one room: XEP-0045 1.35, sections 7.2.1 (entering), 7.6 (changing nick) and 7.14.
 *
 * Leaves out when to send which (room-visit.ts).
 */
import type { RoomJid } from "../../core/jid.ts";
import { buildJoin, buildLeave, buildUpdate } from "../../stanza/muc-presence.ts";
import type { Element } from "../../stanza/xml.ts";
import { sendInSession } from "../stream/send-in-session.ts";
import type { Stream } from "../stream/stream.ts";

export interface PresenceSenderOptions {
  readonly room: RoomJid;
  readonly stream: Pick<Stream, "off" | "on" | "send">;
  /** What every presence of the bot in this room carries. */
  readonly extras: () => readonly Element[];
}

export class PresenceSender {
  readonly #options: PresenceSenderOptions;

  constructor(options: PresenceSenderOptions) {
    this.#options = options;
  }

  /** Enters under a nick; who is in already gets everybody's presence anew. */
  join(nick: string): void {
    this.#send(buildJoin(this.#occupantJid(nick), this.#options.extras()));
  }

  /** Asks for another nick. */
  changeNick(nick: string): void {
    this.update(nick).catch(() => undefined);
  }

  /** Sends anew what the presence carries; rejects where that cannot be sent. */
  update(nick: string): Promise<void> {
    return this.#options.stream.send(buildUpdate(this.#occupantJid(nick), this.#options.extras()));
  }

  /** Leaves, also where the stream is interrupted: when it goes on, the bot would be in the room still. */
  leave(nick: string): void {
    sendInSession(this.#options.stream, buildLeave(this.#occupantJid(nick))).catch(() => undefined);
  }

  /* A presence that cannot be sent has no session to be sent in; the next session enters anew. */
  #send(stanza: Element): void {
    this.#options.stream.send(stanza).catch(() => undefined);
  }

  #occupantJid(nick: string): string {
    return `${this.#options.room}/${nick}`;
  }
}
