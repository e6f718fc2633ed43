/** docs/history.md and the code agree on columns and bounds; what can be undone is tried in command-undo.test.ts. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RETENTION } from "../../src/store/history/history.ts";
import { readHistoryLine } from "../../src/store/history/history-line.ts";
import { MOST_READ, parsePast } from "../../src/store/history/read-history.ts";
import { tableIn } from "../support/engine.ts";
import { openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/history.md");

const text = readFileSync(new URL("../../docs/history.md", import.meta.url), "utf8").replace(/\s+/g, " ");

docs("and docs/store.md has a line of the history that fits its checksum", () => {
  const store = readFileSync(new URL("../../docs/store.md", import.meta.url), "utf8");
  const [line = ""] = /^\{"seq":43,.*"crc":.*$/m.exec(store) ?? [];
  const read = parsePast(readHistoryLine(Buffer.from(line)));
  assert.is("value" in read && read.value.seq, 43);
});

docs("says what each column of hat-history holds", async () => {
  const at = await openHatDesk();
  const { columns } = tableIn(await at.once(OWNER, "hat-history", { room: TEAM }));
  await at.close();
  const documented = tableUnder("docs/history.md", "What hat-history shows").map(([name]) => name);
  assert.equal(
    documented,
    columns.map((column) => column.var),
  );
});

docs("says how much an answer looks through, and how much is kept", () => {
  assert.ok(text.includes(`at most ${MOST_READ / 2 ** 20} MiB of the history`));
  assert.is(RETENTION.days, 730);
  assert.ok(text.includes(`Two years, in at most ${RETENTION.bytes / 2 ** 20} MiB`));
});

docs.run();
