/**
 * The port through which room presence talks to one room.
 *
 * XEP-0045 as far as a reconciler needs it: who is there, what the bot is there, and a way to ask the room. One link
 * lives as long as the desk keeps the room, over every join, loss and re-join; xmpp/ implements it, tests script it.
 * Leaves out joining, affiliation lists and everything that the desk itself must know of a room.
 */
import type { RoomJid } from "../core/jid.ts";
import type { Affiliation } from "../core/model.ts";
import type { Occupant } from "../core/occupant.ts";
import type { Element } from "../stanza/xml.ts";

/** The events of a link, each with what its listeners get. */
export interface RoomLinkEvents {
  /** The bot is in: everybody present is known. Again after every re-join, where nothing of before holds. */
  joined: [];
  /** The bot is out, whatever the reason; what was asked of the room and not answered has been rejected. */
  left: [];
  /** The stream was interrupted and goes on; the bot is still in, and what failed meanwhile may work now. */
  resumed: [];
  /** Somebody is present; again with every presence of theirs. The stanza is the room's, as it came. */
  occupant: [occupant: Occupant, presence: Element];
  /** Somebody went, or goes by another nick from now on. */
  "occupant-left": [nick: string];
  /** The room says that its configuration changed (XEP-0045, section 10.2.1: status 104 and its kin). */
  configuration: [];
  /** The bot's own affiliation is another one. */
  "own-affiliation": [affiliation: Affiliation];
}

/** What a listener does with an event; it does not throw. */
export type RoomLinkListener<Name extends keyof RoomLinkEvents> = (...values: RoomLinkEvents[Name]) => void;

/** One room, as seen by the bot. */
export interface RoomLink {
  readonly room: RoomJid;
  /** Whether the bot is in the room now; `occupants`, `ownNick` and `ownAffiliation` hold only then. */
  readonly isJoined: boolean;
  /** Whether this surely is the room of the stays before; absent where nobody doubts it. */
  readonly isSameRoom?: boolean;
  /** Whether nobody can be asked while the stream is interrupted; absent where nobody knows. */
  readonly isInterrupted?: boolean;
  readonly ownNick: string;
  readonly ownAffiliation: Affiliation;
  /** Everybody present now, the bot too, in no particular order. */
  occupants(): readonly Occupant[];
  /**
   * Sends an IQ to the bare JID of the room and resolves with the whole result stanza.
   *
   * Rejects with StanzaError where the room answered with an error; with any other Error where no answer came
   * (no connection, no answer in time): then it is unknown whether the room did what was asked.
   */
  request(type: "get" | "set", payload: Element): Promise<Element>;
  /**
   * Makes this the payload that the bot's presence carries in this room, and sends that presence; undefined takes it
   * away. A re-join carries it too. Rejects where it could not be sent.
   */
  setOwnPayload(payload: Element | undefined): Promise<void>;
  on<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void;
  off<Name extends keyof RoomLinkEvents>(name: Name, listener: RoomLinkListener<Name>): void;
}

/** One room, as far as it can be asked. */
export type AskableRoom = Pick<RoomLink, "request">;
