/** `milliner start` is stopped at whatever moment, also while it waits for its server. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startChild } from "../../src/testing/child-process.ts";
import { freePort } from "../../src/testing/free-port.ts";
import { within } from "../support/deadline.ts";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

const stopping = suite("a bot that is not ready yet");

stopping("ends with 0 on SIGTERM, and leaves the store in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "milliner-stop-"));
  const file = join(folder, "milliner.json");
  const service = `xmpp://127.0.0.1:${await freePort()}`;
  writeFileSync(file, JSON.stringify({ jid: "hats@localhost", password: "x", service, data: "data" }));
  const args = ["--import", "tsx", CLI, "start", "--config", file];
  const bot = startChild({ command: process.execPath, args });
  try {
    await bot.until(/offline, will connect again/);
    bot.signal("SIGTERM");
    assert.is(await within(bot.ended, "the end of the bot", 5_000), 0);
    assert.is(JSON.parse(readFileSync(join(folder, "data", "hats.json"), "utf8")).version, 1);
    assert.not(bot.lines.some((line) => line.includes('"msg":"ready"')));
  } finally {
    bot.signal("SIGKILL");
    await bot.ended;
    rmSync(folder, { recursive: true });
  }
});

stopping.run();
