/** list-user-hats, list-room-hats and list-hats. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formIn, noteIn, send, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("lists");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

/** Gives many people a hat each, in a room of their own making. */
async function dressMany(at: HatDesk, count: number): Promise<string[]> {
  const users = Array.from({ length: count }, (_, index) => `u${String(index).padStart(4, "0")}@example.org`);
  const members = Object.fromEntries(users.map((user) => [user, "member" as const]));
  at.rooms.add(TEAM, { ...members, "alice@example.org": "owner" });
  await Promise.all(users.map((user) => at.desk.addUserHat(user, TEAM, HOST, { active: true })));
  return users;
}

test("list-user-hats is a table of somebody's hats, by title", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher", required: true });
  await at.desk.addUserHat(BOB, TEAM, HOST, { active: true });
  const answer = await at.once(OWNER, "list-user-hats", { room: TEAM, user: "bob@example.org/phone" });
  const { title, columns, rows } = tableIn(answer);
  assert.is(title, `${BOB} has 2 hats in ${TEAM}`);
  assert.equal(
    columns.map((column) => `${column.var}=${column.label}`),
    ["user=Who", "hat=Hat", "title=Title", "active=Shown", "required=Required", "expires=Until"],
  );
  assert.equal(rows, [
    [BOB, HOST, HOST, "1", "0", ""],
    [BOB, TEACHER, "Teacher", "0", "1", ""],
  ]);
  assert.is(
    noteIn(answer),
    `${BOB} has 2 hats in ${TEAM}:\n${BOB}: ${HOST};\n${BOB}: Teacher (not shown, required).`,
  );
});

test("in tables the title is the wearer's, else the catalogue's, else the URI", async ({ at }) => {
  await at.desk.addUserHat(CAROL, TEAM, TEACHER, { title: "Teacher" });
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  await at.desk.addUserHat("dave@example.org", TEAM, TEACHER, { title: "Maths" });
  const { rows } = tableIn(await at.once(OWNER, "list-room-hats", { room: TEAM }));
  assert.equal(
    rows.map(([user, , title]) => [user, title]),
    [
      [BOB, "Teacher"],
      [CAROL, "Teacher"],
      ["dave@example.org", "Maths"],
    ],
  );
});

test("list-user-hats of somebody without hats is an empty table that says so", async ({ at }) => {
  const answer = await at.once(OWNER, "list-user-hats", { room: TEAM, user: BOB });
  assert.equal(tableIn(answer).rows, []);
  assert.is(noteIn(answer), `${BOB} has no hats in ${TEAM}.`);
});

test("list-user-hats of somebody without an affiliation is item-not-found", async ({ at }) => {
  const answer = await at.once(OWNER, "list-user-hats", { room: TEAM, user: "eve@example.org" });
  assert.is(answer.error, "cancel/item-not-found: user not affiliated with room");
});

test("list-user-hats takes one person", async ({ at }) => {
  const answer = await at.once(OWNER, "list-user-hats", { room: TEAM, user: [BOB, CAROL] });
  assert.is(answer.error, "modify/bad-request bad-payload: user: more than one value");
});

test("list-user-hats step by step asks for the person", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher" });
  const talk = at.talk(OWNER, "list-user-hats");
  const [user] = formIn(await talk()).fields;
  assert.equal([user?.var, user?.type, user?.required], ["user", "list-single", true]);
  assert.is(tableIn(await talk({ user: BOB })).rows.length, 1);
});

test("list-room-hats of one page has nothing to ask where the room is clear", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher" });
  const answer = await send(at.engine, OWNER, { node: "list-room-hats" });
  assert.is(answer.response?.status, "completed");
  assert.is(tableIn(answer).title, `Who wears what in ${TEAM}`);
});

test("list-room-hats of a room without hats says so", async ({ at }) => {
  assert.is(noteIn(await at.once(OWNER, "list-room-hats", { room: TEAM })), `Nobody has a hat in ${TEAM}.`);
});

test("list-room-hats gives 50 rows a page and names the last row's key in the title", async ({ at }) => {
  const users = await dressMany(at, 120);
  const seen: string[] = [];
  let after: string | undefined;
  for (const rows of [50, 50, 20]) {
    const table = tableIn(await at.once(OWNER, "list-room-hats", { room: TEAM, ...(after && { after }) }));
    assert.is(table.rows.length, rows);
    seen.push(...table.rows.map(([user]) => user ?? ""));
    after = table.title?.split(", more after: ")[1];
  }
  assert.is(after, undefined);
  assert.equal(seen, users);
});

test("exactly 50 rows are one page", async ({ at }) => {
  await dressMany(at, 50);
  const table = tableIn(await send(at.engine, OWNER, { node: "list-room-hats" }));
  assert.equal([table.rows.length, table.title], [50, `Who wears what in ${TEAM}`]);
});

test("above a page, list-room-hats asks where to begin, the start first", async ({ at }) => {
  const users = await dressMany(at, 120);
  const talk = at.talk(OWNER, "list-room-hats");
  const [after] = formIn(await talk()).fields;
  assert.equal([after?.var, after?.type, after?.values], ["after", "list-single", [" "]]);
  assert.equal(after?.options, [
    { label: "From the start", value: " " },
    { label: `After ${users[49]} ${HOST}`, value: `${users[49]} ${HOST}` },
    { label: `After ${users[99]} ${HOST}`, value: `${users[99]} ${HOST}` },
  ]);
  assert.is(tableIn(await talk({ after: `${users[99]} ${HOST}` })).rows[0]?.[0], users[100]);
});

test("several hats of one person may lie on two pages", async ({ at }) => {
  const users = await dressMany(at, 49);
  const last = users.at(-1) ?? "";
  for (const id of ["urn:x:a", "urn:x:b", "urn:x:c"]) await at.desk.addUserHat(last, TEAM, id);
  const first = tableIn(await at.once(OWNER, "list-room-hats", { room: TEAM }));
  assert.is(first.title, `Who wears what in ${TEAM}, more after: ${last} urn:x:a`);
  const second = tableIn(await at.once(OWNER, "list-room-hats", { room: TEAM, after: `${last} urn:x:a` }));
  assert.equal(
    second.rows.map(([, hat]) => hat),
    ["urn:x:b", "urn:x:c"],
  );
});

test("if the row of the key is gone, no row is left out", async ({ at }) => {
  const users = await dressMany(at, 60);
  await at.desk.setUserHats(users[49] ?? "", TEAM, { "urn:x:other": {} });
  const gone = await at.once(OWNER, "list-room-hats", { room: TEAM, after: `${users[49]} ${HOST}` });
  assert.is(tableIn(gone).rows[0]?.[1], "urn:x:other");
  await at.desk.setUserHats(users[49] ?? "", TEAM, {});
  const next = await at.once(OWNER, "list-room-hats", { room: TEAM, after: `${users[49]} ${HOST}` });
  assert.is(tableIn(next).rows[0]?.[0], users[50]);
});

test("a key that is none is bad-payload", async ({ at }) => {
  const answer = await at.once(OWNER, "list-room-hats", { room: TEAM, after: "nonsense" });
  assert.match(answer.error ?? "", /bad-payload: after: not the key of a row/);
});

test("list-hats is the catalogue, by title, with how many wear each", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher" });
  await at.desk.addUserHat(CAROL, TEAM, TEACHER);
  await at.desk.addUserHat(CAROL, TEAM, HOST, { title: "Host" });
  await at.desk.removeUserHat(CAROL, TEAM, HOST);
  await at.once(OWNER, "define-hat", { room: TEAM, hat: HOST, title: "Host", hue: "teal" });
  const answer = await send(at.engine, MEMBER, { node: "list-hats" });
  const { title, columns, rows } = tableIn(answer);
  assert.is(title, `2 hats in ${TEAM}`);
  assert.equal(
    columns.map((column) => column.var),
    ["hat", "title", "hue", "wearers"],
  );
  assert.equal(rows, [
    [HOST, "Host", "192.2", "0"],
    [TEACHER, "Teacher", "72.9", "1"],
  ]);
});

test("list-hats of a room without hats says so", async ({ at }) => {
  assert.is(noteIn(await at.once(OWNER, "list-hats", { room: TEAM })), `${TEAM} has no hats yet.`);
});

for (const [letter, uri] of [
  ["é", `urn:x:${"y".repeat(900)}`],
  ['"', "urn:x:"],
  ["&", `urn:x:${"'".repeat(100)}`],
] as const) {
  test(`an answer stays within 128 KB, also where hats are called ${letter}${letter}${letter}`, async ({
    at,
  }) => {
    const title = (index: number) => `${letter.repeat(250)}${index}`;
    const hats = Array.from({ length: 100 }, (_, index) => [`${uri}${index}`, { title: title(index) }]);
    await at.desk.setUserHats(BOB, TEAM, Object.fromEntries(hats));
    await at.desk.setUserHats(CAROL, TEAM, Object.fromEntries(hats));
    const answers = [
      await at.once(OWNER, "list-user-hats", { room: TEAM, user: BOB }),
      await at.once(OWNER, "list-room-hats", { room: TEAM }),
      await at.once(OWNER, "list-hats", { room: TEAM }),
      await at.talk(OWNER, "add-user-hat")(),
    ];
    const talk = at.talk(OWNER, "set-user-hats");
    await talk();
    answers.push(await talk({ user: BOB }));
    for (const { xml, error } of answers) {
      assert.is(error, undefined);
      const bytes = Buffer.byteLength(xml.toString());
      assert.ok(bytes < 128 * 1024, `${bytes} bytes`);
    }
  });
}

test("where not all rows fit, list-room-hats goes on from the last that did", async ({ at }) => {
  const hats = Array.from({ length: 60 }, (_, index) => [`urn:x:${"y".repeat(900)}${100 + index}`, {}]);
  await at.desk.setUserHats(BOB, TEAM, Object.fromEntries(hats));
  let after: string | undefined;
  let rows = 0;
  do {
    const table = tableIn(await at.once(OWNER, "list-room-hats", { room: TEAM, ...(after && { after }) }));
    rows += table.rows.length;
    after = table.title?.split(", more after: ")[1];
  } while (after !== undefined);
  assert.is(rows, 60);
});

test.run();
