import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LeanClient } from "../bench/lean-client.ts";
import { watchPhases } from "../bench/phases.ts";

const phases = suite("the phases of a benchmark");
const asker = { outstanding: "asker: 2 unanswered (ids 7, 9)" } as LeanClient;
const never = new Promise<never>(() => undefined);

async function failureOf(phase: Promise<unknown>): Promise<string> {
  return await phase.then(
    () => "none",
    (error: Error) => error.message,
  );
}

phases("give what they measured", async () => {
  const phase = watchPhases({ ended: never, lines: [] }, [asker]);
  assert.is(await phase("pings", async () => 42), 42);
});

phases("that stand still fail, and say what is outstanding", async () => {
  const phase = watchPhases({ ended: never, lines: ["ready"] }, [asker], 1);
  assert.is(
    await failureOf(phase("pings", () => never)),
    "pings: not over within 1 ms\n  asker: 2 unanswered (ids 7, 9)\n  ready",
  );
});

phases("fail when the bot ends, with its last lines", async () => {
  const phase = watchPhases({ ended: Promise.resolve(1), lines: ["ready", "Error: bug"] }, [asker]);
  assert.match(
    await failureOf(phase("commands", () => never)),
    /^commands: the bot ended\n.*\n {2}ready\n {2}Error: bug$/,
  );
});

phases.run();
