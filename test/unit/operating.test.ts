/** Operating the bot: who did what is in the log and no more, secrets are looked after, and docs/operating.md says how it is. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { logChanges } from "../../src/bot-log.ts";
import { secretWarning } from "../../src/cli/secret-file.ts";
import { loadConfig } from "../../src/config/config.ts";
import type { Log } from "../../src/core/log.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import { ROOM_TRANSITIONS } from "../../src/xmpp/muc/room-states.ts";
import { type HatDesk, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";
import { tableUnder } from "../support/markdown.ts";

const FILE = "docs/operating.md";

interface Logged {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

const log = suite<{ at: HatDesk; lines: Logged[] }>("the log of changes");

log.before.each(async (scene) => {
  scene.at = await openHatDesk();
  scene.lines = [];
  const keep: Log["info"] = (fields, message) => void scene.lines.push({ fields, message });
  logChanges(scene.at.desk, { info: keep, warn: keep, error: keep });
});
log.after.each(({ at }) => at.close());

log("has a line for each change: who, where, by which command, and its number", async ({ at, lines }) => {
  const user = ["bob@example.org", "carol@example.org"];
  await at.once(OWNER, "add-user-hat", { room: TEAM, user, title: "Teacher" });
  await at.once(OWNER, "add-user-hat", { room: TEAM, user, title: "Teacher" });
  assert.equal(lines, [
    {
      fields: {
        seq: 1,
        room: TEAM,
        who: "alice@example.org",
        command: "add-user-hat",
        undoes: undefined,
        people: 2,
      },
      message: "changed",
    },
  ]);
});

log("names no wearer, no title and no reason", async ({ at, lines }) => {
  const values = {
    room: TEAM,
    user: "bob@example.org",
    title: "Whistleblower",
    reason: "told us in private",
  };
  await at.once(OWNER, "add-user-hat", values);
  assert.is(lines.length, 1);
  assert.not.match(JSON.stringify(lines), /bob|Whistleblower|private/);
});

log("names those without a known JID by their nick, and others than people by what they are", () => {
  const told: Logged[] = [];
  const keep: Log["info"] = (fields, message) => void told.push({ fields, message });
  let tell: (entry: never) => void = () => undefined;
  const desk = {
    on: (_: "change", listener: (entry: never) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  logChanges(desk, { info: keep, warn: keep, error: keep });
  const room = TEAM as RoomJid;
  const change = {
    kind: "user",
    room,
    user: "bob@example.org" as BareJid,
    before: undefined,
    after: undefined,
  };
  const entry = { seq: 1, at: "", room, changes: [change] };
  const authors = [
    { kind: "occupant", nick: "al" },
    { kind: "occupant", nick: "al", jid: "alice@example.org" },
    { kind: "desk" },
    { kind: "room" },
    { kind: "program" },
  ];
  for (const author of authors) tell({ ...entry, author } as never);
  assert.equal(
    told.map(({ fields }) => fields["who"]),
    [`${TEAM}/al`, "alice@example.org", "the desk", "the room", "the program"],
  );
  tell({ ...entry, author: { kind: "desk" }, changes: [{ ...change, kind: "base" }] } as never);
  assert.is(told.length, authors.length);
});

log.run();

const secrets = suite<{ folder: string }>("the file with the password");

secrets.before.each((scene) => {
  scene.folder = mkdtempSync(join(tmpdir(), "milliner-secret-"));
});
secrets.after.each(({ folder }) => rmSync(folder, { recursive: true }));

function write(folder: string, name: string, content: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

secrets("is warned about where everybody may read it, and only there", ({ folder }) => {
  for (const [mode, isOpen] of [
    [0o600, false],
    [0o640, false],
    [0o644, true],
    [0o604, true],
  ] as const) {
    const passwordFile = write(folder, "password", "hunter2\n", mode);
    const file = write(
      folder,
      "milliner.json",
      JSON.stringify({ jid: "hats@example.org", passwordFile }),
      0o644,
    );
    const warning = secretWarning(loadConfig({ file, env: {} }));
    assert.is(warning !== undefined, isOpen, mode.toString(8));
    if (isOpen) assert.match(warning ?? "", new RegExp(`^${passwordFile} .*chmod o-rwx ${passwordFile}$`));
    assert.not.match(warning ?? "", /hunter2/);
  }
});

secrets(
  "is the configuration, where the password stands in it, and no file where it is in the environment",
  ({ folder }) => {
    const content = JSON.stringify({ jid: "hats@example.org", password: "hunter2" });
    const file = write(folder, "milliner.json", content, 0o644);
    assert.match(secretWarning(loadConfig({ file, env: {} })) ?? "", /milliner\.json holds the password/);
    const env = { MILLINER_PASSWORD: "other" };
    assert.is(secretWarning(loadConfig({ file, env })), undefined);
    const closed = write(folder, "password", "hunter2\n", 0o600);
    assert.is(secretWarning(loadConfig({ file, env: { MILLINER_PASSWORD_FILE: closed } })), undefined);
  },
);

secrets.run();

const docs = suite(FILE);

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

docs("explains every line of the service, and no other", () => {
  const unit = read("docs/examples/milliner.service").split("\n");
  const lines = unit.flatMap((line) => /^([A-Za-z]+)=/.exec(line)?.[1] ?? []);
  const documented = tableUnder(FILE, "The service").flatMap(([cell]) => cell?.split(", ") ?? []);
  assert.equal(documented.toSorted(), [...new Set(lines)].toSorted());
});

docs("names log lines as they are written", () => {
  const folder = new URL("../../src/", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const code = sources.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const [, section = ""] = /^## Logs$(.*?)^## /ms.exec(read(FILE)) ?? [];
  const cells = [...section.matchAll(/^\| (`[^|]*) \|/gm)].map(([, cell = ""]) => cell);
  const messages = cells
    .slice(1)
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message));
  assert.ok(messages.length > cells.length);
  for (const message of messages) {
    const [, state = ""] = /^room (\w+)$/.exec(message) ?? [];
    const isLogged = state in ROOM_TRANSITIONS || code.includes(`"${message.replace(/ ?…$/, "")}`);
    assert.ok(isLogged, message);
  }
});

docs("names every file that backup copies, and the lock", () => {
  const source = read("src/cli/backup.ts");
  const names = tableUnder(FILE, "What is in DATA").map(([name]) => name ?? "");
  assert.equal(names.toSorted(), [
    "hats.journal",
    "hats.journal.old",
    "hats.json",
    "history.jsonl",
    "lock",
    "rooms.json",
  ]);
  assert.match(source, /\[SNAPSHOT, OLD_JOURNAL, JOURNAL, HISTORY, ROOM_MEMORY\]/);
});

docs("names the same files as docs/store.md", () => {
  const names = (file: string, heading: string) =>
    tableUnder(file, heading)
      .map(([name = ""]) => name)
      .toSorted();
  assert.equal(names(FILE, "What is in DATA"), names("docs/store.md", "The store"));
});

docs.run();
