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

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  stopping(`ends with 0 on ${signal}, and leaves the store in order`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "milliner-stop-"));
    const file = join(folder, "milliner.json");
    const service = `xmpp://127.0.0.1:${await freePort()}`;
    writeFileSync(file, JSON.stringify({ jid: "hats@localhost", password: "x", service, data: "data" }));
    const args = ["--import", "tsx", CLI, "start", "--config", file];
    const bot = startChild({ command: process.execPath, args });
    try {
      await bot.until(/offline, will connect again/);
      bot.signal(signal);
      assert.is(await within(bot.ended, "the end of the bot", 5_000), 0);
      assert.is(JSON.parse(readFileSync(join(folder, "data", "hats.json"), "utf8")).version, 1);
      assert.not(bot.lines.some((line) => line.includes('"msg":"ready"')));
    } finally {
      bot.signal("SIGKILL");
      await bot.ended;
      rmSync(folder, { recursive: true });
    }
  });
}

stopping.run();

const nowhere = suite("a folder for the store that cannot be made");

/* Whatever `start` says with this `data`, and how it ends; it is killed where it never does. */
async function startedWith(data: string): Promise<readonly [status: number | null, stderr: string]> {
  const env = { MILLINER_JID: "hats@localhost", MILLINER_PASSWORD: "x", MILLINER_DATA: data };
  const args = ["--import", "tsx", CLI, "start"];
  const bot = startChild({ command: process.execPath, args, env });
  try {
    return [await within(bot.ended, "the end of the bot", 5_000), bot.lines.join("\n")];
  } finally {
    bot.signal("SIGKILL");
    await bot.ended;
  }
}

nowhere("is said, also where the folder above takes none and says that it is missing", async () => {
  const said = "the store cannot be read: /proc/milliner: no folder can be made there; name another one";
  assert.equal(await startedWith("/proc/milliner/data"), [2, said]);
});

nowhere("is said where a file has its name", async () => {
  const [status, said] = await startedWith(CLI);
  assert.is(status, 2);
  assert.match(said, /^the store cannot be read: .*cli\.ts: a part of the path is not a folder$/);
});

nowhere.run();
