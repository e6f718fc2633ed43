/** undo as people use it: the latest changes to choose from, one change or a whole bulk, and why it is refused. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { formIn, noteIn, tableIn } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";
import { tableUnder } from "../support/markdown.ts";

const test = suite<{ at: HatDesk; date: Date }>("undo");

const BOB = "bob@example.org" as BareJid;
const CAROL = "carol@example.org" as BareJid;
const TEACHER = "urn:x:teacher";
const BEGAN = "2026-06-01T10:00:00.000Z";

test.before.each(async (context) => {
  context.date = new Date(BEGAN);
  context.at = await openHatDesk({ date: () => context.date });
});
test.after.each(({ at }) => at.close());

const give = (at: HatDesk, values = {}) =>
  at.once(OWNER, "add-user-hat", { room: TEAM, user: BOB, hat: TEACHER, title: "Teacher", ...values });
const undo = (at: HatDesk, id: number, source = OWNER) =>
  at.once(source, "undo", { room: TEAM, id: String(id) });

test("takes a change back and says what is so again", async ({ at }) => {
  await give(at);
  assert.is(
    noteIn(await undo(at, 1)),
    `Change 1 is undone in ${TEAM}.\n${BOB}: “Teacher” → nothing\nthe room's hats: “Teacher” → nothing`,
  );
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
});

test("takes a whole bulk back by its one number", async ({ at }) => {
  await at.desk.addUserHat("dave@example.org", TEAM, TEACHER, { title: "Teacher" });
  const before = at.desk.roomHats(TEAM);
  await give(at, { user: [BOB, CAROL, "alice@example.org"] });
  await undo(at, 2);
  assert.equal(at.desk.roomHats(TEAM), before);
});

test("is itself a change, which can be undone", async ({ at }) => {
  await give(at);
  const after = at.desk.roomHats(TEAM);
  await undo(at, 1);
  await undo(at, 2);
  assert.equal(at.desk.roomHats(TEAM), after);
  const whats = tableIn(await at.once(OWNER, "hat-history", { room: TEAM, user: BOB })).rows.map(
    (row) => row[2],
  );
  assert.equal(whats, ["undid change 2", "undid change 1", "gave a hat"]);
});

test("names the change it takes back, for whoever follows the desk", async ({ at }) => {
  const events: unknown[] = [];
  at.desk.on("change", ({ command, undoes }) => events.push([command, undoes]));
  await give(at);
  await undo(at, 1);
  assert.equal(events, [
    ["add-user-hat", undefined],
    ["undo", 1],
  ]);
});

test("is refused with the reason where something newer stands on it", async ({ at }) => {
  await give(at);
  await give(at, { active: "0" });
  assert.is(
    (await undo(at, 1)).error,
    `modify/bad-request bad-payload: id: something newer stands on it: “Teacher” of ${BOB} was changed since`,
  );
  assert.equal(at.hats(BOB), { [TEACHER]: { active: false, required: false, title: "Teacher" } });
});

test("asked for twice at the same time is done once", async ({ at }) => {
  await give(at);
  const answers = await Promise.all([undo(at, 1), undo(at, 1, OPERATOR)]);
  assert.is(answers.filter(({ error }) => error === undefined).length, 1);
  const refused = answers.find(({ error }) => error !== undefined);
  assert.match(refused?.error ?? "", "something newer stands on it");
});

test("of something that was never done, or in another room, is refused", async ({ at }) => {
  at.rooms.add("staff@rooms.example.org", { [BOB]: "member" });
  await at.desk.addUserHat(BOB, "staff@rooms.example.org", TEACHER);
  await give(at);
  for (const id of ["1", "3", "0", "999999999999999"]) {
    const { error } = await at.once(OWNER, "undo", { room: TEAM, id });
    assert.is(error, "modify/bad-request bad-payload: id: no change of this room", id);
  }
  for (const id of ["-1", "1.5", "x", "9".repeat(16)]) {
    const { error } = await at.once(OWNER, "undo", { room: TEAM, id });
    assert.is(error, "modify/bad-request bad-payload: id: not the number of a change", id);
  }
  assert.is(
    (await at.once(OWNER, "undo", { room: TEAM, id: "" })).error,
    "modify/bad-request bad-payload: id: missing",
  );
});

test("is for owners, admins and the desk's admins", async ({ at }) => {
  await give(at);
  assert.is((await undo(at, 1, MEMBER)).error, "cancel/forbidden: you may not do that here");
  assert.is((await undo(at, 1, STRANGER)).error, "cancel/forbidden: you may not do that here");
  assert.is((await undo(at, 1, OPERATOR)).error, undefined);
});

test("gives nothing back to somebody who is not affiliated any more", async ({ at }) => {
  await give(at);
  await at.once(OWNER, "remove-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  at.rooms.change(TEAM, BOB, "none");
  assert.is((await undo(at, 2)).error, "cancel/item-not-found: user not affiliated with room");
  at.rooms.change(TEAM, BOB, "member");
  assert.is((await undo(at, 2)).error, undefined);
});

test("gives nobody the right back to give a hat who is not affiliated any more", async ({ at }) => {
  await give(at);
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: CAROL });
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, user: "" });
  at.rooms.change(TEAM, CAROL, "outcast");
  assert.is((await undo(at, 3)).error, "cancel/item-not-found: user not affiliated with room");
});

test("gives nothing of an earlier room to one that took its address while the room was asked", async ({
  at,
}) => {
  await give(at);
  await at.once(OWNER, "retire-hat", { room: TEAM, hat: TEACHER });
  const affiliation = at.rooms.affiliation.bind(at.rooms);
  at.rooms.affiliation = async (room, user) => {
    if (user === BOB) await at.desk.archiveRoom(room, "recreated");
    return affiliation(room, user);
  };
  assert.is((await undo(at, 2)).error, "modify/bad-request bad-payload: id: no change of this room");
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
});

test("gives a hat back until when it was had, and refuses where that has passed", async (context) => {
  const { at } = context;
  await give(at, { expires: "2h" });
  await at.once(OWNER, "remove-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  await undo(at, 2);
  assert.equal(at.desk.userExpiries(BOB, TEAM), { [TEACHER]: new Date("2026-06-01T12:00:00.000Z") });
  await at.once(OWNER, "remove-user-hat", { room: TEAM, user: BOB, hat: TEACHER });
  context.date = new Date("2026-06-01T13:00:00.000Z");
  assert.is(
    (await undo(at, 4)).error,
    `modify/bad-request bad-payload: id: “Teacher” of ${BOB} was to lapse at 2026-06-01T12:00:00.000Z; give it anew`,
  );
});

test("offers the latest changes that can be undone, the newest first, and takes any number", async ({
  at,
}) => {
  await give(at);
  await at.once(OWNER, "define-hat", { room: TEAM, hat: "urn:x:host", title: "Host" });
  await give(at, { user: CAROL, active: "0" });
  const talk = at.talk(OWNER, "undo");
  const [id] = formIn(await talk()).fields;
  assert.equal(
    [id?.var, id?.type, id?.required, id?.validate],
    ["id", "list-single", true, { datatype: "xs:integer", method: "open" }],
  );
  const when = "2026-06-01T10:00:00Z: alice@example.org";
  assert.equal(id?.options, [
    { label: `${when} gave a hat: ${CAROL}: nothing → “Teacher” (not shown)`, value: "3" },
    { label: `${when} made or changed a hat: the room's hats: nothing → “Host”`, value: "2" },
  ]);
  assert.match(noteIn(await talk({ id: "2" })) ?? "", "Change 2 is undone");
});

test("step by step, a change that cannot be undone brings the form again with the reason", async ({ at }) => {
  await give(at);
  await give(at, { active: "0" });
  const talk = at.talk(OWNER, "undo");
  await talk();
  const again = formIn(await talk({ id: "1" }));
  assert.match(again.instructions ?? "", /^Not done\. Change: something newer stands on it/);
});

test("where nothing can be undone says so, and takes a number", async ({ at }) => {
  const form = formIn(await at.talk(OWNER, "undo")());
  assert.match(form.instructions ?? "", /^None of the latest changes can be undone\./);
  assert.is(form.fields[0]?.type, "text-single");
});

test("where the room cannot be told now, the note says that it will be", async ({ at }) => {
  await give(at);
  at.rooms.add(TEAM, { [BOB]: "member", "alice@example.org": "owner" }).isReachable = false;
  assert.match(
    noteIn(await undo(at, 1)) ?? "",
    /\nSaved; the room cannot be reached now and will be told\.$/,
  );
});

test("can do what docs/history.md says of each command, and no more", async (context) => {
  const { at } = context;
  const hat = { room: TEAM, hat: TEACHER };
  const done: Readonly<Record<string, () => Promise<unknown>>> = {
    "add-user-hat": () => give(at, { user: "dave@example.org" }),
    "set-user-hats": () => at.once(OWNER, "set-user-hats", { room: TEAM, user: CAROL, hats: "" }),
    "my-hats": () => at.once(MEMBER, "my-hats", { room: TEAM, "shown-hats": "" }),
    "define-hat": () => at.once(OWNER, "define-hat", { ...hat, title: "Coach" }),
    "delegate-hat": () => at.once(OWNER, "delegate-hat", { ...hat, members: "1" }),
    "remove-user-hat": () => at.once(OWNER, "remove-user-hat", { ...hat, user: CAROL }),
    "retire-hat": () => at.once(OWNER, "retire-hat", hat),
    "import-hats": () =>
      at.once(OWNER, "import-hats", { room: TEAM, document: [`user,hat`, `${CAROL},urn:x:new`] }),
    undo: () => undo(at, 1_000_000),
    "manage-room": () => at.once(OPERATOR, "manage-room", { room: TEAM, nick: "desk" }),
    "leave-room": () => at.once(OPERATOR, "leave-room", { room: TEAM }),
  };
  const documented = new Map(
    tableUnder("docs/history.md", "What can be undone").map(([what, can]) => [what, can]),
  );
  const commands = at.engine.offered(OPERATOR.requester).map(({ node }) => node);
  const changing = commands.filter((node) => !/^(list-|hat-history|export-|desk-status|urn:)/.test(node));
  assert.equal(
    [...documented.keys()].flatMap((what = "") => (changing.includes(what) ? [what] : [])).toSorted(),
    changing.toSorted(),
  );
  for (const node of changing) {
    if (node === "undo" || node === "manage-room" || node === "leave-room") continue;
    for (const user of [BOB, CAROL]) await at.desk.addUserHat(user, TEAM, TEACHER, { active: true });
    let seq = 0;
    const stop = at.desk.on("change", (event) => (seq = event.seq));
    await done[node]?.();
    assert.ok(seq > 0, `${node} changed something`);
    stop();
    const before = await undo(at, seq);
    assert.is(documented.get(node), before.error === undefined ? "yes" : "no", `${node}: ${before.error}`);
    await undo(at, seq + 1);
  }
});

test.run();
