/** Ad-hoc commands over the stream: XEP-0050 requests to the engine, and ends of occupancies too. */
import type { Engine } from "../../commands/engine/engine.ts";
import { HatsError } from "../../core/errors.ts";
import { buildCommandResponse, parseCommandRequest } from "../../stanza/command.ts";
import { NS_COMMANDS } from "../../stanza/namespaces.ts";
import { attribute, type Element } from "../../stanza/xml.ts";
import { languageAsked, type Route } from "./iq-responder.ts";
import { findSource, makeSureOfSource, type RoomWitness } from "./requester.ts";
import type { Rooms } from "../muc/rooms.ts";

/** What must be known of rooms to answer commands. */
export type CommandRooms = RoomWitness & Pick<Rooms, "on">;

/** The route by which commands come in; what an occupant began ends with the occupancy. */
export function commandRoute(engine: Engine, rooms: CommandRooms): Route {
  rooms.on("occupancy-ended", (room, nick) => engine.endOccupancy(`${room}/${nick}`));
  return {
    type: "set",
    name: "command",
    ns: NS_COMMANDS,
    answer: (iq, command) => answerCommand(engine, rooms, iq, command),
    language(iq, command) {
      const lang = languageAsked(command) || languageAsked(iq);
      const sessionid = attribute(command, "sessionid");
      return engine.languageOf(sessionid === undefined ? undefined : findSource(rooms, iq), {
        lang,
        sessionid,
      });
    },
  };
}

async function answerCommand(
  engine: Engine,
  rooms: CommandRooms,
  iq: Element,
  command: Element,
): Promise<Element> {
  const found = makeSureOfSource(rooms, iq);
  const source = found instanceof Promise ? await found : found;
  if (source === undefined) throw new HatsError("forbidden");
  return buildCommandResponse(await engine.handle(source, parseCommandRequest(iq, command)));
}
