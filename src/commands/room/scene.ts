/** What a command of a room works with, and what is known once its request is granted. */
import type { RoomJid } from "../../core/jid.ts";
import type { Standing } from "../../desk/access.ts";
import type { Desk } from "../../desk/desk.ts";
import type { Asker } from "../command.ts";
import type { RoomCare } from "./room-care.ts";
import type { Witnesses } from "./standings.ts";

/** What commands work with. */
export interface Services extends Witnesses {
  readonly desk: Desk;
  readonly care: RoomCare;
}

/** A granted request: who asks, in which room, and as what. */
export interface Scene {
  readonly asker: Asker;
  readonly room: RoomJid;
  readonly standing: Standing;
}
