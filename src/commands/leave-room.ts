/** `leave-room`: leaves a room that was added by command, and keeps it no more; what the desk has of it stays. */
import { badField, HatsError } from "../core/errors.ts";
import { parseRoomJid } from "../stanza/jid.ts";
import { readRequired } from "./answers.ts";
import type { Answers, Asker, Command, Outcome } from "./command.ts";
import { authorOf } from "./room/author.ts";
import { operatorCommand } from "./room/operator-command.ts";
import type { Services } from "./room/scene.ts";

const NODE = "leave-room";

/** Makes the command. */
export function leaveRoomCommand(services: Services): Command {
  return operatorCommand(services, {
    node: NODE,
    stages: [{ name: "room", ask: async () => ({ ask: new Map([["room", {}]]) }) }],
    run: (asker, answers) => leave(services, asker, answers),
  });
}

async function leave({ desk, care }: Services, asker: Asker, answers: Answers): Promise<Outcome> {
  const room = parseRoomJid(readRequired(answers, "room"));
  if (care.configuredNick(room) !== undefined) throw badField("room", "configured-room");
  await desk.transact({ room, users: [], author: authorOf(asker), command: NODE }, (view) => {
    const before = view.managed(room);
    if (before === undefined) throw new HatsError("no-such-room");
    return [{ kind: "managed", room, before, after: undefined }];
  });
  care.letGo(room);
  return { kind: "text", severity: "info", lines: [asker.phrases.say("room-left", { room })] };
}
