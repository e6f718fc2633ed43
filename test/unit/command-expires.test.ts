/** How long a hat is worn, as people say it in a form and read it in an answer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HatId } from "../../src/core/model.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import { formIn, noteIn, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const TEACHER = "https://example.org/hats/teacher";
const NOW = new Date("2026-06-01T12:00:00Z");

const test = suite<{ at: HatDesk }>("how long a hat is worn");

test.before.each(async (context) => {
  context.at = await openHatDesk({ date: () => NOW });
});
test.after.each(({ at }) => at.close());

async function give(at: HatDesk, expires: string, more: Record<string, string | string[]> = {}) {
  const answer = await at.once(OWNER, "add-user-hat", {
    room: TEAM,
    user: BOB,
    hat: TEACHER,
    title: "Teacher",
    expires,
    ...more,
  });
  return answer.error ?? noteIn(answer);
}

/* Usually worn for a day. */
async function defineTeacher({ desk }: HatDesk): Promise<void> {
  const hat = TEACHER as HatId;
  const after = { title: "Teacher", defaultExpires: 86_400 };
  await desk.transact({ room: TEAM as RoomJid, users: [], author: { kind: "program" } }, () => [
    { kind: "hat", room: TEAM as RoomJid, hat, before: undefined, after },
  ]);
}

const SAID: readonly [string, string][] = [
  ["90m", "2026-06-01T13:30:00Z"],
  ["7d", "2026-06-08T12:00:00Z"],
  ["1h 30m", "2026-06-01T13:30:00Z"],
  ["P1DT2H", "2026-06-02T14:00:00Z"],
  ["2027-01-31T18:00:00Z", "2027-01-31T18:00:00Z"],
  ["2027-01-31T18:00:00.001Z", "2027-01-31T18:00:01Z"],
  ["2027-01-31 18:00", "2027-01-31T18:00:00Z"],
  ["2027-01-31 18:00:30", "2027-01-31T18:00:30Z"],
  ["2027-01-31", "2027-01-31T23:59:59Z"],
  ["2026-06-01", "2026-06-01T23:59:59Z"],
  ["2027-01-31T18:00:00+05:30", "2027-01-31T12:30:00Z"],
];

for (const [expires, until] of SAID) {
  test(`${expires} is until ${until}, in the note and in the tables`, async ({ at }) => {
    assert.is(await give(at, expires), `${BOB} now has “Teacher” in ${TEAM} until ${until}.`);
    const row = [BOB, TEACHER, "Teacher", "1", "0", until];
    const answers = [
      await at.once(OWNER, "list-user-hats", { room: TEAM, user: BOB }),
      await at.once(MEMBER, "list-room-hats", { room: TEAM }),
    ];
    assert.equal(tableIn(answers[0]!).rows, [row]);
    assert.is(tableIn(answers[1]!).rows[0]?.[5], until);
    for (const answer of answers) assert.match(noteIn(answer) ?? "", `Teacher, until ${until}.`);
  });
}

test("a hat that never lapses has an empty cell", async ({ at }) => {
  assert.is(await give(at, ""), `${BOB} now has “Teacher” in ${TEAM}.`);
  const { rows } = tableIn(await at.once(OWNER, "list-user-hats", { room: TEAM, user: BOB }));
  assert.equal(rows, [[BOB, TEACHER, "Teacher", "1", "0", ""]]);
});

test("define-hat says how long a hat usually is worn, and shows it when it is asked again", async ({
  at,
}) => {
  const define = async (values: Record<string, string | string[]>) => {
    const answer = await at.once(OWNER, "define-hat", {
      room: TEAM,
      hat: TEACHER,
      title: "Teacher",
      ...values,
    });
    return answer.error ?? at.desk.roomHats(TEAM).hats[TEACHER]?.defaultExpires;
  };
  assert.is(await define({ "default-expires": "7d" }), 604_800);
  assert.is(await define({}), 604_800);
  const talk = at.talk(OWNER, "define-hat");
  await talk();
  const asked = formIn(await talk({ hat: TEACHER })).fields.find((field) => field.var === "default-expires");
  assert.equal(asked?.values, ["7d"]);
  assert.is(await define({ "default-expires": "P1DT2H" }), 93_600);
  assert.is(await define({ "default-expires": "never" }), undefined);
  await define({ "default-expires": "90m" });
  assert.is(await define({ "default-expires": "" }), undefined);
  assert.is(await define({ "default-expires": "876600h" }), 3_155_760_000, "a hundred years");
  const refused = "modify/bad-request bad-payload: default-expires:";
  assert.is(
    await define({ "default-expires": "2027-01-31T18:00:00Z" }),
    `${refused} “2027-01-31T18:00:00Z” is not understood; write 90m, 7d or 2 weeks`,
  );
  assert.is(
    await define({ "default-expires": "101y" }),
    `${refused} more than 100 years; never means until it is taken`,
  );
});

test("left empty, a hat is worn as long as it usually is; never overrides that", async ({ at }) => {
  await defineTeacher(at);
  assert.is(await give(at, ""), `${BOB} now has “Teacher” in ${TEAM} until 2026-06-02T12:00:00Z.`);
  assert.is(await give(at, "Never", { user: CAROL }), `${CAROL} now has “Teacher” in ${TEAM}.`);
});

test("left empty, a hat that is worn keeps its time; another time replaces it", async ({ at }) => {
  await give(at, "7d");
  assert.is(await give(at, ""), `Nothing changed: ${BOB} has “Teacher” in ${TEAM} as before.`);
  await give(at, "", { required: "1" });
  assert.equal(at.desk.userExpiries(BOB, TEAM), { [TEACHER]: new Date("2026-06-08T12:00:00Z") });
  const changed = `Changed: ${BOB} now has “Teacher” in ${TEAM}`;
  assert.is(await give(at, "90m", { required: "1" }), `${changed} until 2026-06-01T13:30:00Z.`);
  assert.is(await give(at, "never", { required: "1" }), `${changed}.`);
  assert.equal(at.desk.userExpiries(BOB, TEAM), {});
});

test("of several people each is told their own", async ({ at }) => {
  await give(at, "7d");
  assert.equal((await give(at, "7d", { user: [BOB, CAROL] }))?.split("\n"), [
    `Nothing changed: ${BOB} has “Teacher” in ${TEAM} as before.`,
    `${CAROL} now has “Teacher” in ${TEAM} until 2026-06-08T12:00:00Z.`,
  ]);
});

test("to set hats keeps the times of those that stay, and gives new ones what is usual", async ({ at }) => {
  await defineTeacher(at);
  await at.once(OWNER, "add-user-hat", { room: TEAM, user: BOB, hat: "urn:x:helper", expires: "7d" });
  const answer = await at.once(OWNER, "set-user-hats", {
    room: TEAM,
    user: BOB,
    hats: ["urn:x:helper", TEACHER],
  });
  assert.is(noteIn(answer), `${BOB} now has “Teacher” in ${TEAM} until 2026-06-02T12:00:00Z.`);
  assert.equal(at.desk.userExpiries(BOB, TEAM), {
    [TEACHER]: new Date("2026-06-02T12:00:00Z"),
    "urn:x:helper": new Date("2026-06-08T12:00:00Z"),
  });
});

test("hats that came together and lapse at other times are told without a time", async ({ at }) => {
  await defineTeacher(at);
  const hats = ["urn:x:helper", TEACHER];
  const answer = await at.once(OWNER, "set-user-hats", { room: TEAM, user: BOB, hats });
  assert.is(noteIn(answer), `${BOB} now has “Teacher” and “urn:x:helper” in ${TEAM}.`);
});

test("step by step, a time that cannot be read shows the form again, with what was written", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  const again = await talk({ user: BOB, hat: "", title: "Teacher", expires: "next week" });
  assert.match(again.xml.toString(), /Not done\. Until: “next week” is not understood; write 7d,/);
  assert.match(again.xml.toString(), /next week/);
});

test.run();
