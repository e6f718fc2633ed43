/** The demo as a process: what is left of it when somebody has seen enough. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startChild } from "../../src/testing/child-process.ts";

const DEMO = fileURLToPath(new URL("../../src/demo/demo.ts", import.meta.url));

const test = suite("the demo");

for (const moment of [/^Starting a private/, /^3\. alice gives another one/]) {
  test(`leaves nothing behind when Ctrl-C comes as early as at "${moment.source}"`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "milliner-interrupted-"));
    const args = ["--import", import.meta.resolve("tsx"), DEMO];
    const demo = startChild({ command: process.execPath, args, env: { TMPDIR: folder } });
    try {
      await demo.until(moment);
      demo.signal("SIGINT");
      assert.is(await demo.ended, 130, demo.lines.join("\n"));
      const left = readdirSync(folder).filter((name) => name.startsWith("milliner-"));
      assert.equal(left, []);
    } finally {
      demo.signal("SIGKILL");
      await demo.ended;
      rmSync(folder, { recursive: true });
    }
  });
}

test.run();
