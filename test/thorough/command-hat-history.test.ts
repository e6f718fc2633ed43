/** hat-history as people see it: who, when, what, page by page. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { account, formIn, noteIn, occupant, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("hat-history");

const ROOM = TEAM as RoomJid;
const BOB = "bob@example.org" as BareJid;
const CAROL = "carol@example.org";
const TEACHER = "urn:x:teacher";
const NOW = "2026-06-01T10:00:00.000Z";
const WHEN = "2026-06-01T10:00:00Z";
const ADMIN = account("adam@example.org/phone");

test.before.each(async (context) => {
  context.at = await openHatDesk({ date: () => new Date(NOW) });
});
test.after.each(({ at }) => at.close());

async function rows(at: HatDesk, source = OWNER, more = {}): Promise<readonly (readonly string[])[]> {
  return tableIn(await at.once(source, "hat-history", { room: TEAM, ...more })).rows;
}

const column = (table: readonly (readonly string[])[], index: number) => table.map((row) => row[index]);
const [WHO, WHAT, WHOM, BEFORE, AFTER, ID] = [1, 2, 3, 4, 5, 7] as const;

test("tells when, who, what, whom, from what to what, why, and by which number", async ({ at }) => {
  await at.once(OWNER, "define-hat", { room: TEAM, hat: TEACHER, title: "Teacher", hue: "12.5" });
  await at.once(ADMIN, "add-user-hat", {
    room: TEAM,
    user: BOB,
    hat: TEACHER,
    active: "0",
    reason: "new class",
  });
  const answer = await at.once(OWNER, "hat-history", { room: TEAM });
  const { title, columns, rows: found } = tableIn(answer);
  assert.is(title, `What happened in ${TEAM}`);
  assert.equal(
    columns.map(({ var: name, label }) => `${name}=${label}`),
    [
      "when=When",
      "who=Who",
      "what=What",
      "whom=Whom",
      "before=Before",
      "after=After",
      "reason=Why",
      "id=Number",
    ],
  );
  assert.equal(found, [
    [WHEN, "adam@example.org", "gave a hat", BOB, "", "“Teacher” (not shown)", "new class", "2"],
    [WHEN, "alice@example.org", "made or changed a hat", "the room's hats", "", "“Teacher” (12.5)", "", "1"],
  ]);
  assert.is(
    noteIn(answer),
    `What happened in ${TEAM}:\n` +
      `2. ${WHEN}: adam@example.org gave a hat: ${BOB}: nothing → “Teacher” (not shown) (new class);\n` +
      `1. ${WHEN}: alice@example.org made or changed a hat: the room's hats: nothing → “Teacher” (12.5).`,
  );
});

test("names every command in words", async ({ at }) => {
  const hat = { room: TEAM, hat: TEACHER };
  await at.once(OWNER, "define-hat", { ...hat, title: "Teacher" });
  await at.once(OWNER, "add-user-hat", { ...hat, user: BOB });
  await at.once(OWNER, "set-user-hats", { room: TEAM, user: BOB, hats: TEACHER, "hidden-hats": TEACHER });
  await at.once(MEMBER, "my-hats", { room: TEAM, "shown-hats": TEACHER });
  await at.once(OWNER, "delegate-hat", { ...hat, members: "1" });
  await at.once(OWNER, "delegate-hat", { ...hat, user: [BOB, CAROL] });
  await at.once(OWNER, "remove-user-hat", { ...hat, user: BOB });
  await at.once(OWNER, "undo", { room: TEAM, id: "7" });
  await at.once(OWNER, "import-hats", { room: TEAM, document: `user,hat\n${CAROL},${TEACHER}` });
  await at.once(OWNER, "retire-hat", hat);
  const all = await rows(at);
  assert.equal(
    all
      .map((row) => [row[ID], row[WHO], row[WHAT], row[WHOM], row[BEFORE], row[AFTER]].join(" | "))
      .toReversed(),
    [
      "1 | alice@example.org | made or changed a hat | the room's hats |  | “Teacher”",
      `2 | alice@example.org | gave a hat | ${BOB} |  | “Teacher”`,
      `3 | alice@example.org | set somebody's hats | ${BOB} | “Teacher” | “Teacher” (not shown)`,
      `4 | ${BOB} | chose what to wear | ${BOB} | “Teacher” (not shown) | “Teacher”`,
      "5 | alice@example.org | said who may give a hat | who may give “Teacher” |  | every member",
      `6 | alice@example.org | said who may give a hat | who may give “Teacher” | every member | ${BOB} and ${CAROL}`,
      `7 | alice@example.org | took a hat away | ${BOB} | “Teacher” | `,
      `8 | alice@example.org | undid change 7 | ${BOB} |  | “Teacher”`,
      `9 | alice@example.org | imported hats | ${CAROL} |  | “Teacher”`,
      `10 | alice@example.org | retired a hat | who may give “Teacher” | ${BOB} and ${CAROL} | `,
      "10 | alice@example.org | retired a hat | the room's hats | “Teacher” | ",
      `10 | alice@example.org | retired a hat | ${CAROL} | “Teacher” | `,
      `10 | alice@example.org | retired a hat | ${BOB} | “Teacher” | `,
    ],
  );
});

test("says what the room, the desk and other programs did", async ({ at }) => {
  await at.desk.addUserHat(
    BOB,
    TEAM,
    TEACHER,
    { active: true },
    { expires: new Date("2026-06-01T11:00:00.000Z") },
  );
  await at.desk.stripUser(ROOM, BOB, { kind: "room" }, "affiliation ended");
  await at.desk.addUserHat(CAROL, TEAM, TEACHER);
  await at.desk.transact({ room: ROOM, users: [], author: { kind: "desk" } }, () => [
    {
      kind: "hat",
      room: ROOM,
      hat: TEACHER as HatId,
      before: {},
      after: { title: "T", defaultExpires: 86_400 },
    },
  ]);
  const all = await rows(at);
  assert.equal(
    all.map((row) => row.slice(WHO).join(" | ")),
    [
      "the desk | lapsed | the room's hats | “urn:x:teacher” | “T” (usually for 1d) |  | 4",
      `a program | changed hats | ${CAROL} |  | “urn:x:teacher” (not shown) |  | 3`,
      `the room | changed hats | ${BOB} | “urn:x:teacher” (until 2026-06-01T11:00:00Z) |  | affiliation ended | 2`,
      `a program | changed hats | ${BOB} |  | “urn:x:teacher” (until 2026-06-01T11:00:00Z) |  | 1`,
      "a program | changed hats | the room's hats |  | “urn:x:teacher” |  | 1",
    ],
  );
});

test("says when a hat's time was changed", async ({ at }) => {
  const until = (time: string) => ({ expires: new Date(time) });
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true });
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true }, until("2026-06-02T10:00:00.000Z"));
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true }, until("2026-06-03T10:00:00.000Z"));
  const all = await rows(at, OWNER, { user: BOB });
  assert.equal(
    all.slice(0, 2).map((row) => [row[BEFORE], row[AFTER]]),
    [
      ["“urn:x:teacher” (until 2026-06-02T10:00:00Z)", "“urn:x:teacher” (until 2026-06-03T10:00:00Z)"],
      ["“urn:x:teacher” (until taken)", "“urn:x:teacher” (until 2026-06-02T10:00:00Z)"],
    ],
  );
});

test("is for owners, admins and the desk's admins; members and strangers get nothing", async ({ at }) => {
  for (const source of [OWNER, ADMIN, OPERATOR]) assert.equal(await rows(at, source), []);
  assert.is(
    (await at.once(MEMBER, "hat-history", { room: TEAM })).error,
    "cancel/forbidden: you may not do that here",
  );
  assert.is(
    (await at.once(STRANGER, "hat-history", { room: TEAM })).error,
    "cancel/forbidden: you may not do that here",
  );
});

test("keeps the full address of whoever asked, and shows it to the desk's admins", async ({ at }) => {
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  const inRoom = occupant(TEAM, "Addie", { affiliation: "admin", realJid: "adam@example.org" as BareJid });
  await at.once(inRoom, "add-user-hat", { user: CAROL, hat: TEACHER });
  const unknown = occupant(TEAM, "Ghost", { affiliation: "owner" });
  at.rooms.enter(TEAM, { nick: "Ghost", affiliation: "owner" });
  await at.once(unknown, "remove-user-hat", { user: CAROL, hat: TEACHER });
  assert.equal(column(await rows(at, OPERATOR), WHO).slice(0, 3), [
    `Ghost (${TEAM}/Ghost)`,
    `adam@example.org (${TEAM}/Addie)`,
    "alice@example.org/desk",
  ]);
  assert.equal(column(await rows(at), WHO).slice(0, 3), ["Ghost", "adam@example.org", "alice@example.org"]);
});

test("does not name the desk's admins to a room that does not know them", async ({ at }) => {
  await at.once(OPERATOR, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  assert.is(column(await rows(at), WHO)[0], "an admin of the desk");
  at.rooms.change(TEAM, "ops@example.org" as BareJid, "member");
  assert.is(column(await rows(at), WHO)[0], "ops@example.org");
});

test("is filtered by person, by hat, and by both", async ({ at }) => {
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: [BOB, CAROL], title: "Teacher" });
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: BOB, hat: "urn:x:host" });
  const ofBob = await rows(at, OWNER, { user: "bob@example.org/phone" });
  assert.equal(
    ofBob.map((row) => [row[ID], row[WHOM]]),
    [
      ["2", BOB],
      ["1", BOB],
    ],
  );
  const ofHost = await rows(at, OWNER, { hat: "urn:x:host" });
  assert.equal(
    ofHost.map((row) => row[WHOM]),
    [BOB, "the room's hats"],
  );
  assert.equal(column(await rows(at, OWNER, { hat: "urn:x:host", user: BOB }), ID), ["2"]);
  assert.equal(await rows(at, OWNER, { user: "nobody@example.org" }), []);
});

test("asks for person and hat, with anybody and any hat first, and then answers", async ({ at }) => {
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: BOB, title: "Teacher" });
  const talk = at.talk(OWNER, "hat-history");
  const [user, hat] = formIn(await talk()).fields;
  assert.equal(
    [user?.var, user?.type, user?.required, user?.values],
    ["user", "list-single", undefined, [" "]],
  );
  assert.equal(
    [user?.options?.[0], hat?.options?.[0]],
    [
      { label: "Anybody", value: " " },
      { label: "Any hat", value: " " },
    ],
  );
  assert.equal([hat?.var, hat?.validate?.method, hat?.options?.[1]?.label], ["hat", "open", "Teacher"]);
  const { response } = await talk({ user: "", hat: "" });
  assert.is(response?.status, "completed");
});

test("gives 50 rows a page and names the last row's key; pages neither repeat nor leave out a row", async ({
  at,
}) => {
  for (let index = 0; index < 60; index += 1) await at.desk.addUserHat(BOB, TEAM, `urn:x:${index}`);
  const seen: string[] = [];
  let after: string | undefined;
  for (const count of [50, 50, 20]) {
    const table = tableIn(await at.once(OWNER, "hat-history", { room: TEAM, ...(after && { after }) }));
    assert.is(table.rows.length, count);
    seen.push(...table.rows.map((row) => `${row[ID]} ${row[WHOM]}`));
    after = table.title?.split(", more after: ")[1];
  }
  assert.is(after, undefined);
  assert.is(new Set(seen).size, 120);
});

test("goes on within a change of many people", async ({ at }) => {
  const users = Array.from({ length: 120 }, (_, index) => `u${String(index).padStart(3, "0")}@example.org`);
  at.rooms.add(TEAM, {
    "alice@example.org": "owner",
    ...Object.fromEntries(users.map((user) => [user, "member"])),
  });
  await at.desk.addUserHat("alice@example.org", TEAM, TEACHER);
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: users, hat: TEACHER });
  const seen: (string | undefined)[] = [];
  let after: string | undefined;
  do {
    const table = tableIn(await at.once(OWNER, "hat-history", { room: TEAM, ...(after && { after }) }));
    seen.push(...column(table.rows, WHOM));
    after = table.title?.split(", more after: ")[1];
    if (seen.length === 50) assert.is(after, "2.49");
  } while (after !== undefined);
  assert.equal(seen, [...users, "alice@example.org", "the room's hats"]);
});

test("above a page, asks where to begin, the latest first", async ({ at }) => {
  for (let index = 0; index < 60; index += 1) await at.desk.addUserHat(BOB, TEAM, `urn:x:${index}`);
  const talk = at.talk(OWNER, "hat-history");
  await talk();
  const [after] = formIn(await talk({ user: "", hat: "" })).fields;
  assert.equal([after?.var, after?.type, after?.values], ["after", "list-single", [" "]]);
  assert.equal(after?.options, [
    { label: "From the latest", value: " " },
    { label: `Before ${WHEN} (36)`, value: "36" },
    { label: `Before ${WHEN} (11)`, value: "11" },
  ]);
  const table = tableIn(await talk({ after: "11" }));
  assert.equal(table.rows.length, 20);
});

test("a key that is none is bad-payload", async ({ at }) => {
  for (const after of ["nonsense", "-1", "1.", "1.2.3", "9".repeat(20)]) {
    const { error } = await at.once(OWNER, "hat-history", { room: TEAM, after });
    assert.match(error ?? "", /bad-payload: after: not the key of a row/, after);
  }
});

test("an answer stays within 128 KB, whatever hats are called and however many they are", async ({ at }) => {
  const hats = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [
      `urn:x:${"'".repeat(900)}${index}`,
      { title: `${"&".repeat(250)}${index}` },
    ]),
  );
  await at.desk.setUserHats(BOB, TEAM, hats);
  const reason = '"'.repeat(1_000);
  for (let index = 0; index < 30; index += 1) {
    await at.once(OWNER, "set-user-hats", {
      room: TEAM,
      user: BOB,
      hats: index % 2 === 0 ? "" : Object.keys(hats).slice(0, 100),
      reason,
    });
  }
  const answers = [await at.once(OWNER, "hat-history", { room: TEAM }), await at.talk(OWNER, "undo")()];
  const talk = at.talk(OWNER, "hat-history");
  await talk();
  answers.push(await talk({ user: "", hat: "" }));
  for (const { xml, error } of answers) {
    assert.is(error, undefined);
    assert.ok(Buffer.byteLength(xml.toString()) < 128 * 1024);
  }
  let after: string | undefined;
  let count = 0;
  do {
    const table = tableIn(
      await at.once(OWNER, "hat-history", { room: TEAM, user: BOB, ...(after && { after }) }),
    );
    count += table.rows.length;
    after = table.title?.split(", more after: ")[1];
  } while (after !== undefined);
  assert.is(count, 31);
});

test("of a room in which nothing happened says so", async ({ at }) => {
  const answer = await at.once(OWNER, "hat-history", { room: TEAM });
  assert.is(noteIn(answer), `Nothing of that kind is known of ${TEAM}.`);
});

test("of one hat it tells its making, its rights and its wearers, and nothing else that came with it", async ({
  at,
}) => {
  const hats = { [TEACHER]: {}, "urn:x:other": {} };
  const grants = Object.fromEntries(Object.keys(hats).map((hat) => [hat, { users: [], members: true }]));
  const users = { [BOB]: { hats: { [TEACHER]: {} } }, [CAROL]: { hats: { "urn:x:other": {} } } };
  await at.once(OWNER, "import-hats", { room: TEAM, document: JSON.stringify({ hats, users, grants }) });
  assert.equal(column(await rows(at, OWNER, { hat: TEACHER }), WHOM), [
    BOB,
    "the room's hats",
    `who may give “${TEACHER}”`,
  ]);
});

test("an archive that came and went is told to the desk's admins", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  await at.desk.archiveRoom(ROOM, "recreated");
  await at.once(OPERATOR, "manage-room", { room: TEAM, archive: "drop" });
  const all = await rows(at, OPERATOR);
  assert.is(all[0]?.[WHO], "ops@example.org/shell", "who hears also which of them it was");
  const told = all.map((row) => [row[WHOM], row[BEFORE], row[AFTER]].join(" | "));
  assert.equal(told.slice(0, 3), ["the room | archived | ", "the room |  | kept", "the room |  | archived"]);
});

test("several hats stand in the order of their titles", async ({ at }) => {
  await at.once(OWNER, "define-hat", { room: TEAM, hat: "urn:x:a", title: "Zoologist" });
  await at.once(OWNER, "define-hat", { room: TEAM, hat: "urn:x:b", title: "Actor" });
  await at.once(OWNER, "set-user-hats", { room: TEAM, user: BOB, hats: ["urn:x:a", "urn:x:b"] });
  const [row] = await rows(at, OWNER, { user: BOB });
  assert.is(row?.[AFTER], "“Actor”, “Zoologist”");
});

test("of more hats than a cell shows it tells how many more there are", async ({ at }) => {
  const hats = Array.from({ length: 9 }, (_, index) => `urn:x:${index}`.padEnd(98, "x"));
  await at.once(OWNER, "set-user-hats", { room: TEAM, user: BOB, hats });
  const [row] = await rows(at, OWNER, { user: BOB });
  const shown = hats.slice(0, 5).map((hat) => `“${hat}”`);
  assert.is(row?.[AFTER], `${shown.join(", ")}, and 4 more`);
});

test("whoever has left the room since is named as before", async ({ at }) => {
  await at.once(ADMIN, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  at.rooms.change(TEAM, "adam@example.org" as BareJid, "none");
  assert.equal(column(await rows(at), WHO), ["adam@example.org", "adam@example.org"]);
});

test("of a room with too many people to choose from any may be named, or none", async ({ at }) => {
  const crowd = Object.fromEntries(
    Array.from({ length: 51 }, (_, index) => [`u${index}@example.org`, "member"]),
  );
  at.rooms.add(TEAM, { ...crowd, "alice@example.org": "owner" } as never);
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: "u7@example.org", hat: TEACHER });
  const talk = at.talk(OWNER, "hat-history");
  const [user] = formIn(await talk()).fields;
  assert.equal(
    [user?.var, user?.type, user?.options, user?.required],
    ["user", "jid-single", undefined, undefined],
  );
  assert.is(tableIn(await talk({ hat: "" })).rows.length, 2);
});

test.run();
