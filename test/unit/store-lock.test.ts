/** One desk a store. What holds between processes is in test/servers/kill-store.test.ts. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError, OperatorError } from "../../src/core/errors.ts";
import type { Draft } from "../../src/core/entry.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { silentLog } from "../../src/core/log.ts";
import type { HatId } from "../../src/core/model.ts";
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

const ROOM = "team@rooms.example.org" as RoomJid;

function grant(user: string): Draft {
  const after = { hats: new Map([["urn:x:hat" as HatId, { active: true }]]) };
  return {
    at: "2026-09-01T00:00:00.000Z",
    room: ROOM,
    author: { kind: "program" },
    changes: [{ kind: "user", room: ROOM, user: user as BareJid, before: undefined, after }],
  };
}

async function refusalOf(appending: Promise<unknown>): Promise<string> {
  try {
    await appending;
    return "saved";
  } catch (error) {
    if (!(error instanceof HatsError)) throw error;
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

/* A store whose folder is moved away, with a copy from before in its place. */
async function replaceUnder(path: string): Promise<Store> {
  await (await openStore(path)).close();
  cpSync(path, `${path}.backup`, { recursive: true });
  rmSync(join(`${path}.backup`, "lock"));
  const store = await openStore(path);
  await store.append(grant("bob@example.org"));
  renameSync(path, `${path}.before`);
  cpSync(`${path}.backup`, path, { recursive: true });
  return store;
}

lock(
  "where the folder was replaced meanwhile, a change is refused and no longer said to be saved",
  async () => {
    const store = await replaceUnder(join(folder, "data"));
    assert.is(await refusalOf(store.append(grant("carol@example.org"))), "store-unwritable");
    await store.close();
  },
);

lock(
  "what was put into the folder's place is not written over, and the moved one has what was saved",
  async () => {
    const path = join(folder, "data");
    const store = await replaceUnder(path);
    await store.close();
    assert.is(
      readFileSync(join(path, "hats.json"), "utf8"),
      readFileSync(join(`${path}.backup`, "hats.json"), "utf8"),
    );
    const moved = await openStore(`${path}.before`);
    assert.is(moved.state.rooms.get(ROOM)?.users.size, 1);
    await moved.close();
  },
);

lock("a folder that is removed meanwhile saves nothing more", async () => {
  const path = join(folder, "data");
  const store = await openStore(path);
  rmSync(path, { recursive: true });
  assert.is(await refusalOf(store.append(grant("bob@example.org"))), "store-unwritable");
  await store.close();
  assert.not(existsSync(path));
});

lock("a name that leads nowhere by an error proves nothing: what is open is written", async () => {
  const path = join(folder, "data");
  const store = await openStore(path);
  rmSync(join(path, "lock"));
  symlinkSync("lock", join(path, "lock"));
  await store.append(grant("bob@example.org"));
  await store.close();
  rmSync(join(path, "lock"));
  const again = await openStore(path);
  assert.is(again.state.rooms.get(ROOM)?.users.size, 1);
  await again.close();
});

lock.run();
