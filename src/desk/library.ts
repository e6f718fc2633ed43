/**
 * What programs ask of the desk in plain values: the three functions of Prosody's mod_muc_hats_api, a room's catalogue, and
 * what is there to read.
 *
 * JIDs are prepared and made bare, and nothing is shared with the caller. Rights are not judged: a program that embeds
 * the desk is trusted with it. Leaves out doing it: library-over.ts.
 */
import type { HatWish } from "../core/catalogue.ts";
import type { Attachment, Hat } from "../core/model.ts";
import type { HistoryPage } from "./past.ts";

/** What became of a library call. */
export interface Outcome {
  readonly changed: boolean;
}

/** Until when a hat is worn: until a date, or until somebody takes it. */
export type Until = Date | "never";

/** What may be said of a hat besides its attachment. */
export interface HatOptions {
  /** Left out: a hat that is new is worn as long as that hat usually is, another one keeps the time it has. */
  readonly expires?: Until;
}

/** What may be said of several hats besides their attachments. */
export interface HatsOptions {
  /** By hat id; of a hat that is left out the same holds as for a single one. */
  readonly expires?: Readonly<Record<string, Until>>;
}

/** The hats of a room and their wearers as plain objects. */
export interface RoomHats {
  hats: Record<string, Hat>;
  users: Record<string, { hats: Record<string, Attachment> }>;
}

/** What to tell of a room's past. */
export interface HistoryQuestion {
  readonly room: string;
  /** How many rows to gather, one at least: a row is what happened to one person or hat, and the last entry may bring more. */
  readonly rows: number;
  /** Only entries with a lower number; the `next` of the page before. */
  readonly before?: number | undefined;
  /** Only what happened to this person. */
  readonly user?: string | undefined;
  /** Only what happened to this hat. */
  readonly hat?: string | undefined;
}

/** The desk as programs see it. */
export interface Library {
  /** Makes a hat available to a person, or changes how they have it; JIDs are prepared and made bare. */
  addUserHat(
    userJid: string,
    roomJid: string,
    hatId: string,
    attachment?: Attachment,
    options?: HatOptions,
  ): Promise<Outcome>;
  /** Takes a hat away; one that is not worn is no change. */
  removeUserHat(userJid: string, roomJid: string, hatId: string): Promise<Outcome>;
  /** Makes these all the hats of a person; undefined clears them. */
  setUserHats(
    userJid: string,
    roomJid: string,
    hats: Readonly<Record<string, Attachment>> | undefined,
    options?: HatsOptions,
  ): Promise<Outcome>;
  /** Makes a hat of a room, or changes its title, its colour or how long it usually is worn. */
  defineHat(roomJid: string, hatId: string, wish: HatWish): Promise<Outcome>;
  /** Takes a hat off everybody and out of the room's catalogue; one that the room does not know is bad-field. */
  retireHat(roomJid: string, hatId: string): Promise<Outcome>;
  /** Takes a transaction back, by its number. Bad-field of `id` where it is none of the room, or something newer stands on it. */
  undo(roomJid: string, id: number): Promise<Outcome>;
  /** The hats of a person, copied; none where nothing is known. Throws HatsError no-such-room, bad-field. */
  userHats(userJid: string, roomJid: string): Record<string, Attachment>;
  /** When hats of a person lapse, by hat id; those that do not are left out. Throws HatsError no-such-room, bad-field. */
  userExpiries(userJid: string, roomJid: string): Record<string, Date>;
  /** Everything on one room, copied. Throws HatsError no-such-room, bad-field. */
  roomHats(roomJid: string): RoomHats;
  /**
   * What happened in a room, the newest first. One call looks through a bounded part of all that is kept: a page may be
   * short, even empty, and yet say where to go on. Rejects with HatsError no-such-room, bad-field.
   */
  history(question: HistoryQuestion): Promise<HistoryPage>;
}
