/** One desk a store. What holds between processes is in test/servers/kill-store.test.ts. */
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OperatorError } from "../../src/core/errors.ts";
import { silentLog } from "../../src/core/log.ts";
import { Store } from "../../src/store/store.ts";

function openStore(path: string): Promise<Store> {
  return Store.open({ path, log: silentLog, now: () => new Date(0), onDurable: () => undefined });
}

async function codeOf(opening: Promise<Store>): Promise<string> {
  try {
    await (await opening).close();
    return "opened";
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return error.code;
  }
}

const lock = suite("the lock of a store");
let folder = "";
lock.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "milliner-lock-"));
});
lock.after.each(() => rmSync(folder, { recursive: true, force: true }));

lock("two stores in one process refuse each other too, and the refusal names the holder", async () => {
  const first = await openStore(folder);
  try {
    await openStore(folder);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, OperatorError);
    assert.match((error as OperatorError).message, `lock is held by process ${process.pid}`);
  }
  await first.close();
  assert.is(await codeOf(openStore(folder)), "opened");
});

lock("a store that could not be opened is not held", async () => {
  const path = join(folder, "a", "b");
  const first = await openStore(path);
  await first.close();
  rmSync(join(path, "hats.json"));
  const again = await openStore(path);
  await again.close();
  assert.ok(existsSync(join(path, "hats.json")));
});

lock("a lock that nothing can be written into is given back", async () => {
  symlinkSync("/dev/null", join(folder, "lock"));
  for (let time = 1; time <= 2; time++) assert.is(await codeOf(openStore(folder)), "store-unreadable");
});

lock("a folder that is missing is made, for its owner only, and so are the files", async () => {
  const path = join(folder, "deep", "data");
  await (await openStore(path)).close();
  assert.is(statSync(path).mode & 0o777, 0o700);
  for (const name of ["hats.json", "hats.journal", "lock"]) {
    assert.is(statSync(join(path, name)).mode & 0o777, 0o600, name);
  }
});

lock.run();
