/** import-hats and export-hats: documents in and out, step by step and in one stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RoomJid } from "../../src/core/jid.ts";
import { formIn, noteIn, type Received, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("import-hats and export-hats");

const TEACHER = "https://example.org/hats/teacher";
const HELPER = "urn:x:helper";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const MINTED = "urn:uuid:00000000-0000-4000-8000-000000000001";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

type Extra = Record<string, string | string[]>;

const take = (at: HatDesk, document: string | string[], extra: Extra = {}, source = OWNER) =>
  at.once(source, "import-hats", { room: TEAM, document, ...extra });

const give = (at: HatDesk, extra: Extra = {}, source = OWNER) =>
  at.once(source, "export-hats", { room: TEAM, ...extra });

const valuesIn = (answer: Received, name: string) =>
  formIn(answer).fields.find((field) => field.var === name)?.values ?? [];

const bad = (text: string) => `modify/bad-request bad-payload: document: ${text}`;

/** A room with many members, `u0` and so on. */
function crowd(at: HatDesk, size: number): string[] {
  const users = Array.from({ length: size }, (_, index) => `u${String(index).padStart(5, "0")}@example.org`);
  at.rooms.add(
    TEAM,
    Object.fromEntries([...users.map((user) => [user, "member"]), ["alice@example.org", "owner"]]) as never,
  );
  return users;
}

test("a list gives each row's hat, as one change, and says what changed", async ({ at }) => {
  const changes: unknown[] = [];
  at.desk.on("change", ({ command, author }) => changes.push([command, author.kind]));
  const answer = await take(at, [`${BOB},${TEACHER},Teacher,1,0,`, `${CAROL},${TEACHER},,0,1`]);
  assert.equal(noteIn(answer)?.split("\n"), [
    `Changed in ${TEAM}: people 2, hats on them 2, the room's own hats and rights 1.`,
    `${BOB}, Teacher: none → shown, as “Teacher”`,
    `${CAROL}, Teacher: none → not shown, required`,
  ]);
  assert.equal(at.hats(BOB), { [TEACHER]: { active: true, required: false, title: "Teacher" } });
  assert.equal(at.hats(CAROL), { [TEACHER]: { active: false, required: true } });
  assert.equal(changes, [["import-hats", "account"]]);
});

test("a room that stands in a document under two spellings of its address is taken in whole", async ({
  at,
}) => {
  const worn = { hats: { [TEACHER]: { active: true, required: false } } };
  const rooms = { [TEAM.toUpperCase()]: { users: { [BOB]: worn } }, [TEAM]: { users: { [CAROL]: worn } } };
  assert.is((await take(at, JSON.stringify({ rooms }))).error, undefined);
  assert.equal(
    [BOB, CAROL].map((user) => at.hats(user)),
    [worn.hats, worn.hats],
  );
});

test("a title alone means the room's hat of that title, or one new hat for all of its rows", async ({
  at,
}) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" });
  await take(at, ["user,title", `${CAROL},ＴＥＡＣＨＥＲ`, `${BOB},Guest`, `${CAROL},guest`]);
  assert.equal(at.hats(CAROL)[TEACHER], { active: true, required: false });
  assert.equal(Object.keys(at.hats(CAROL)), [TEACHER, MINTED]);
  assert.equal(at.desk.roomHats(TEAM).hats, {
    [TEACHER]: { title: "Teacher" },
    [MINTED]: { title: "Guest" },
  });
});

test("one hat in two ways is a mistake, also where one row has its URI and the other its title", async ({
  at,
}) => {
  const refused = `${BOB}, Maths: says otherwise what ${BOB}, ${TEACHER} says of the same hat; leave one of them out`;
  const rows = [`${BOB},${TEACHER},Maths,1,1,`, `${BOB},,Maths,1,1,`];
  const hidden = [`${BOB},${TEACHER},Maths,1,1,`, `${BOB},,Maths,0,1,`];
  assert.is((await take(at, hidden)).error, `modify/bad-request bad-payload: document: ${refused}`);
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  assert.is((await take(at, rows)).response?.status, "completed");
  assert.is((await take(at, hidden)).error, `modify/bad-request bad-payload: document: ${refused}`);
});

test("a document does not rename what the room knows", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true, title: "Teacher" });
  await take(at, JSON.stringify({ hats: { [TEACHER]: { title: "Other", hue: 3 } }, users: {} }));
  assert.equal(at.desk.roomHats(TEAM).hats, { [TEACHER]: { title: "Teacher" } });
});

test("merged, other hats and people stay; in place of what is there, they go", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, HELPER);
  await at.desk.addUserHat(CAROL, TEAM, HELPER);
  await take(at, `${BOB},${TEACHER}`);
  assert.equal(Object.keys(at.hats(BOB)), [TEACHER, HELPER]);
  const answer = await take(at, `${BOB},${TEACHER}`, { mode: "replace" });
  assert.match(noteIn(answer) ?? "", /people 2, hats on them 2, people who lost all their hats 1\./);
  assert.equal(Object.keys(at.hats(BOB)), [TEACHER]);
  assert.equal(at.hats(CAROL), {});
});

test("a hat may be called User, with and without a line of the columns' names", async ({ at }) => {
  await take(at, `${BOB},${TEACHER},User`);
  await take(at, ["user,hat,title", `${CAROL},${HELPER},user`]);
  assert.equal([Object.keys(at.hats(BOB)), Object.keys(at.hats(CAROL))], [[TEACHER], [HELPER]]);
});

test("what a record says of a time that is over is left out, so that the import can be taken back", async ({
  at,
}) => {
  const worn = { hats: { [TEACHER]: { active: true }, [HELPER]: { active: true } } };
  const expires = { [BOB]: { [TEACHER]: "2001-01-01T00:00:00.000Z", [HELPER]: "2101-01-01T00:00:00.000Z" } };
  const document = JSON.stringify({ users: { [BOB]: worn }, expires });
  const note = noteIn(await take(at, document)) ?? "";
  assert.match(note, /hats on them 1, .*hats left out whose time is over 1\./, "and said");
  assert.equal(Object.keys(at.hats(BOB)), [HELPER]);
  const again = noteIn(await take(at, document)) ?? "";
  assert.is(again, `Nothing changed in ${TEAM}, hats left out whose time is over 1.`);
});

test("a record is kept as the desk keeps everything: titles trimmed, addresses prepared", async ({ at }) => {
  const hats = { [TEACHER]: { title: "  Teacher " } };
  const grants = { [TEACHER]: { users: ["Carol@Example.org/phone", BOB, CAROL], members: false } };
  await take(at, JSON.stringify({ hats, grants }));
  const room = at.desk.durableRoom(TEAM as RoomJid);
  assert.is(room.hats.get(TEACHER as never)?.title, "Teacher");
  assert.equal(room.grants.get(TEACHER as never)?.users, [BOB, CAROL]);
});

for (const [what, document, mistake] of [
  [
    "usually",
    { hats: { [TEACHER]: { defaultExpires: 9_007_199_254_740_991 } } },
    `hats, ${TEACHER}: more than 100 years; never means until it is taken`,
  ],
  [
    "once",
    {
      users: { [BOB]: { hats: { [TEACHER]: {} } } },
      expires: { [BOB]: { [TEACHER]: "9999-01-01T00:00:00.000Z" } },
    },
    `users, ${BOB}, ${TEACHER}: more than 100 years ahead; never means until it is taken`,
  ],
] as const)
  test(`a record may not say of a hat that it is worn for longer than can be, ${what}`, async ({ at }) => {
    assert.is((await take(at, JSON.stringify(document))).error, bad(mistake));
  });

test("the same once more changes nothing and says so", async ({ at }) => {
  await take(at, `${BOB},${TEACHER},Teacher`);
  assert.is(noteIn(await take(at, `${BOB},${TEACHER},Teacher`)), `Nothing changed in ${TEAM}.`);
});

test("a dry run answers with a table of before and after, and changes nothing", async ({ at }) => {
  await at.desk.addUserHat(BOB, TEAM, HELPER, { active: true, title: "Helper" });
  const before = at.desk.roomHats(TEAM);
  const answer = await take(at, [`${BOB},${TEACHER},Teacher,,,7d`, `${BOB},${HELPER},Aide,0,1`], {
    "dry-run": "1",
  });
  const { columns, rows, title } = tableIn(answer);
  assert.is(title, `What changes in ${TEAM}: people 1, hats on them 2, the room's own hats and rights 1`);
  assert.equal(
    columns.map((column) => column.var),
    ["user", "hat", "title", "before", "after"],
  );
  assert.equal(
    rows.map((row) => row.map((cell) => cell.replace(/until .*/, "until then"))),
    [
      [BOB, HELPER, "Aide", "shown, as “Helper”", "not shown, required, as “Aide”"],
      [BOB, TEACHER, "Teacher", "none", "shown, as “Teacher”, until then"],
    ],
  );
  assert.equal(at.desk.roomHats(TEAM), before);
});

test("what changes is told in the document's order of people, and by title of each one's hats", async ({
  at,
}) => {
  const answer = await take(at, [
    `${CAROL},urn:x:1,Zebra`,
    `${CAROL},urn:x:2,Ant`,
    `${BOB},urn:x:1,`,
    `${BOB},urn:x:2,`,
  ]);
  assert.equal(
    noteIn(answer)
      ?.split("\n")
      .slice(1)
      .map((line) => line.replace(/:.*/, "")),
    [`${CAROL}, Ant`, `${CAROL}, Zebra`, `${BOB}, Ant`, `${BOB}, Zebra`],
  );
});

test("of a line that is none, such as the name of a file, it is said first that no person is named", async ({
  at,
}) => {
  assert.match((await take(at, "team.json")).error ?? "", /document: line 1: user: not a JID/);
});

test("people without an affiliation are named, and nothing changes", async ({ at }) => {
  const answer = await take(at, [
    `${BOB},${TEACHER}`,
    `eve@example.org,${TEACHER}`,
    `mallory@example.org,${TEACHER}`,
  ]);
  assert.is(
    answer.error,
    "cancel/item-not-found: user not affiliated with room: eve@example.org, mallory@example.org",
  );
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
});

test("nobody gets the right to give a hat who is not affiliated", async ({ at }) => {
  const grants = { [TEACHER]: { users: [BOB, "mallory@example.org"], members: false } };
  const document = JSON.stringify({ hats: { [TEACHER]: { title: "Teacher" } }, grants });
  assert.is(
    (await take(at, document)).error,
    "cancel/item-not-found: user not affiliated with room: mallory@example.org",
  );
  assert.is(at.desk.durableRoom(TEAM as RoomJid).grants.size, 0);
  assert.equal(at.desk.roomHats(TEAM).hats, {});
});

const MISTAKES: readonly [string, string | string[], string][] = [
  ["nothing", "", "missing"],
  ["no hat", BOB, "line 1: hat: missing; give its URI, or a title"],
  ["no JID", ["user,hat", `nobody,${TEACHER}`], "line 2: user: not a JID, such as bob@example.org"],
  ["no URI", `${BOB},teacher`, "line 1: hat: not an absolute URI, such as https://example.org/hats/teacher"],
  ["no flag", `${BOB},${TEACHER},,maybe`, "line 1: active: neither 1 nor 0"],
  ["a long title", `${BOB},${TEACHER},${"x".repeat(257)}`, "line 1: title: longer than 256 characters"],
  [
    "a time that was",
    `${BOB},${TEACHER},,,,2001-01-01T00:00:00Z`,
    "line 1: expires: “2001-01-01T00:00:00Z” is over",
  ],
  [
    "too many cells",
    `${BOB},${TEACHER},a,1,0,,x`,
    "line 1: 7 cells, more than columns; put a text with commas in quotation marks",
  ],
  [
    "an unknown column",
    ["user,nick", `${BOB},x`],
    "line 1: no column is called nick; there are user, hat, title, active, required, expires; line 2: 2 cells, more than columns; put a text with commas in quotation marks",
  ],
  [
    "something after a text",
    `${BOB},${TEACHER},"x" y`,
    "line 1: there is text after a closing quotation mark; double those within a text",
  ],
  ["an open quotation mark", `${BOB},${TEACHER},"x`, "line 1: a quotation mark is not closed on its line"],
  [
    "two mistakes",
    [`${BOB},teacher`, `${BOB},${TEACHER}`, BOB],
    "line 1: hat: not an absolute URI, such as https://example.org/hats/teacher; line 3: hat: missing; give its URI, or a title",
  ],
  [
    "one hat in two ways",
    [`${BOB},${TEACHER},,1`, `${BOB},${TEACHER},,1`, `${BOB},${TEACHER},,0`],
    "line 3: says otherwise what line 1 says of the same hat; leave one of them out",
  ],
  [
    "one hat until two times",
    [`${BOB},${TEACHER},,1,0,2101-01-01`, `${BOB},${TEACHER},,1,0,2101-01-02`],
    "line 2: says otherwise what line 1 says of the same hat; leave one of them out",
  ],
  ["broken JSON", ['{"users":', "{]}"], "line 2: not JSON as it stands; look for a comma or a brace"],
  ["another version", '{"version":2,"rooms":{"team@rooms.example.org":{}}}', "version: 1 was expected"],
  [
    "other rooms",
    '{"rooms":{"other@rooms.example.org":{}}}',
    `rooms: nothing of ${TEAM}, only of other@rooms.example.org; a room's object alone is taken for any room`,
  ],
  ["rooms that are none", `{"rooms":["${TEAM}"]}`, "line 1, rooms: an object was expected"],
  ["rooms that are nothing", '{"rooms":null}', "line 1, rooms: an object was expected"],
  ["an unknown key", '{"wearers":{}}', "wearers: no such key; a room has hats, users, expires, grants"],
  ["no hats", '{"users":{"bob@example.org":{}}}', `users, ${BOB}: hats: "hats" is missing`],
  [
    "a flag that is none",
    `{"users":{"${BOB}":{"hats":{"${TEACHER}":{"active":"yes"}}}}}`,
    `users, ${BOB}: hats.${TEACHER}.active: true or false was expected`,
  ],
  [
    "a hue that is none",
    `{"hats":{"${TEACHER}":{"hue":400}}}`,
    `hats, ${TEACHER}: hue: <=360 was expected, not 400`,
  ],
  [
    "something that hats do not have",
    `{"hats":{"${TEACHER}":{"colour":"teal"}}}`,
    `hats, ${TEACHER}: colour: "colour" is not known here`,
  ],
  [
    "a key that no stanza can carry",
    '{"users":{"a\\u0001\\ud800b":{"hats":{}}}}',
    "users, a  b: user: not a JID, such as bob@example.org",
  ],
  ["a key of any length", JSON.stringify({ ["k".repeat(60_000)]: {} }), `${"k".repeat(399)}…: no such key`],
  [
    "an attachment that is none",
    `{"users":{"${BOB}":{"hats":{"${TEACHER}":{"active":true,"titel":"x"}}}}}`,
    `users, ${BOB}: hats.${TEACHER}.titel: "titel" is not known here`,
  ],
  [
    "a time of nobody",
    `{"expires":{"${BOB}":{"${TEACHER}":"2999-01-01T00:00:00.000Z"}}}`,
    `expires, ${BOB}: this person has no hats under users`,
  ],
  [
    "a right to no hat",
    `{"grants":{"${TEACHER}":{"users":[],"members":true}}}`,
    `grants, ${TEACHER}: the room has no such hat`,
  ],
];

for (const [what, document, text] of MISTAKES) {
  test(`${what} is refused naming where, and nothing changes`, async ({ at }) => {
    const { error = "" } = await take(at, document);
    assert.is(error.slice(0, bad(text).length), bad(text));
    assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  });
}

test("of many mistakes the first are named, and how many more there are", async ({ at }) => {
  const { error } = await take(
    at,
    Array.from({ length: 30 }, () => BOB),
  );
  assert.match(error ?? "", /line 10: hat: missing; give its URI, or a title; and 20 more$/);
});

test("more than a document may be is refused", async (context) => {
  await context.at.close();
  context.at = await openHatDesk({ deskLimits: { documentLength: 100 } });
  assert.is((await take(context.at, "x".repeat(101))).error, bad("longer than 100 characters"));
});

test("whoever would have more hats than they may is named, and nothing changes", async (context) => {
  await context.at.close();
  const at = (context.at = await openHatDesk({ deskLimits: { hatsPerUser: 1 } }));
  const { error } = await take(at, [`${CAROL},${TEACHER}`, `${BOB},${TEACHER}`, `${BOB},${HELPER}`]);
  assert.is(error, bad(`${BOB}: hats: nobody may have more than 1 hats in a room`));
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
});

test("a room may be filled by a document, and not beyond", async (context) => {
  await context.at.close();
  const at = (context.at = await openHatDesk({ deskLimits: { hatsPerRoom: 2 } }));
  assert.is((await take(at, [`${BOB},${TEACHER}`, `${BOB},${HELPER}`])).error, undefined);
  const { error } = await take(at, `${BOB},urn:x:third`);
  assert.is(error, bad("the room may not have more than 2 hats"));
});

test("a row that says nothing of time leaves it as it is, and gives what is usual; a record says it all", async ({
  at,
}) => {
  await at.once(OWNER, "define-hat", {
    room: TEAM,
    hat: TEACHER,
    title: "Teacher",
    "default-expires": "7d",
  });
  const until = new Date("2101-01-01T00:00:00.000Z");
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { active: true }, { expires: until });
  const record = JSON.stringify({
    users: { [BOB]: { hats: { [TEACHER]: {} } }, "dave@example.org": { hats: { [TEACHER]: {} } } },
  });
  await take(at, [`${BOB},${TEACHER},,0`, `${CAROL},${TEACHER}`]);
  await take(at, record);
  assert.equal(at.desk.userExpiries(BOB, TEAM), { [TEACHER]: until });
  assert.equal(Object.keys(at.desk.userExpiries(CAROL, TEAM)), [TEACHER]);
  assert.equal(at.desk.userExpiries("dave@example.org", TEAM), {});
});

test("a byte order mark, CRLF, semicolons, quotation marks and order of columns are taken as they come", async ({
  at,
}) => {
  const list = `\ufeffTitle;User;Hat\r\n"Chair; ""acting""";${BOB};${TEACHER}\r\n\r\n;${CAROL};${TEACHER}\r\n`;
  await take(at, list);
  assert.is(at.desk.userHats(BOB, TEAM)[TEACHER]?.title, 'Chair; "acting"');
  assert.equal(Object.keys(at.hats(CAROL)), [TEACHER]);
});

test("an unknown mode is refused", async ({ at }) => {
  const { error } = await take(at, `${BOB},${TEACHER}`, { mode: "both" });
  assert.is(error, "modify/bad-request bad-payload: mode: not one of merge, replace");
});

test("members and strangers may neither import nor export; operators may", async ({ at }) => {
  const forbidden = "cancel/forbidden: you may not do that here";
  for (const source of [MEMBER, STRANGER]) {
    assert.is((await take(at, `${BOB},${TEACHER}`, {}, source)).error, forbidden);
    assert.is((await give(at, {}, source)).error, forbidden);
    assert.is((await at.talk(source, "import-hats")()).error, forbidden);
    assert.is((await at.talk(source, "export-hats")()).error, forbidden);
  }
  assert.is((await take(at, `${BOB},${TEACHER}`, {}, OPERATOR)).error, undefined);
  assert.is((await give(at, {}, OPERATOR)).error, undefined);
});

test("step by step one screen is enough for few people", async ({ at }) => {
  const talk = at.talk(OWNER, "import-hats");
  const { fields } = formIn(await talk());
  assert.equal(
    fields.map((field) => `${field.var} ${field.type} ${field.values?.join() ?? ""}`),
    ["document text-multi ", "mode list-single merge", "dry-run boolean 0"],
  );
  const answer = await talk({ document: [`${BOB},${TEACHER}`], mode: "merge", "dry-run": "0" }, "complete");
  assert.match(noteIn(answer) ?? "", /^Changed in/);
});

test("step by step a mistake comes back with its document, and is mended there", async ({ at }) => {
  const talk = at.talk(OWNER, "import-hats");
  await talk();
  const again = await talk({ document: [`${BOB},teacher`], mode: "replace", "dry-run": "0" }, "complete");
  assert.match(formIn(again).instructions ?? "", /^Not done\. Document: line 1: hat: not an absolute URI/);
  assert.equal(valuesIn(again, "document"), [`${BOB},teacher`]);
  assert.equal(valuesIn(again, "mode"), ["replace"]);
  await talk({ document: [`${BOB},${TEACHER}`], mode: "replace", "dry-run": "0" }, "complete");
  assert.equal(Object.keys(at.hats(BOB)), [TEACHER]);
});

test("of a long list as many rows are told, or tabled, as an answer carries, and that there are more", async ({
  at,
}) => {
  const document = crowd(at, 1_000).map((user) => `${user},${TEACHER},The one and only teacher of them all`);
  const table = tableIn(await take(at, document, { "dry-run": "1" }));
  assert.ok(table.rows.length < 1_000);
  assert.ok(table.title?.endsWith(`, the first ${table.rows.length} shown`), table.title);
  const lines = (noteIn(await take(at, document)) ?? "").split("\n");
  assert.is(lines.at(-1), `and ${1_000 - (lines.length - 2)} more`);
});

test("step by step, changing more than ten people is confirmed, in one stanza it is not", async ({ at }) => {
  const users = crowd(at, 11);
  const list = (count: number, hat = TEACHER) => users.slice(0, count).map((user) => `${user},${hat}`);
  const few = at.talk(OWNER, "import-hats");
  await few();
  assert.is((await few({ document: list(10) }, "complete")).response?.status, "completed");
  await at.desk.addUserHat("alice@example.org", TEAM, HELPER);
  const talk = at.talk(OWNER, "import-hats");
  await talk();
  const asked = await talk({ document: list(11, HELPER), mode: "replace" }, "complete");
  assert.is(asked.response?.status, "executing");
  const { instructions = "", fields } = formIn(asked);
  assert.equal(fields, []);
  assert.match(
    instructions,
    /^What changes in \S+: people 12, hats on them 22, people who lose all their hats 1\.\n/,
  );
  assert.equal(at.hats(users[10] ?? ""), {});
  assert.match(noteIn(await talk({}, "complete")) ?? "", /^Changed in \S+: people 12/);
  assert.equal(Object.keys(at.hats(users[10] ?? "")), [HELPER]);
  assert.is((await take(at, list(11))).response?.status, "completed");
});

test("giving, taking and setting hats of more than ten people is confirmed step by step", async ({ at }) => {
  const users = crowd(at, 11);
  const give = at.talk(OWNER, "add-user-hat");
  await give();
  const asked = await give({ user: users, hat: TEACHER });
  assert.match(
    formIn(asked).instructions ?? "",
    /^This changes the hats of 11 people in \S+: u00000@example\.org, .*, and 1 more\. Go on to do this\.$/,
  );
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  assert.match(noteIn(await give({})) ?? "", /^u00000@example\.org now has/);

  const take = at.talk(OWNER, "remove-user-hat");
  await take();
  await take({ user: users });
  assert.is((await take({ hat: TEACHER })).response?.status, "executing");
  assert.is((await take({})).response?.status, "completed");

  const few = await at.once(OWNER, "add-user-hat", { room: TEAM, user: users, hat: TEACHER });
  assert.is(few.response?.status, "completed", "in one stanza nothing is confirmed");
  const set = at.talk(OWNER, "set-user-hats");
  await set();
  await set({ user: users });
  const same = await set({ hats: TEACHER });
  assert.match(noteIn(same) ?? "", /^Nothing changed/, "what changes nobody needs no yes");
});

test("a long document comes in parts, each judged as it comes, in one change", async ({ at }) => {
  const users = crowd(at, 300);
  let changes = 0;
  at.desk.on("change", () => (changes += 1));
  const talk = at.talk(OWNER, "import-hats");
  await talk();
  const lines = users.map((user) => `${user},${TEACHER},Teacher`);
  const first = await talk({ document: ["user,hat,title", ...lines.slice(0, 100)] }, "next");
  assert.match(formIn(first).instructions ?? "", /^Rows so far: 100\. /);
  assert.equal(valuesIn(first, "document"), []);
  const refused = await talk({ document: ["user,title,hat", ...lines.slice(100, 200)] }, "next");
  assert.match(
    formIn(refused).instructions ?? "",
    /^Not done\. Document: line 103: hat: not an absolute URI/,
  );
  assert.is(valuesIn(refused, "document").length, 101);
  const strange = await talk({ document: [`eve@example.org,${TEACHER}`] }, "next");
  assert.match(
    formIn(strange).instructions ?? "",
    /^Not done: user not affiliated with room: eve@example\.org\. Rows so far: 100\. /,
  );
  const second = await talk({ document: lines.slice(100, 200) }, "next");
  assert.match(formIn(second).instructions ?? "", /^Rows so far: 200\. /);
  await talk({ document: lines.slice(200) }, "complete");
  const done = await talk({}, "complete");
  assert.match(noteIn(done) ?? "", /^Changed in \S+: people 300, hats on them 300/);
  assert.is(changes, 1);
});

test("an export is JSON as in the store, with times and rights", async ({ at }) => {
  const until = "2099-01-01T00:00:00.000Z";
  await take(at, [`${BOB},${TEACHER},Teacher,1,1,${until}`]);
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: CAROL });
  const answer = await give(at);
  assert.is(formIn(answer).type, "result");
  assert.is(formIn(answer).title, `Hats of ${TEAM}`);
  assert.equal(
    formIn(answer).fields.map((field) => `${field.var} ${field.type}`),
    ["document text-multi"],
  );
  assert.equal(valuesIn(answer, "document"), [
    `{"version":1,"rooms":{"${TEAM}":{`,
    '"hats":{',
    `"${TEACHER}":{"title":"Teacher"}`,
    "},",
    '"users":{',
    `"${BOB}":{"hats":{"${TEACHER}":{"active":true,"required":true,"title":"Teacher"}}}`,
    "},",
    '"expires":{',
    `"${BOB}":{"${TEACHER}":"${until}"}`,
    "},",
    '"grants":{',
    `"${TEACHER}":{"users":["${CAROL}"],"members":false}`,
    "}",
    "}}}",
  ]);
});

test("a room without hats is exported as one, and such a document is taken", async ({ at }) => {
  const document = [...valuesIn(await give(at), "document")];
  assert.equal(JSON.parse(document.join("\n")), { version: 1, rooms: { [TEAM]: { hats: {}, users: {} } } });
  assert.is(noteIn(await take(at, document)), `Nothing changed in ${TEAM}.`);
});

test("a large room is exported in parts, each of which a stanza holds and an import takes", async ({
  at,
}) => {
  const users = crowd(at, 2_000);
  await take(
    at,
    users.map((user, index) => `${user},urn:x:${index % 7},"Title "" <${index % 7}>"`),
  );
  await at.desk.addUserHat("alice@example.org", TEAM, "urn:x:unworn", { title: "Unworn" });
  await at.desk.removeUserHat("alice@example.org", TEAM, "urn:x:unworn");
  const before = at.desk.roomHats(TEAM);

  const talk = at.talk(OWNER, "export-hats");
  const stepwise: string[][] = [];
  let part = await talk();
  while (part.response?.status === "executing") {
    assert.ok(Buffer.byteLength(part.xml.toString()) < 128 * 1024);
    stepwise.push([...valuesIn(part, "document")]);
    part = await talk(undefined, "next");
  }
  stepwise.push([...valuesIn(part, "document")]);

  const atOnce: string[][] = [];
  let after: readonly string[] = [];
  do {
    const answer = await give(at, { after: [...after] });
    atOnce.push([...valuesIn(answer, "document")]);
    after = valuesIn(answer, "after");
  } while (after.length > 0);
  assert.ok(stepwise.length > 2);
  assert.equal(atOnce, stepwise);

  await take(at, "{}", { mode: "replace" });
  assert.equal(at.desk.roomHats(TEAM).users, {});
  for (const document of stepwise) await take(at, document);
  assert.equal(at.desk.roomHats(TEAM), before);
  await take(at, "{}", { mode: "replace" });
  await take(at, stepwise.flat());
  assert.equal(at.desk.roomHats(TEAM), before);
});

test("complete ends an export with one more part, which names where the next begins", async ({ at }) => {
  const users = crowd(at, 2_000);
  await take(
    at,
    users.map((user) => `${user},${TEACHER}`),
  );
  const talk = at.talk(OWNER, "export-hats");
  const [first] = valuesIn(await talk(), "after");
  const last = await talk(undefined, "complete");
  assert.is(last.response?.status, "completed");
  const [second] = valuesIn(last, "after");
  assert.ok((first ?? "") < (second ?? ""));
  const { error } = await give(at, { after: "nowhere" });
  assert.is(error, "modify/bad-request bad-payload: after: not where a part ends, as that part names it");
});

test.run();
