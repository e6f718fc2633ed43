/** `milliner check` names each line of the history that is not what was written, and writes nothing into it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT_OK, EXIT_REFUSED } from "../../src/cli/exit.ts";
import { openDesk } from "../../src/index.ts";
import { runCheck } from "../support/check-run.ts";
import { FakeServer } from "../support/fake-server.ts";

interface Context {
  data: string;
  history: string;
  server: FakeServer;
}
const checked = suite<Context>("check of the history");

const ROOM = "team@rooms.example.org";
const MEMBERS = { isKept: () => true, affiliation: () => Promise.resolve("member" as const) };

checked.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-check-"));
  context.history = join(context.data, "history.jsonl");
  context.server = await FakeServer.start();
  const desk = await openDesk({ data: context.data, affiliations: MEMBERS });
  for (const title of ["One", "Two", "Three"]) await desk.defineHat(ROOM, "urn:x:hat", { title });
  await desk.close();
});
checked.after.each(async ({ data, server }) => {
  await server.stop();
  rmSync(data, { recursive: true });
});

/* The exit status, and what is said of the store. */
async function run({ data, server }: Context): Promise<{ status: number; store: string[] }> {
  const { status, lines } = await runCheck(server, data);
  return { status, store: lines.filter((line) => /^(store|history) /.test(line)) };
}

checked("says nothing of one that is whole", async (context) => {
  const { status, store } = await run(context);
  assert.is(status, EXIT_OK);
  assert.equal(store, [`store          good: ${context.data}, 0 rooms added by command`]);
});

checked("names file, line and offset of what is damaged, and ends with 1", async (context) => {
  const [first = "", second = "", third = ""] = readFileSync(context.history, "utf8").split("\n");
  const damaged = [first, second.replace("Two", "Twt"), third.replace("urn:x", 'urn"x'), '{"seq":4'].join(
    "\n",
  );
  writeFileSync(context.history, damaged);
  const { status, store } = await run(context);
  assert.is(status, EXIT_REFUSED);
  const offsets = [first.length + 1, first.length + second.length + 2];
  assert.equal(store.slice(1), [
    `history        damaged: history.jsonl, line 2, offset ${offsets[0]}: it does not fit its checksum`,
    `history        damaged: history.jsonl, line 3, offset ${offsets[1]}: it does not fit its checksum`,
    `history        damaged: history.jsonl, line 4, offset ${damaged.lastIndexOf("\n") + 1}: it does not end`,
  ]);
  assert.is(readFileSync(context.history, "utf8"), damaged);
});

checked("takes lines from before there was a checksum, as long as they can be read", async (context) => {
  const old = readFileSync(context.history, "utf8").replace(/,"crc":"[0-9a-f]{8}"\}$/gm, "}");
  writeFileSync(context.history, old);
  assert.is((await run(context)).status, EXIT_OK);
  writeFileSync(context.history, old.replace('"room"', 'room"'));
  const { store } = await run(context);
  assert.match(store[1] ?? "", /^history {8}damaged: history\.jsonl, line 1, offset 0: SyntaxError/);
});

checked("names the first of many, and counts the rest", async (context) => {
  writeFileSync(context.history, "{}\n".repeat(25));
  const { store } = await run(context);
  assert.is(store.length, 1 + 10 + 1);
  assert.is(store.at(-1), "history        and 15 more lines");
});

checked.run();
