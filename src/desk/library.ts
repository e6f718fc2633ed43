/**
 * What programs ask of the desk in plain values: the three functions of Prosody's mod_muc_hats_api, a room's catalogue, and
 * what is there to read.
 *
 * JIDs are prepared and made bare, and nothing is shared with the caller. Rights are not judged: a program that embeds
 * the desk is trusted with it.
 */
import { defineHat, type HatWish, retireHat } from "../core/catalogue.ts";
import type { Change } from "../core/change.ts";
import { badField } from "../core/errors.ts";
import { parseHatId } from "../core/hat-id.ts";
import { addUserHat, removeUserHat, setUserHats } from "../core/hats.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import type { Limits } from "../core/limits.ts";
import type { Attachment, Hat, View } from "../core/model.ts";
import type { RecordedEntry } from "../core/recorded.ts";
import { touchedUsers, undoEntry } from "../core/undo.ts";
import { parseRoomJid, parseUserJid } from "../stanza/jid.ts";
import type { DurableRoom, Receipt, Request } from "./desk.ts";
import { plain, plainExpiries, plainHats, readHats, readTerm } from "./library-values.ts";

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
}

/** What the library stands on. */
export interface LibraryGround {
  readonly limits: Limits;
  now(): Date;
  transact(request: Request, decide: (view: View) => readonly Change[]): Promise<Receipt>;
  pastEntry(room: RoomJid, id: number): Promise<RecordedEntry | undefined>;
  /** What is durable of a room. Throws HatsError no-such-room. */
  keptRoom(room: RoomJid): DurableRoom;
}

/** Makes the library over its ground. */
export function libraryOver(ground: LibraryGround): Library {
  const { limits } = ground;

  async function changeRoom(
    roomJid: string,
    users: readonly BareJid[],
    decide: (view: View, room: RoomJid) => readonly Change[],
    about: Pick<Request, "command" | "undoes"> = {},
  ): Promise<Outcome> {
    const room = parseRoomJid(roomJid);
    const request: Request = { room, users, author: { kind: "program" }, ...about };
    const { seq } = await ground.transact(request, (view) => decide(view, room));
    return { changed: seq !== undefined };
  }

  async function changeUser(
    userJid: string,
    roomJid: string,
    decide: (view: View, user: BareJid, room: RoomJid) => readonly Change[],
  ): Promise<Outcome> {
    const user = parseUserJid(userJid);
    return changeRoom(roomJid, [user], (view, room) => decide(view, user, room));
  }

  return {
    addUserHat: (userJid, roomJid, hatId, attachment, { expires } = {}) =>
      changeUser(userJid, roomJid, (view, user, room) => {
        const term = readTerm(ground.now(), expires === undefined ? {} : { [hatId]: expires });
        return addUserHat(view, user, room, hatId, attachment, limits, term);
      }),
    removeUserHat: (userJid, roomJid, hatId) =>
      changeUser(userJid, roomJid, (view, user, room) => removeUserHat(view, user, room, hatId)),
    setUserHats: (userJid, roomJid, hats, { expires } = {}) =>
      changeUser(userJid, roomJid, (view, user, room) =>
        setUserHats(view, user, room, readHats(hats), limits, readTerm(ground.now(), expires)),
      ),
    defineHat: (roomJid, hatId, wish) =>
      changeRoom(roomJid, [], (view, room) => {
        if (typeof wish.title !== "string") throw badField("title", "not-a-text");
        return defineHat(view, room, parseHatId(hatId), wish, limits);
      }),
    retireHat: (roomJid, hatId) =>
      changeRoom(roomJid, [], (view, room) => retireHat(view, room, parseHatId(hatId))),
    async undo(roomJid, id) {
      const entry = await ground.pastEntry(parseRoomJid(roomJid), id);
      if (entry === undefined) throw badField("id", "no-such-change");
      const about = { command: "undo", undoes: id };
      const decide = (view: View) => undoEntry(view, entry, ground.now().toISOString(), limits);
      return changeRoom(roomJid, touchedUsers(entry), decide, about);
    },
    userHats(userJid, roomJid) {
      const user = parseUserJid(userJid);
      return plainHats(ground.keptRoom(parseRoomJid(roomJid)).users.get(user));
    },
    userExpiries(userJid, roomJid) {
      const user = parseUserJid(userJid);
      return plainExpiries(ground.keptRoom(parseRoomJid(roomJid)).expires.get(user));
    },
    roomHats(roomJid) {
      const { hats, users } = ground.keptRoom(parseRoomJid(roomJid));
      return {
        hats: plain(hats, (hat): Hat => ({ ...hat })),
        users: plain(users, (user) => ({ hats: plainHats(user) })),
      };
    },
  };
}
