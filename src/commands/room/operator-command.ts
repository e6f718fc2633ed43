/** A command of the config admins, about rooms that need not be kept: judges whoever asks before anything else. */
import { HatsError } from "../../core/errors.ts";
import { isOperator } from "../../desk/access.ts";
import type { Asker, Command } from "../command.ts";
import type { Services } from "./scene.ts";

/** Makes a command for the engine of one that only config admins may run, from their own address. */
export function operatorCommand(
  { admins }: Services,
  command: Omit<Command, "isOffered" | "judge">,
): Command {
  const judge = async ({ requester }: Asker): Promise<void> => {
    if (!isOperator(requester, admins)) throw new HatsError("forbidden");
  };
  return {
    node: command.node,
    stages: command.stages.map((stage) => ({
      ...stage,
      async ask(asker, answers) {
        await judge(asker);
        return stage.ask(asker, answers);
      },
    })),
    isOffered: (requester) => isOperator(requester, admins),
    judge,
    async run(asker, answers) {
      await judge(asker);
      return command.run(asker, answers);
    },
  };
}
