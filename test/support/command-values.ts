/** What somebody fills in, and who, to have each command of the desk do something. */
import type { Values } from "./engine.ts";
import type { Role } from "./interface-table.ts";
import { DELEGATED, type RunningDesk } from "./running-desk.ts";

/** Somebody who may run a command, and has something to answer it with. */
export function runnerOf(node: string): Role {
  if (node === "my-hats") return "delegate";
  return node.endsWith("-room") ? "operator" : "owner";
}

/** Something sensible for every field of a command, the room among them; `leave-room` leaves one that was kept before. */
export async function goodValues(desk: RunningDesk, node: string): Promise<Values> {
  const { rooms, jid } = desk;
  const user = jid("delegate");
  const hat = DELEGATED;
  const values: Readonly<Record<string, Values>> = {
    "add-user-hat": {
      user: jid("member"),
      hat,
      title: "",
      active: "1",
      required: "0",
      expires: "7d",
      reason: "so",
    },
    "remove-user-hat": { user, hat, reason: "so" },
    "set-user-hats": {
      user,
      hats: hat,
      "hidden-hats": hat,
      "required-hats": hat,
      titles: `${hat} Own`,
      reason: "so",
    },
    "list-user-hats": { user },
    "list-room-hats": { after: "" },
    "list-hats": {},
    "define-hat": { hat, title: "Guide", hue: "teal", "default-expires": "7d" },
    "retire-hat": { hat },
    "my-hats": { "shown-hats": [] },
    "delegate-hat": { hat, user, members: "1" },
    "hat-history": { user, hat, after: "" },
    undo: { id: node === "undo" ? await desk.lastChange() : "" },
    "export-hats": { after: "" },
    "import-hats": { document: `${user},${hat},,0,0,`, mode: "merge", "dry-run": "0" },
    "desk-status": { "enable-hats": "0" },
    "manage-room": { nick: "hats", announce: "0", archive: "keep" },
    "leave-room": {},
  };
  const room = node.endsWith("-room") ? rooms.nowhere : rooms.team;
  return { room, ...values[node] };
}
