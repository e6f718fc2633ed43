/**
 * Whatever happens to the room, the server or the bot: at rest the room shows what the desk says, and not one command
 * was told without a reason.
 *
 * MILLINER_CHAOS_SEED repeats a run that failed, MILLINER_CHAOS_EVENTS makes runs longer. What happened stands in the
 * failure, with the seed.
 */
// runner: deadline 900 s
import { suite } from "uvu";
import { comeToRest } from "../support/chaos/at-rest.ts";
import { chanceOf } from "../support/chaos/chance.ts";
import { fittingEvents } from "../support/chaos/events.ts";
import { assertEachCommandExplained } from "../support/chaos/reasons.ts";
import { ChaosWorld } from "../support/chaos/world.ts";
import { SHOWINGS } from "../support/presence-stage.ts";
import { eachServer } from "../support/servers.ts";

const EVENTS = Number(process.env["MILLINER_CHAOS_EVENTS"] ?? 400);
const SEED = Number(process.env["MILLINER_CHAOS_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
/* So often the world is let come to rest on the way. */
const RESTS = 4;
const SHOWN_ON_FAILURE = 40;

eachServer((kind) => {
  for (const showing of SHOWINGS.filter((candidate) => candidate.kind === kind)) {
    const chaos = suite(`chaos on ${showing.name}`);

    chaos(`after ${EVENTS} random events the room shows what the desk says`, async () => {
      const world = await ChaosWorld.open(showing);
      const happened: string[] = [];
      try {
        const chance = chanceOf(SEED);
        const events = fittingEvents(world);
        for (let count = 1; count <= EVENTS; count++) {
          const event = chance.pickWeighted(events);
          happened.push(event.name);
          await event.happen(world, chance);
          if (count % Math.ceil(EVENTS / RESTS) === 0 || count === EVENTS) await comeToRest(world);
        }
        await assertEachCommandExplained(world);
      } catch (error) {
        throw new Error(
          `seed ${SEED}, after ${happened.length} events, the last: ${happened.slice(-SHOWN_ON_FAILURE).join("; ")}` +
            `\nthe bot's last lines:\n${world.log.slice(-SHOWN_ON_FAILURE).join("\n")}\n${String((error as Error).stack)}`,
          { cause: error },
        );
      } finally {
        await world.close();
      }
    });

    chaos.run();
  }
});
