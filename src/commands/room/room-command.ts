/**
 * A command about one room: judges the requester and settles the room, so that the command itself begins inside it.
 *
 * The room is asked for first, unless it is implied or only one is possible. Rights are judged again at every stage
 * and at completion, because weeks may pass between two stanzas of one session as far as anybody's rights go.
 */
import {
  type Asker,
  type Answers,
  type Command,
  type Confirmation,
  NOTHING_TO_ASK,
  type Outcome,
  type Question,
  type Skip,
  type Step,
} from "../command.ts";
import { onceKnown } from "../../core/once-known.ts";
import { listChoice } from "./list-choice.ts";
import { enterRoom, isOfferedSomewhere, openRooms } from "./room-access.ts";
import type { Scene, Services } from "./scene.ts";

/** A stage inside a room. */
export interface RoomStage {
  readonly name: string;
  readonly gathers?: readonly string[];
  ask(scene: Scene, answers: Answers): Promise<Step> | Step;
}

/** A command about one room, from inside it. */
export interface RoomCommand {
  readonly node: string;
  /** The stages after the one that asks for the room. */
  readonly stages: readonly RoomStage[];
  /** Refuses whoever may run it, but not with what these answers name; asked before any value is judged. */
  admit?(scene: Scene, answers: Answers): void;
  run(scene: Scene, answers: Answers): Confirmation | Outcome | Promise<Confirmation | Outcome>;
}

/** Makes a command for the engine of a command about a room. */
export function roomCommand(services: Services, command: RoomCommand): Command {
  const { node } = command;

  function inside<Result>(
    asker: Asker,
    answers: Answers,
    act: (scene: Scene) => Result | Promise<Result>,
  ): Result | Promise<Result> {
    return onceKnown(enterRoom(services, asker, node, answers), (scene) => {
      command.admit?.(scene, answers);
      return act(scene);
    });
  }

  return {
    node,
    stages: [
      { name: "room", ask: (asker) => askRoom(services, asker, node) },
      ...command.stages.map((stage) => ({
        ...stage,
        ask: async (asker: Asker, answers: Answers) =>
          await inside(asker, answers, (scene) => stage.ask(scene, answers)),
      })),
    ],
    isOffered: (requester) => isOfferedSomewhere(services, requester, node),
    judge: (asker, answers) => inside(asker, answers, () => undefined),
    run: (asker, answers) => inside(asker, answers, (scene) => command.run(scene, answers)),
  };
}

async function askRoom(services: Services, { requester }: Asker, node: string): Promise<Question | Skip> {
  const rooms = await openRooms(services, requester, node);
  if (requester.kind === "occupant") return NOTHING_TO_ASK;
  if (rooms.length === 1) return { known: new Map([["room", rooms]]) };
  const choice = listChoice(
    rooms.map((room) => ({ label: room, value: room })),
    "single",
  );
  return { ask: new Map([["room", choice]]) };
}
