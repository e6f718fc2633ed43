/** add-user-hat, step by step and in one stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError } from "../../src/core/errors.ts";
import { formIn, noteIn, occupant } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("add-user-hat");

const TEACHER = "https://example.org/hats/teacher";
const BOB = "bob@example.org";
const MINTED = "urn:uuid:00000000-0000-4000-8000-000000000001";

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

const give = (at: HatDesk, values: Record<string, string | string[]>, source = OWNER) =>
  at.once(source, "add-user-hat", { room: TEAM, user: BOB, ...values });

test("a title that the room does not know makes a hat and gives it", async ({ at }) => {
  assert.is(noteIn(await give(at, { title: "Teacher" })), `${BOB} now has “Teacher” in ${TEAM}.`);
  assert.equal(at.hats(BOB), { [MINTED]: { active: true, required: false, title: "Teacher" } });
  assert.equal(at.desk.roomHats(TEAM).hats, { [MINTED]: { title: "Teacher" } });
});

test("a title that the room knows means that hat, however it is written", async ({ at }) => {
  await give(at, { title: "Teacher" });
  await give(at, { user: "carol@example.org", title: "ＴＥＡＣＨＥＲ" });
  assert.equal(Object.keys(at.hats("carol@example.org")), [MINTED]);
  assert.equal(at.desk.roomHats(TEAM).hats, { [MINTED]: { title: "Teacher" } });
});

test("the same again changes nothing and says so", async ({ at }) => {
  await give(at, { title: "Teacher" });
  const again = `Nothing changed: ${BOB} has “Teacher” in ${TEAM} as before.`;
  assert.is(noteIn(await give(at, { title: "teacher" })), again);
  assert.is(noteIn(await give(at, { hat: MINTED })), again);
});

test("an unknown URI enters the catalogue with its title", async ({ at }) => {
  await give(at, { hat: TEACHER, title: "Teacher", required: "1", active: "0" });
  assert.equal(at.hats(BOB), { [TEACHER]: { active: false, required: true, title: "Teacher" } });
  assert.equal(at.desk.roomHats(TEAM).hats, { [TEACHER]: { title: "Teacher" } });
});

test("a title beside a known hat is this wearer's and renames nothing", async ({ at }) => {
  await give(at, { hat: TEACHER, title: "Teacher" });
  await give(at, { user: "carol@example.org", hat: TEACHER, title: "Maths" });
  assert.equal(at.hats("carol@example.org"), {
    [TEACHER]: { active: true, required: false, title: "Maths" },
  });
  assert.equal(at.desk.roomHats(TEAM).hats, { [TEACHER]: { title: "Teacher" } });
});

test("a wearer's own title stays where none is given", async ({ at }) => {
  await give(at, { hat: TEACHER, title: "Maths" });
  assert.is(
    noteIn(await give(at, { hat: TEACHER, required: "1" })),
    `Changed: ${BOB} now has “Maths” (required) in ${TEAM}.`,
  );
  assert.equal(at.hats(BOB), { [TEACHER]: { active: true, required: true, title: "Maths" } });
});

test("several people get it together, a line each", async ({ at }) => {
  await give(at, { title: "Teacher" });
  const answer = await give(at, {
    user: ["carol@example.org", BOB, "dave@example.org/phone"],
    title: "Teacher",
  });
  assert.equal(noteIn(answer)?.split("\n"), [
    `carol@example.org now has “Teacher” in ${TEAM}.`,
    `Nothing changed: ${BOB} has “Teacher” in ${TEAM} as before.`,
    `dave@example.org now has “Teacher” in ${TEAM}.`,
  ]);
});

test("a hat that several people are the first to get enters the catalogue once", async ({ at }) => {
  const kinds: string[] = [];
  at.desk.on("change", ({ changes }) => kinds.push(...changes.map(({ kind }) => kind)));
  await give(at, { user: [BOB, "carol@example.org"], title: "Teacher" });
  assert.equal(kinds, ["hat", "user", "user"]);
});

test("of several people all get it or none", async ({ at }) => {
  const answer = await give(at, { user: [BOB, "eve@example.org"], title: "Teacher" });
  assert.is(answer.error, "cancel/item-not-found: user not affiliated with room: eve@example.org");
  assert.equal(at.hats(BOB), {});
  assert.equal(at.desk.roomHats(TEAM).hats, {});
});

test("somebody named twice, or by a full JID, is one person", async ({ at }) => {
  const answer = await give(at, {
    user: [BOB, "BOB@example.org/phone", "bob@EXAMPLE.org"],
    title: "Teacher",
  });
  assert.is(noteIn(answer), `${BOB} now has “Teacher” in ${TEAM}.`);
});

test("an outcast is not affiliated", async ({ at }) => {
  const answer = await give(at, { user: "mallory@example.org", title: "Teacher" });
  assert.is(answer.error, "cancel/item-not-found: user not affiliated with room");
});

test("of several people those at fault are named, and nobody gets the hat", async ({ at }) => {
  for (const [users, reason] of [
    [
      [BOB, "eve@example.org", "mallory@example.org"],
      "cancel/item-not-found: user not affiliated with room: eve@example.org, mallory@example.org",
    ],
    [[BOB, "carol"], "modify/bad-request bad-payload: user: carol: not a JID, such as bob@example.org"],
    [[BOB, `${TEAM}/Cat`], `cancel/item-not-found: user not affiliated with room: ${TEAM}/Cat`],
  ] as const) {
    assert.is((await give(at, { user: [...users], title: "Teacher" })).error, reason);
  }
  assert.equal(at.hats(BOB), {});
});

test("somebody present can be named by their address in the room", async ({ at }) => {
  at.rooms.enter(TEAM, { nick: "Bob B.", realJid: BOB });
  await give(at, { user: `${TEAM}/Bob B.`, title: "Teacher" });
  assert.equal(Object.keys(at.hats(BOB)), [MINTED]);
});

const BAD: readonly [Record<string, string | string[]>, string][] = [
  [{ user: [] }, "user: missing"],
  [{ user: "nobody" }, "user: not a JID, such as bob@example.org"],
  [{ user: BOB }, "hat: choose a hat, or give a title for a new one"],
  [
    { hat: "teacher" },
    "hat: “teacher” is neither the title of a hat of this room nor a URI; for a new hat give a title instead",
  ],
  [{ hat: [TEACHER, "urn:x:y"] }, "hat: more than one value"],
  [{ title: "a\tb" }, "title: holds a line break or a character that cannot be shown"],
  [{ title: "x".repeat(257) }, "title: longer than 256 characters"],
  [{ title: "x".repeat(5_000) }, "title: longer than 4096 characters"],
  [{ title: "T", active: "maybe" }, "active: neither 1 nor 0"],
  [{ title: "T", required: ["1", "0"] }, "required: more than one value"],
  [{ title: "T", reason: "r".repeat(1_025) }, "reason: longer than 1024 characters"],
  [
    { title: "T", expires: "tomorrow" },
    "expires: “tomorrow” is not understood; write 7d, 2027-01-31 or 2027-01-31 18:00",
  ],
  [
    { title: "T", expires: "0d" },
    "expires: “0d” is not understood; write 7d, 2027-01-31 or 2027-01-31 18:00",
  ],
  [
    { title: "T", expires: "2027-01-31 24:00" },
    "expires: “2027-01-31 24:00” is not understood; write 7d, 2027-01-31 or 2027-01-31 18:00",
  ],
  [{ title: "T", expires: "2027-02-31" }, "expires: “2027-02-31” is not a day of the calendar"],
  [
    { title: "T", expires: "2027-13-01T00:00:00Z" },
    "expires: “2027-13-01T00:00:00Z” is not a day of the calendar",
  ],
  [{ title: "T", expires: "2020-01-01" }, "expires: “2020-01-01” is over"],
  [{ title: "T", expires: "2020-01-01T00:00:00Z" }, "expires: “2020-01-01T00:00:00Z” is over"],
  [{ title: "T", expires: "101y" }, "expires: more than 100 years ahead; never means until it is taken"],
  [{ title: "T", expires: ["1d", "2d"] }, "expires: more than one value"],
  [{ title: "T", room: "nowhere" }, "room: not a room's JID, such as team@rooms.example.org"],
  [{ title: "T", room: [] }, "room: missing"],
];

for (const [values, text] of BAD) {
  test(`one-shot: ${text} is bad-payload, and nothing changes`, async ({ at }) => {
    assert.is((await give(at, values)).error, `modify/bad-request bad-payload: ${text}`);
    assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  });
}

test("booleans are 1, 0, true and false", async ({ at }) => {
  for (const [active, required] of [
    ["1", "0"],
    ["true", "false"],
    ["0", "1"],
    ["false", "true"],
    ["", ""],
  ] as const) {
    await give(at, { hat: TEACHER, active, required });
    const on = active === "1" || active === "true" || active === "";
    assert.equal(at.hats(BOB)[TEACHER], { active: on, required: required === "1" || required === "true" });
  }
});

test("the reason and who gave it are kept with the change", async ({ at }) => {
  const events: unknown[] = [];
  at.desk.on("change", ({ author, reason, command }) => events.push({ author, reason, command }));
  await give(at, { title: "Teacher", reason: " she asked " });
  at.rooms.enter(TEAM, { nick: "Al", affiliation: "owner" });
  const inRoom = occupant(TEAM, "Al", { affiliation: "owner", role: "moderator" });
  await at.once(inRoom, "add-user-hat", { user: "carol@example.org", title: "Teacher" });
  assert.equal(events, [
    {
      author: { kind: "account", jid: "alice@example.org", address: "alice@example.org/desk" },
      reason: "she asked",
      command: "add-user-hat",
    },
    {
      author: { kind: "occupant", nick: "Al", address: "team@rooms.example.org/Al" },
      reason: undefined,
      command: "add-user-hat",
    },
  ]);
});

test("where the room cannot be told now, the note says that it will be", async ({ at }) => {
  at.rooms.add(TEAM, { "bob@example.org": "member", "alice@example.org": "owner" }).isReachable = false;
  const untold = "Saved; the room cannot be reached now and will be told.";
  assert.is(noteIn(await give(at, { title: "Teacher" })), `${BOB} now has “Teacher” in ${TEAM}.\n${untold}`);
  assert.is(noteIn(await give(at, { title: "Teacher" }))?.includes("told"), false);
});

test("the form asks for people, hat, title and time before what may stay as it is", async ({ at }) => {
  at.rooms.enter(TEAM, { nick: "Bobby", realJid: BOB });
  await give(at, { hat: TEACHER, title: "Teacher" });
  await give(at, { hat: "urn:x:assistant", title: "Assistant" });
  const { fields } = formIn(await at.talk(OWNER, "add-user-hat")());
  assert.equal(
    fields.map((field) => `${field.var} ${field.type} ${field.values?.join() ?? ""}`),
    [
      "user list-multi ",
      "hat list-single  ",
      "title text-single ",
      "expires text-single ",
      "active boolean 1",
      "required boolean 0",
      "reason text-single ",
    ],
  );
  assert.equal(fields[0]?.options, [
    { label: "Bobby (bob@example.org)", value: BOB },
    { label: "adam@example.org", value: "adam@example.org" },
    { label: "alice@example.org", value: "alice@example.org" },
    { label: "carol@example.org", value: "carol@example.org" },
    { label: "dave@example.org", value: "dave@example.org" },
  ]);
  assert.equal(fields[1]?.options, [
    { label: "A new hat", value: " " },
    { label: "Assistant", value: "urn:x:assistant" },
    { label: "Teacher", value: TEACHER },
  ]);
  assert.equal(fields[1]?.validate, { datatype: "xs:string", method: "open" });
  assert.equal(
    fields.filter((field) => field.required).map((field) => field.var),
    ["user"],
  );
});

test("hats of equal titles have different labels", async ({ at }) => {
  await give(at, { hat: "urn:x:b", title: "Teacher" });
  await give(at, { hat: "urn:x:a", title: "Teacher" });
  const { fields } = formIn(await at.talk(OWNER, "add-user-hat")());
  assert.equal(
    fields[1]?.options?.map(({ label }) => label),
    ["A new hat", "Teacher (urn:x:a)", "Teacher (urn:x:b)"],
  );
});

test("hats whose titles differ by what nobody sees have labels that differ by more", async ({ at }) => {
  const titles = { "urn:x:a": "Teacher", "urn:x:b": "Teach\u200ber", "urn:x:c": "Teachers" };
  for (const [hat, title] of Object.entries(titles)) {
    await at.once(OWNER, "define-hat", { room: TEAM, hat, title });
  }
  const { fields } = formIn(await at.talk(OWNER, "add-user-hat")());
  assert.equal(
    fields[1]?.options?.map(({ label }) => label),
    ["A new hat", "Teacher (urn:x:a)", "Teach\u200ber (urn:x:b)", "Teachers"],
  );
});

test("fifty people are chosen from, above that they are typed in", async ({ at }) => {
  const asked = async (size: number) => {
    const members = Array.from({ length: size - 1 }, (_, index) => [`u${index}@example.org`, "member"]);
    at.rooms.add(TEAM, { ...Object.fromEntries(members), "alice@example.org": "owner" } as never);
    const [user] = formIn(await at.talk(OWNER, "add-user-hat")()).fields;
    return [user?.type, user?.options?.length];
  };
  assert.equal(await asked(50), ["list-multi", 50]);
  assert.equal(await asked(51), ["jid-multi", undefined]);
});

test("where the list cannot be read, people are typed in, and judged at the end", async ({ at }) => {
  const room = at.rooms.add(TEAM, { "carol@example.org": "member" });
  room.isReadable = false;
  at.rooms.enter(TEAM, { nick: "Bobby", realJid: BOB, affiliation: "member" });
  const talk = at.talk(OPERATOR, "add-user-hat");
  assert.is(formIn(await talk()).fields[0]?.type, "jid-multi");
  assert.is(
    (await talk({ user: "carol@example.org", title: "T" })).error,
    "cancel/not-allowed: make me an owner of this room",
  );
  assert.is(noteIn(await talk({ user: BOB, title: "T" })), `${BOB} now has “T” in ${TEAM}.`);
});

test("where the room cannot be asked for its people, nobody is typed in, but waited for", async ({ at }) => {
  at.rooms.affiliated = () => Promise.reject(new HatsError("room-not-ready"));
  assert.match((await at.talk(OWNER, "add-user-hat")()).error ?? "", /^wait\//);
});

test("step by step, a mistake shows the form again with the reason and the values", async ({ at }) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  const again = await talk({ user: BOB, hat: "", title: "", active: "0", expires: "7d", reason: "because" });
  const { instructions, fields } = formIn(again);
  assert.match(
    instructions ?? "",
    /^Not done\. Hat: choose a hat, or give a title for a new one\. Choose whom/,
  );
  assert.equal(
    fields.map(({ values }) => values?.[0]),
    [BOB, " ", "", "7d", "0", "0", "because"],
  );
  assert.is(
    fields[1]?.desc,
    "Not done: choose a hat, or give a title for a new one. One of the room's hats, or a new one.",
  );
  assert.not(fields.some(({ var: name, desc }) => name !== "hat" && desc?.includes("Not done")));
  assert.is(
    noteIn(await talk({ user: BOB, hat: "", title: "Teacher" })),
    `${BOB} now has “Teacher” in ${TEAM}.`,
  );
});

test("step by step, somebody who lost their affiliation shows the form again", async ({ at }) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  const again = await talk({ user: "eve@example.org", title: "Teacher" });
  assert.match(formIn(again).instructions ?? "", /^Not done: user not affiliated with room\. Choose/);
});

test("step by step, a hat that was retired meanwhile is not given without its title, another URI is", async ({
  at,
}) => {
  const [old, fresh] = ["urn:x:old", "urn:x:new"];
  await at.once(OWNER, "define-hat", { room: TEAM, hat: old, title: "Old" });
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  await at.once(OWNER, "retire-hat", { room: TEAM, hat: old });
  const again = formIn(await talk({ user: BOB, hat: old }));
  assert.match(again.instructions ?? "", /^Not done\. Hat: no hat of this room\./);
  assert.equal(at.desk.roomHats(TEAM).hats, {});
  assert.is((await talk({ user: BOB, hat: fresh })).response?.status, "completed");
  assert.equal(Object.keys(at.hats(BOB)), [fresh]);
});

test("a member may not give hats", async ({ at }) => {
  const expected = "cancel/forbidden: you may not do that here";
  assert.is((await give(at, { title: "Teacher" }, MEMBER)).error, expected);
  assert.is((await at.talk(MEMBER, "add-user-hat")()).error, expected);
});

test.run();
