/** The library over the desk's own transactions: plain values are read, each call is one decision. */
import { defineHat, retireHat } from "../core/catalogue.ts";
import type { Change } from "../core/change.ts";
import { badField } from "../core/errors.ts";
import { addUserHat, removeUserHat, setUserHats } from "../core/hats.ts";
import type { BareJid, RoomJid } from "../core/jid.ts";
import { keptRoom } from "../core/kept-room.ts";
import type { Hat, View } from "../core/model.ts";
import { touchedUsers, undoEntry } from "../core/undo.ts";
import type { Desk, DurableRoom, Request } from "./desk.ts";
import type { Library, Outcome } from "./library.ts";
import {
  plain,
  plainExpiries,
  plainHats,
  readAttachment,
  readHat,
  readHats,
  readHatText,
  readOptions,
  readQuestion,
  readRoom,
  readTerm,
  readUser,
  readWish,
} from "./library-values.ts";

/** What the library stands on. */
export type LibraryGround = Pick<
  Desk,
  "durableRoom" | "limits" | "now" | "pastEntry" | "pastPage" | "transact" | "view"
>;

/** Makes the library over its ground. */
export function libraryOver(ground: LibraryGround): Library {
  const { limits } = ground;

  async function changeRoom(
    roomJid: string,
    users: readonly BareJid[],
    decide: (view: View, room: RoomJid) => readonly Change[],
    about: Pick<Request, "command" | "undoes"> = {},
  ): Promise<Outcome> {
    const room = readRoom(roomJid);
    const request: Request = { room, users, author: { kind: "program" }, ...about };
    const { seq } = await ground.transact(request, (view) => decide(view, room));
    return { changed: seq !== undefined };
  }

  async function changeUser(
    userJid: string,
    roomJid: string,
    decide: (view: View, user: BareJid, room: RoomJid) => readonly Change[],
  ): Promise<Outcome> {
    const user = readUser(userJid);
    return changeRoom(roomJid, [user], (view, room) => decide(view, user, room));
  }

  /* What is durable of a room that is kept. */
  function readKept(roomJid: string): DurableRoom {
    const room = readRoom(roomJid);
    keptRoom(ground.view(), room);
    return ground.durableRoom(room);
  }

  return {
    addUserHat: (userJid, roomJid, hatId, attachment, options) =>
      changeUser(userJid, roomJid, (view, user, room) => {
        const { expires } = readOptions(options);
        const term = readTerm(ground.now(), expires === undefined ? {} : { [hatId]: expires });
        return addUserHat(view, user, room, readHatText(hatId), readAttachment(attachment), limits, term);
      }),
    removeUserHat: (userJid, roomJid, hatId) =>
      changeUser(userJid, roomJid, (view, user, room) => removeUserHat(view, user, room, readHatText(hatId))),
    setUserHats: (userJid, roomJid, hats, options) =>
      changeUser(userJid, roomJid, (view, user, room) => {
        const term = readTerm(ground.now(), readOptions(options)["expires"]);
        return setUserHats(view, user, room, readHats(hats), limits, term);
      }),
    defineHat: (roomJid, hatId, wish) =>
      changeRoom(roomJid, [], (view, room) => defineHat(view, room, readHat(hatId), readWish(wish), limits)),
    retireHat: (roomJid, hatId) =>
      changeRoom(roomJid, [], (view, room) => retireHat(view, room, readHat(hatId))),
    async undo(roomJid, id) {
      const entry = await ground.pastEntry(readRoom(roomJid), id);
      if (entry === undefined) throw badField("id", "no-such-change");
      const about = { command: "undo", undoes: id };
      const decide = (view: View) => undoEntry(view, entry, ground.now().toISOString(), limits);
      return changeRoom(roomJid, touchedUsers(entry), decide, about);
    },
    userHats(userJid, roomJid) {
      const user = readUser(userJid);
      return plainHats(readKept(roomJid).users.get(user));
    },
    userExpiries(userJid, roomJid) {
      const user = readUser(userJid);
      return plainExpiries(readKept(roomJid).expires.get(user));
    },
    roomHats(roomJid) {
      const { hats, users } = readKept(roomJid);
      return {
        hats: plain(hats, (hat): Hat => ({ ...hat })),
        users: plain(users, (user) => ({ hats: plainHats(user) })),
      };
    },
    async history(question) {
      const prepared = readQuestion(question);
      keptRoom(ground.view(), prepared.room);
      return ground.pastPage(prepared);
    },
  };
}
