/** manage-room and leave-room: rooms at run time, and what becomes of the hats of an earlier room. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RoomJid } from "../../src/core/jid.ts";
import { formIn, noteIn, occupant, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("manage-room and leave-room");

const LAB = "lab@rooms.example.org";
const BOB = "bob@example.org";
const TEACHER = "https://example.org/hats/teacher";
const AT = new Date("2026-03-01T00:00:00.000Z");
const NOTHING_ARCHIVED = "modify/bad-request bad-payload: archive: nothing of an earlier room is archived";

test.before.each(async (context) => {
  context.at = await openHatDesk({ date: () => AT });
  context.at.care.configured.set(TEAM, "hats");
  context.at.care.archive = (room) => context.at.desk.archiveRoom(room, "forgotten");
});
test.after.each(({ at }) => at.close());

const manage = (at: HatDesk, values: Record<string, string | string[]>, source = OPERATOR) =>
  at.once(source, "manage-room", { room: LAB, ...values });
const managed = (at: HatDesk, room = LAB) => at.desk.managedRooms().get(room as RoomJid);

/* What an earlier TEAM had: bob was its teacher. */
async function archiveTeam(at: HatDesk): Promise<void> {
  await at.desk.addUserHat(BOB, TEAM, TEACHER, { title: "Teacher", active: true });
  await at.desk.archiveRoom(TEAM as RoomJid, "recreated");
}

for (const node of ["manage-room", "leave-room"])
  test(`${node} is for config admins from their own address, whatever they name`, async ({ at }) => {
    const inside = occupant(TEAM, "ops", { affiliation: "owner", realJid: "ops@example.org" as never });
    for (const source of [OWNER, MEMBER, STRANGER, inside]) {
      for (const room of [TEAM, LAB, "nowhere"]) {
        assert.is(
          (await at.once(source, node, { room })).error,
          "cancel/forbidden: you may not do that here",
        );
      }
      assert.is((await at.talk(source, node)()).error, "cancel/forbidden: you may not do that here");
    }
  });

test("a room that is added is kept, durably, before it is entered", async ({ at }) => {
  const note = `${LAB} is kept from now on; the bot enters it as “hats”. State of the desk says how it goes.`;
  assert.is(noteIn(await manage(at, {})), note);
  assert.equal(managed(at), {});
  assert.equal(at.care.told, [`keep ${LAB} hats`]);
});

test("that a room was taken up and given up stands in its history", async ({ at }) => {
  await manage(at, {});
  await at.once(OPERATOR, "leave-room", { room: LAB });
  await manage(at, {});
  const { rows } = tableIn(await at.once(OPERATOR, "hat-history", { room: LAB }));
  const [WHAT, WHOM, BEFORE, AFTER] = [2, 3, 4, 5] as const;
  assert.equal(
    rows.map((row) => [row[WHAT], row[WHOM], row[BEFORE], row[AFTER]].join(" | ")),
    [
      "changed the desk's rooms | the room |  | kept",
      "gave the room up | the room | kept | ",
      "changed the desk's rooms | the room |  | kept",
    ],
  );
});

test("an address of somebody at the admins' own server is no room's: nobody there could command the desk any more", async ({
  at,
}) => {
  const refused = "room: not a room's JID, such as team@rooms.example.org";
  assert.match((await manage(at, { room: BOB })).error ?? "", refused);
  const talk = at.talk(OPERATOR, "manage-room");
  await talk();
  assert.match(formIn(await talk({ room: BOB })).instructions ?? "", "not a room's JID");
  assert.is(managed(at, BOB), undefined);
  assert.equal(at.care.told, []);
});

test("a room is kept under another nick, and announces, as it is told", async ({ at }) => {
  await manage(at, { nick: "milly", announce: "1" });
  assert.equal(managed(at), { nick: "milly", announce: true });
  assert.is(noteIn(await manage(at, {})), `Nothing changed: ${LAB} is kept as before.`);
  await manage(at, { announce: "0" });
  assert.equal(managed(at), { nick: "milly" });
  await manage(at, { nick: "" });
  assert.equal(managed(at), {});
  assert.equal(at.care.told.slice(-1), [`keep ${LAB} hats`]);
});

test("step by step it asks for the room, then for the rest, with what is set now", async ({ at }) => {
  await manage(at, { nick: "milly", announce: "1" });
  const talk = at.talk(OPERATOR, "manage-room");
  const [room] = formIn(await talk()).fields;
  assert.is(room?.type, "jid-single");
  const fields = formIn(await talk({ room: LAB })).fields;
  assert.equal(
    fields.map((field) => [field.var, field.values]),
    [
      ["nick", ["milly"]],
      ["announce", ["1"]],
    ],
  );
  assert.is(
    noteIn(await talk({ nick: "polly", announce: "1" })),
    `${LAB} is kept in another way; the bot goes by “polly”.`,
  );
});

test("a room of the configuration stays as it stands there", async ({ at }) => {
  const nick = "modify/bad-request bad-payload: nick: this room stands in the configuration";
  assert.ok((await manage(at, { room: TEAM, nick: "milly" })).error?.startsWith(nick));
  const announce = "modify/bad-request bad-payload: announce: this room stands in the configuration";
  assert.ok((await manage(at, { room: TEAM, announce: "1" })).error?.startsWith(announce));
  const talk = at.talk(OPERATOR, "manage-room");
  await talk();
  assert.is(noteIn(await talk({ room: TEAM })), `Nothing changed: ${TEAM} is kept as before.`);
  assert.is(managed(at, TEAM), undefined);
});

for (const [values, error] of [
  [{ room: "nowhere" }, "room: not a room's JID, such as team@rooms.example.org"],
  [{ room: [] }, "room: missing"],
  [{ nick: "a\tb" }, "nick: not a nick that a room takes as it is"],
  [{ nick: "ａ" }, "nick: not a nick that a room takes as it is"],
  [{ announce: "maybe" }, "announce: neither 1 nor 0"],
  [{ archive: "burn" }, "archive: not one of keep, restore, drop"],
  [{ archive: "restore" }, "archive: nothing of an earlier room is archived"],
] as const)
  test(`one-shot: ${error} is bad-payload, and nothing changes`, async ({ at }) => {
    const answer = await manage(at, values as Record<string, string | string[]>);
    assert.is(answer.error, `modify/bad-request bad-payload: ${error}`);
    assert.is(at.desk.managedRooms().size, 0);
    assert.equal(at.care.told, []);
  });

test("what an earlier room had is asked about only where there is something", async ({ at }) => {
  await archiveTeam(at);
  const talk = at.talk(OPERATOR, "manage-room");
  await talk();
  const form = formIn(await talk({ room: TEAM }));
  assert.match(
    form.instructions ?? "",
    "An earlier room of this address had hats; they were put aside at 2026-03-01T00:00:00.000Z",
  );
  assert.equal(
    form.fields.map((field) => [field.var, field.values, field.options?.map(({ value }) => value)]),
    [["archive", ["keep"], ["keep", "restore", "drop"]]],
  );
});

test("of a room in doubt the form tells of what the desk has now, which drop would let go", async ({
  at,
}) => {
  await archiveTeam(at);
  for (const user of [BOB, "carol@example.org"]) await at.desk.addUserHat(user, TEAM, TEACHER);
  at.care.doubted.add(TEAM);
  const talk = at.talk(OPERATOR, "manage-room");
  await talk();
  const { instructions = "" } = formIn(await talk({ room: TEAM }));
  assert.match(instructions, "what the desk has of it now (hats: 1, wearers: 2)");
  assert.not.match(instructions, "were put aside");
});

test("what is restored is there again, with a history entry by the admin", async ({ at }) => {
  await archiveTeam(at);
  assert.is(
    noteIn(await manage(at, { room: TEAM, archive: "restore" })),
    `What was put aside at ${AT.toISOString()} is back (hats: 1, wearers: 1); what the room has by now stays as it is.`,
  );
  assert.equal(at.hats(BOB), { [TEACHER]: { active: true, title: "Teacher" } });
  assert.is((await manage(at, { room: TEAM, archive: "restore" })).error, NOTHING_ARCHIVED);
});

test("what is dropped cannot be restored, and what is kept can", async ({ at }) => {
  await archiveTeam(at);
  assert.match(
    noteIn(await manage(at, { room: TEAM })) ?? "",
    "What an earlier room had stays archived, since",
  );
  assert.match(noteIn(await manage(at, { room: TEAM, archive: "drop" })) ?? "", "is gone for good");
  assert.equal(at.hats(BOB), {});
  assert.is((await manage(at, { room: TEAM, archive: "restore" })).error, NOTHING_ARCHIVED);
});

test("of several archives the one that was put aside last comes first", async ({ at }) => {
  await archiveTeam(at);
  await at.desk.addUserHat(BOB, TEAM, "urn:x:second");
  await at.desk.archiveRoom(TEAM as RoomJid, "recreated");
  await manage(at, { room: TEAM, archive: "restore" });
  assert.equal(Object.keys(at.hats(BOB)), ["urn:x:second"]);
  await manage(at, { room: TEAM, archive: "restore" });
  assert.equal(Object.keys(at.hats(BOB)).toSorted(), [TEACHER, "urn:x:second"]);
});

/* The form of TEAM is shown, something happens, and what was chosen in it is sent. */
async function decideAfter(at: HatDesk, archive: string, happens: () => Promise<unknown>) {
  const talk = at.talk(OPERATOR, "manage-room");
  await talk();
  await talk({ room: TEAM });
  await happens();
  return { talk, answer: await talk({ archive }) };
}

const archivesOf = (at: HatDesk) => [
  ...at.desk
    .view()
    .archives(TEAM as RoomJid)
    .keys(),
];
const CHANGED = "Not done. Hats of before: what there is to decide about is not what you were shown";

for (const archive of ["restore", "drop"])
  test(`what was put aside after the form was shown is shown first: ${archive}`, async ({ at }) => {
    await archiveTeam(at);
    const { talk, answer } = await decideAfter(at, archive, () => archiveTeam(at));
    const { instructions = "", fields } = formIn(answer);
    assert.ok(instructions.startsWith(CHANGED), instructions);
    assert.match(instructions, "put aside at 2026-03-01T00:00:00.001Z");
    assert.equal(fields[0]?.values, ["keep"], "nothing is chosen of what was not seen");
    assert.is(archivesOf(at).length, 2);
    assert.is(noteIn(await talk({ archive })) === undefined, false);
    assert.equal(archivesOf(at), ["2026-03-01T00:00:00.000Z"]);
  });

for (const archive of ["keep", "restore", "drop"])
  test(`a room that came into doubt after its archive was shown is shown first: ${archive}`, async ({
    at,
  }) => {
    await archiveTeam(at);
    const { answer } = await decideAfter(at, archive, async () => at.care.doubted.add(TEAM));
    assert.ok(formIn(answer).instructions?.startsWith(CHANGED));
    assert.equal(at.care.told, []);
    assert.is(archivesOf(at).length, 1);
  });

test("a doubt that was settled after it was shown is not decided on an older archive", async ({ at }) => {
  await archiveTeam(at);
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  at.care.doubted.add(TEAM);
  const { answer } = await decideAfter(at, "drop", async () => at.care.doubted.delete(TEAM));
  assert.ok(formIn(answer).instructions?.startsWith(CHANGED));
  assert.is(archivesOf(at).length, 1);
});

test("a room that comes into doubt while it is being kept is not decided about: that was not shown", async ({
  at,
}) => {
  await archiveTeam(at);
  at.care.configured.delete(TEAM);
  at.care.keep = (room) => void at.care.doubted.add(room);
  const { error } = await manage(at, { room: TEAM, archive: "drop" });
  assert.match(error ?? "", "archive: what there is to decide about is not what you were shown");
  assert.equal(at.care.told, []);
  assert.is(archivesOf(at).length, 1);
});

test("a decision that is not taken leaves the rest of the form undone, too", async ({ at }) => {
  at.care.configured.delete(TEAM);
  await archiveTeam(at);
  const talk = at.talk(OPERATOR, "manage-room");
  await talk();
  await talk({ room: TEAM });
  await archiveTeam(at);
  const { fields } = formIn(await talk({ nick: "polly", announce: "0", archive: "drop" }));
  assert.equal(
    fields.map((field) => [field.var, field.values]),
    [
      ["nick", ["polly"]],
      ["announce", ["0"]],
      ["archive", ["keep"]],
    ],
  );
  assert.is(managed(at, TEAM), undefined);
});

for (const [archive, isSame, hats, archives] of [
  ["restore", "the same", [TEACHER], 0],
  ["keep", "another", [], 1],
  ["drop", "another", [], 0],
] as const)
  test(`of a room in doubt, ${archive} says that it is ${isSame}`, async ({ at }) => {
    await at.desk.addUserHat(BOB, TEAM, TEACHER);
    at.care.doubted.add(TEAM);
    await manage(at, { room: TEAM, archive });
    assert.equal(at.care.told, [`${TEAM} is ${isSame}`]);
    assert.equal(Object.keys(at.hats(BOB)), hats);
    assert.is(at.desk.view().archives(TEAM as RoomJid).size, archives);
  });

test("of a room in doubt nothing is decided by whoever does not say what becomes of its hats", async ({
  at,
}) => {
  await at.desk.addUserHat(BOB, TEAM, TEACHER);
  at.care.doubted.add(TEAM);
  assert.is(
    noteIn(await manage(at, { room: TEAM, nick: "hats" })),
    `Nothing changed: ${TEAM} is kept as before.`,
  );
  assert.equal(at.care.told, []);
  assert.equal(Object.keys(at.hats(BOB)), [TEACHER]);
});

test("a room that is left is kept no more, and its hats stay with the desk", async ({ at }) => {
  await manage(at, {});
  const { affiliations } = at.rooms.add(LAB, { [BOB]: "member" });
  await at.desk.addUserHat(BOB, LAB, TEACHER);
  assert.is(
    noteIn(await at.once(OPERATOR, "leave-room", { room: LAB })),
    `${LAB} is kept no more. Its hats stay with the desk, should it be kept again.`,
  );
  assert.is(managed(at), undefined);
  assert.equal(at.care.told.slice(-1), [`let go ${LAB}`]);
  assert.is(affiliations.size, 1);
  assert.is(at.desk.durableRoom(LAB as RoomJid).users.size, 1);
});

test("a room that is not kept, or that stands in the configuration, cannot be left", async ({ at }) => {
  const leave = (room: string) => at.once(OPERATOR, "leave-room", { room });
  assert.is((await leave(LAB)).error, "cancel/item-not-found: no such room");
  assert.match(
    (await leave(TEAM)).error ?? "",
    "modify/bad-request bad-payload: room: it stands in the configuration, under rooms",
  );
  const talk = at.talk(OPERATOR, "leave-room");
  await talk();
  assert.match(formIn(await talk({ room: LAB })).instructions ?? "", "Not done: no such room.");
  assert.equal(at.care.told, []);
});

test.run();
