/**
 * A conversation: people, rooms and a bot, and what they say to each other, stanza by stanza.
 *
 * docs/conversations.md explains how one is written; conversation-parser.ts reads it, conversation-player.ts plays it.
 */
import type { Element } from "../../src/stanza/xml.ts";

export type Affiliation = "owner" | "admin" | "member" | "none" | "outcast";

/** One file of test/conversations. */
export interface Conversation {
  readonly file: string;
  /** The rule that the conversation shows. */
  readonly title: string;
  readonly hasBot: boolean;
  /** By name; the first one is what `{room}` means. */
  readonly rooms: ReadonlyMap<string, RoomPart>;
  readonly people: ReadonlyMap<string, Person>;
  /** URIs by title. */
  readonly hats: ReadonlyMap<string, string>;
  readonly steps: readonly Step[];
}

/** A room as it is when the conversation begins. */
export interface RoomPart {
  readonly isNonAnonymous: boolean;
  readonly isMembersOnly: boolean;
  /** Whether the bot is configured to keep the hats of this room. */
  readonly isKept: boolean;
  readonly botAffiliation: Affiliation;
}

/** Somebody at a client. */
export interface Person {
  /** Whose account it is: the name of this person, or of the one whose second client this is. */
  readonly account: string;
  readonly isConfigAdmin: boolean;
  /** What the person is in which room; one that is not named: none and away. */
  readonly places: ReadonlyMap<string, Place>;
}

/** A person in relation to one room. */
export interface Place {
  readonly affiliation: Affiliation;
  /** Undefined: not in the room. */
  readonly nick: string | undefined;
  /** Titles of the hats that the person has from the start. */
  readonly wears: readonly string[];
}

/** One thing that happens, and the line where it is written. */
export type Step = { readonly line: number } & (
  | { readonly kind: "sends"; readonly who: string; readonly stanzas: readonly Element[] }
  | { readonly kind: "gets"; readonly who: string; readonly patterns: readonly Element[] }
  | ({ readonly kind: "refused"; readonly who: string } & Refusal)
  | { readonly kind: "gets nothing"; readonly who: string }
  | {
      readonly kind: "sees";
      /** Undefined: everybody who is in the room. */
      readonly who: string | undefined;
      readonly whom: string;
      readonly titles: readonly string[];
      readonly room: string;
    }
  | { readonly kind: "joins"; readonly who: string; readonly nick: string; readonly room: string }
  | { readonly kind: "leaves"; readonly who: string; readonly room: string }
  | { readonly kind: "kicks"; readonly who: string; readonly whom: string; readonly room: string }
  | {
      readonly kind: "makes";
      readonly who: string;
      readonly whom: string;
      readonly affiliation: Affiliation;
      readonly room: string;
    }
  /** For the desk, not for the room. */
  | { readonly kind: "time"; readonly ms: number }
);

/** A stanza error (RFC 6120, section 8.3); `text` may hold placeholders. */
export interface Refusal {
  readonly type: string;
  readonly condition: string;
  /** The application condition of XEP-0050. */
  readonly application: string | undefined;
  /** Undefined: any text, or none. */
  readonly text: string | undefined;
}

/** The name of the room that is meant where none is named. */
export const MAIN_ROOM = "room";

/** Something is wrong in a conversation, or did not go as it is written. */
export class ConversationError extends Error {
  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`);
    this.name = "ConversationError";
  }
}
