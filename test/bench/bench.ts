/**
 * Speed and memory, as ratios within one run: `npm run bench`, or with words for some parts of it.
 *
 * What is measured against what, and the figures of one machine, are in docs/bench.md.
 */
import { benchCommands } from "./command-bench.ts";
import { type BenchRow, printRows } from "./measure.ts";
import { benchPresence } from "./presence-bench.ts";
import { benchStore } from "./store-bench.ts";

const PARTS: Readonly<Record<string, { heading: string; run: () => Promise<BenchRow[]> }>> = {
  store: { heading: "Durable changes", run: benchStore },
  "commands-ejabberd": {
    heading: "Commands through ejabberd 26, room presence off",
    run: () => benchCommands("ejabberd-26"),
  },
  "commands-prosody": {
    heading: "Commands through Prosody 0.12, room presence off",
    run: () => benchCommands("prosody-0.12"),
  },
  "room-ejabberd": {
    heading: "Changes seen in the room, ejabberd 26",
    run: () => benchPresence("ejabberd-26"),
  },
  "room-prosody": {
    heading: "Changes seen in the room, Prosody 0.12 with the module",
    run: () => benchPresence("prosody-0.12"),
  },
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in PARTS));
if (unknown !== undefined) throw new Error(`${unknown}: the parts are ${Object.keys(PARTS).join(", ")}`);

for (const [name, { heading, run }] of Object.entries(PARTS)) {
  if (wanted.length === 0 || wanted.includes(name)) printRows(heading, await run());
}
