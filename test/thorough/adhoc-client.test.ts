/** The requester's side of ad-hoc commands, and how exec sends and gathers what is longer than a stanza. */
import { Readable } from "node:stream";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { UsageError } from "../../src/cli/exit.ts";
import { readFields } from "../../src/cli/fields.ts";
import { runCommand } from "../../src/cli/in-parts.ts";
import { toJson } from "../../src/cli/answer.ts";
import { toText } from "../../src/cli/render.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { executeCommand, startCommand } from "../../src/xmpp/adhoc-client.ts";
import { DESK, senderTo } from "../support/desk-sender.ts";
import { type HatDesk, openHatDesk, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("the requester's side of commands");

const TEACHER = "https://example.org/hats/teacher";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

const run = (at: HatDesk, node: string, values: Record<string, string | string[]>, sent: string[] = []) =>
  runCommand(
    senderTo(at, sent),
    { to: DESK, node },
    new Map(
      Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? [value] : value]),
    ),
  );

function crowd(at: HatDesk, size: number): string[] {
  const users = Array.from({ length: size }, (_, index) => `u${String(index).padStart(5, "0")}@example.org`);
  const members = Object.fromEntries(users.map((user) => [user, "member" as const]));
  at.rooms.add(TEAM, { ...members, "alice@example.org": "owner", "bob@example.org": "member" });
  return users;
}

test("a command is gone through stage by stage, there and back", async ({ at }) => {
  await at.desk.addUserHat("bob@example.org", TEAM, TEACHER, { title: "Teacher" });
  const session = await startCommand(senderTo(at), { to: DESK, node: "remove-user-hat" });
  assert.equal(
    session.form?.fields.map((field) => field.var),
    ["user"],
  );
  await session.next(new Map([["user", ["bob@example.org"]]]));
  assert.equal(
    session.form?.fields.map((field) => field.var),
    ["hat", "reason"],
  );
  await session.prev();
  assert.equal(session.form?.fields[0]?.values, ["bob@example.org"]);
  await session.execute(new Map([["user", ["bob@example.org"]]]));
  const done = await session.complete(new Map([["hat", [TEACHER]]]));
  assert.is(done.status, "completed");
  assert.equal(at.hats("bob@example.org"), {});
});

test("a session that is canceled says so, and what is refused rejects", async ({ at }) => {
  const session = await startCommand(senderTo(at), { to: DESK, node: "add-user-hat" });
  assert.is((await session.cancel()).status, "canceled");
  try {
    await executeCommand(senderTo(at, [], STRANGER), { to: DESK, node: "list-hats" });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, StanzaError);
  }
});

test("what fits goes in one stanza", async ({ at }) => {
  const sent: string[] = [];
  await run(at, "import-hats", { room: TEAM, document: `bob@example.org,${TEACHER}` }, sent);
  assert.equal(sent, ["import-hats execute"]);
});

test("a long list goes in parts, is confirmed, and is one change", async ({ at }) => {
  const users = crowd(at, 3_000);
  const sent: string[] = [];
  let changes = 0;
  at.desk.on("change", () => (changes += 1));
  const document = ["user,hat,title", ...users.map((user) => `${user},${TEACHER},"The <teacher>"`)];
  const answer = await run(at, "import-hats", { room: TEAM, document, mode: "replace" }, sent);
  assert.match(answer.notes[0]?.text ?? "", /^Changed in \S+: people 3000, hats on them 3000/);
  assert.is(changes, 1);
  assert.ok(sent.filter((step) => step === "import-hats next").length >= 2);
  assert.equal(sent.slice(-2), ["import-hats complete", "import-hats execute"]);
});

test("a mistake in any part ends all of it, with the reason, and nothing changes", async ({ at }) => {
  const users = crowd(at, 3_000);
  for (const wrong of [0, 2_999]) {
    const document = users.map((user, index) => `${user},${index === wrong ? "teacher" : TEACHER}`);
    try {
      await run(at, "import-hats", { room: TEAM, document });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, StanzaError);
      assert.match(
        (error as StanzaError).text ?? "",
        new RegExp(`^Not done. Document: line ${wrong + 1}: hat: not an`),
      );
    }
    assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
    assert.is(at.engine.openSessions, 0);
  }
});

test("a field that the command does not have is refused before a long list is sent", async ({ at }) => {
  const document = crowd(at, 3_000).map((user) => `${user},${TEACHER}`);
  const sent: string[] = [];
  try {
    await run(at, "import-hats", { room: TEAM, document, dryrun: "1" }, sent);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, StanzaError);
    assert.is((error as StanzaError).text, "dryrun: no such field; there are room, document, mode, dry-run");
  }
  assert.equal(sent, ["import-hats execute", "import-hats cancel"]);
  assert.equal(at.desk.roomHats(TEAM).users, {});
});

test("a large room comes whole, goes back in parts, and changes nothing", async ({ at }) => {
  const users = crowd(at, 1_000);
  const list = users.map(
    (user, index) => `${user},urn:x:${index % 5},"Title ""${index % 5}""",1,0,2099-01-01T00:00:00Z`,
  );
  await run(at, "import-hats", { room: TEAM, document: list });
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: "urn:x:1", members: "1" });
  const before = at.desk.roomHats(TEAM);
  for (const values of [{ room: TEAM }, {}]) {
    const sent: string[] = [];
    const text = toText(toJson(await run(at, "export-hats", values, sent)));
    assert.ok(sent.length > 3);
    const whole = JSON.parse(text) as { rooms: Record<string, Record<string, object>> };
    assert.equal(Object.keys(whole.rooms[TEAM] ?? {}).toSorted(), ["expires", "grants", "hats", "users"]);
    assert.equal(whole.rooms[TEAM]?.["users"], before.users);
    for (const document of [text, text.split("\n"), JSON.stringify(whole)]) {
      for (const mode of ["merge", "replace"]) {
        const answer = await run(at, "import-hats", { room: TEAM, document, mode });
        assert.is(answer.notes[0]?.text, `Nothing changed in ${TEAM}.`);
      }
    }
  }
});

test("a part that is asked for by its place is given alone", async ({ at }) => {
  const users = crowd(at, 1_000);
  await run(at, "import-hats", { room: TEAM, document: users.map((user) => `${user},${TEACHER}`) });
  const sent: string[] = [];
  await run(at, "export-hats", { room: TEAM, after: `${users[99]} ${TEACHER}` }, sent);
  assert.equal(sent, ["export-hats execute"]);
});

test("what is too long for a command that takes no parts is refused before it is sent", async ({ at }) => {
  try {
    await run(at, "add-user-hat", { room: TEAM, user: "bob@example.org", title: "x".repeat(200_000) });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UsageError);
    assert.match((error as Error).message, /^title: longer than a stanza carries/);
  }
  assert.is(at.engine.openSessions, 0);
});

test("JSON that is none is refused before it is sent", async ({ at }) => {
  try {
    await run(at, "import-hats", { room: TEAM, document: `{"users":${" ".repeat(200_000)}}` });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, UsageError);
    assert.match((error as Error).message, /^document: not JSON as it stands/);
  }
});

test("what stands within rooms for one room is taken alone, too, and goes in parts", async ({ at }) => {
  const users = Object.fromEntries(crowd(at, 3_000).map((user) => [user, { hats: { [TEACHER]: {} } }]));
  const sent: string[] = [];
  const document = JSON.stringify({ hats: { [TEACHER]: { title: "Teacher" } }, users });
  await run(at, "import-hats", { room: TEAM, document }, sent);
  assert.ok(sent.includes("import-hats next"));
  assert.equal(at.desk.roomHats(TEAM), { hats: { [TEACHER]: { title: "Teacher" } }, users });
});

test("values are given as they are, from a file, or piped in", async () => {
  const folder = mkdtempSync(join(tmpdir(), "milliner-fields-"));
  const file = join(folder, "list.csv");
  writeFileSync(file, "\ufeffuser,hat\r\nbob@example.org,urn:x:a\r\n");
  const stdin = () => Readable.from(["a\n", "b"]);
  const fields = await readFields([`document=@${file}`, "document=-", "title=@@home", "reason=a=b"], stdin());
  assert.equal(
    [...fields],
    [
      ["document", ["user,hat", "bob@example.org,urn:x:a", "a", "b"]],
      ["title", ["@home"]],
      ["reason", ["a=b"]],
    ],
  );
  rmSync(folder, { recursive: true });
  for (const [field, reason] of [
    [`document=@${file}`, /^document: .*list\.csv cannot be read: there is no such file$/],
    ["document", /^document: must be field=value$/],
  ] as const) {
    try {
      await readFields([field], stdin());
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UsageError);
      assert.match((error as Error).message, reason);
    }
  }
});

test.run();
