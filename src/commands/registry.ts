/** Every command of the desk, in the order in which people see them; those of XEP-0317 after the desk's own. */
import { addUserHatCommand } from "./add-user-hat.ts";
import type { Command } from "./command.ts";
import { defineHatCommand } from "./define-hat.ts";
import { delegateHatCommand } from "./delegate-hat.ts";
import { deskStatusCommand } from "./desk-status.ts";
import { leaveRoomCommand } from "./leave-room.ts";
import { exportHatsCommand } from "./export-hats.ts";
import { importHatsCommand } from "./import-hats.ts";
import { hatHistoryCommand } from "./hat-history.ts";
import { listHatsCommand } from "./list-hats.ts";
import { listRoomHatsCommand } from "./list-room-hats.ts";
import { listUserHatsCommand } from "./list-user-hats.ts";
import { manageRoomCommand } from "./manage-room.ts";
import { myHatsCommand } from "./my-hats.ts";
import { removeUserHatCommand } from "./remove-user-hat.ts";
import { retireHatCommand } from "./retire-hat.ts";
import type { Services } from "./room/scene.ts";
import { setUserHatsCommand } from "./set-user-hats.ts";
import { undoCommand } from "./undo.ts";
import { hatCommands } from "./xep-0317/commands.ts";

/** Makes all commands over the desk and the rooms. */
export function commandsOf(services: Services): Command[] {
  const own = [
    addUserHatCommand(services),
    removeUserHatCommand(services),
    setUserHatsCommand(services),
    listUserHatsCommand(services),
    listRoomHatsCommand(services),
    listHatsCommand(services),
    defineHatCommand(services),
    retireHatCommand(services),
    myHatsCommand(services),
    delegateHatCommand(services),
    hatHistoryCommand(services),
    undoCommand(services),
    exportHatsCommand(services),
    importHatsCommand(services),
    deskStatusCommand(services),
    manageRoomCommand(services),
    leaveRoomCommand(services),
  ];
  return [...own, ...hatCommands(services, own)];
}
