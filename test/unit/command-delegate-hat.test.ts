/** delegate-hat, and what somebody to whom a hat is delegated may do with it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { account, formIn, noteIn, occupant, send, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const test = suite<{ at: HatDesk }>("delegation");

const TEACHER = "https://example.org/hats/teacher";
const HOST = "https://example.org/hats/host";
const BOB = "bob@example.org";
const CAROL = "carol@example.org";
const DAVE = "dave@example.org";
const FORBIDDEN = "cancel/forbidden: you may not do that here";
const OTHER = "other@rooms.example.org";

test.before.each(async (context) => {
  const { desk, rooms } = (context.at = await openHatDesk());
  await desk.addUserHat(DAVE, TEAM, TEACHER, { title: "Teacher", active: true });
  await desk.addUserHat(DAVE, TEAM, HOST, { title: "Host", active: true, required: true });
  rooms.enter(TEAM, { nick: "Carol", realJid: CAROL });
  rooms.enter(TEAM, { nick: "Dave", realJid: DAVE });
});
test.after.each(({ at }) => at.close());

const delegate = (at: HatDesk, values: Values) =>
  at.once(OWNER, "delegate-hat", { room: TEAM, hat: TEACHER, ...values });
const give = (at: HatDesk, values: Values, source = MEMBER) =>
  at.once(source, "add-user-hat", { room: TEAM, user: `${TEAM}/Carol`, ...values });
const take = (at: HatDesk, values: Values) => at.once(MEMBER, "remove-user-hat", { room: TEAM, ...values });
const grant = (at: HatDesk) => at.desk.durableRoom(TEAM as RoomJid).grants.get(TEACHER as HatId);
const offered = (at: HatDesk, source = MEMBER) => at.engine.offered(source.requester).map(({ node }) => node);

test("a hat is delegated to people, to all members, to nobody; each time all of it", async ({ at }) => {
  assert.is(
    noteIn(await delegate(at, { user: [CAROL, `${BOB}/phone`] })),
    `${BOB} and ${CAROL} may now give and take “Teacher” in ${TEAM}, besides its owners and admins.`,
  );
  assert.equal(grant(at), { users: [BOB, CAROL], members: false });
  assert.is(
    noteIn(await delegate(at, { members: "1" })),
    `Every member of ${TEAM} may now give and take “Teacher”.`,
  );
  assert.equal(grant(at), { users: [], members: true });
  assert.is(
    noteIn(await delegate(at, { user: "" })),
    `Only owners and admins of ${TEAM} may give and take “Teacher” now.`,
  );
  assert.is(grant(at), undefined);
  assert.match(noteIn(await delegate(at, {})) ?? "", /^Nothing changed: only owners and admins/);
});

test("step by step the hat comes first, then who may give it now stands chosen", async ({ at }) => {
  await delegate(at, { user: BOB });
  const talk = at.talk(OWNER, "delegate-hat");
  const [hat] = formIn(await talk()).fields;
  assert.equal(
    [hat?.type, hat?.required, hat?.options?.map(({ label }) => label)],
    ["list-single", true, ["Host", "Teacher"]],
  );
  const { fields, instructions } = formIn(await talk({ hat: TEACHER }));
  assert.match(instructions ?? "", /^This is about “Teacher”\. Choose who may give and take this hat/);
  assert.equal(
    fields.map((field) => [field.var, field.type, field.required, field.values]),
    [
      ["user", "list-multi", undefined, [BOB]],
      ["members", "boolean", undefined, ["0"]],
    ],
  );
  assert.ok(fields[0]?.options?.some(({ label }) => label === `Carol (${CAROL})`));
  await talk({ user: [], members: "1" });
  const again = at.talk(OWNER, "delegate-hat");
  await again();
  assert.equal(formIn(await again({ hat: TEACHER })).fields[1]?.values, ["1"]);
});

test("whoever has left the room since is not chosen, and may be left out", async ({ at }) => {
  const many = Array.from({ length: 60 }, (_, index) => [`u${index}@example.org`, "member"] as const);
  const { affiliations } = at.rooms.add(TEAM, {
    ...Object.fromEntries(many),
    "alice@example.org": "owner",
    [BOB]: "member",
    [CAROL]: "member",
  });
  await delegate(at, { user: [BOB, CAROL] });
  affiliations.delete(BOB as BareJid);
  const talk = at.talk(OWNER, "delegate-hat");
  await talk();
  const [user] = formIn(await talk({ hat: TEACHER })).fields;
  assert.equal([user?.type, user?.values], ["jid-multi", [CAROL]]);
  assert.match(noteIn(await talk({ user: [CAROL], members: "0" })) ?? "", /^carol@/);
});

for (const [values, error] of [
  [{ hat: "" }, "modify/bad-request bad-payload: hat: missing"],
  [{ hat: "urn:x:none" }, "modify/bad-request bad-payload: hat: no hat of this room"],
  [{ user: "@" }, "modify/bad-request bad-payload: user: not a JID, such as bob@example.org"],
  [{ user: "eve@example.org" }, "cancel/item-not-found: user not affiliated with room"],
  [{ user: "mallory@example.org" }, "cancel/item-not-found: user not affiliated with room"],
  [
    { user: ["bob@example.org", "eve@example.org"] },
    "cancel/item-not-found: user not affiliated with room: eve@example.org",
  ],
  [{ members: "perhaps" }, "modify/bad-request bad-payload: members: neither 1 nor 0"],
] as const) {
  test(`delegating ${JSON.stringify(values)} is refused`, async ({ at }) => {
    assert.is((await delegate(at, values)).error, error);
    assert.is(grant(at), undefined);
  });
}

test("the two commands are offered to whom a hat is delegated, while it is", async ({ at }) => {
  const lists = ["list-user-hats", "list-room-hats", "list-hats", "my-hats"];
  const both = ["add-user-hat", "remove-user-hat", ...lists];
  const isListed = (nodes: string[]) => nodes.filter((node) => both.includes(node));
  assert.equal(isListed(offered(at)), lists);
  await delegate(at, { user: BOB });
  assert.equal(isListed(offered(at)), both);
  assert.not.ok(offered(at).includes("set-user-hats") || offered(at).includes("define-hat"));
  assert.equal(isListed(offered(at, account("carol@example.org/x"))), lists);
  await delegate(at, { members: "1" });
  assert.equal(isListed(offered(at, account("carol@example.org/x"))), both);
  assert.equal(offered(at, STRANGER), []);
  await delegate(at, {});
  assert.equal(isListed(offered(at)), lists);
});

test("a delegate gives and takes the hat, and the history says who it was", async ({ at }) => {
  await delegate(at, { user: BOB });
  const told: unknown[] = [];
  at.desk.on("change", ({ author, command }) =>
    told.push([author.kind === "account" && author.jid, command]),
  );
  assert.is(noteIn(await give(at, { hat: TEACHER })), `Carol now has “Teacher” in ${TEAM}.`);
  assert.equal(at.hats(CAROL), { [TEACHER]: { active: true } });
  assert.is(
    noteIn(await take(at, { user: `${TEAM}/Carol`, hat: TEACHER })),
    `Carol no longer has “Teacher” in ${TEAM}.`,
  );
  assert.equal(told, [
    [BOB, "add-user-hat"],
    [BOB, "remove-user-hat"],
  ]);
});

test("a delegate may name the hat by its title, and decide whether it is shown", async ({ at }) => {
  await delegate(at, { user: BOB });
  await give(at, { title: "teacher", active: "0", reason: "for the holidays" });
  assert.equal(at.hats(CAROL), { [TEACHER]: { active: false } });
});

test("every other hat is forbidden, whatever else is wrong", async ({ at }) => {
  await delegate(at, { user: BOB });
  for (const values of [
    { hat: HOST },
    { hat: "urn:x:new" },
    { hat: "no uri" },
    { hat: [TEACHER, HOST] },
    { title: "Host" },
    { title: "A new one" },
    { hat: HOST, user: "@" },
    { hat: HOST, active: "perhaps", FORM_TYPE: "urn:x:other" },
  ]) {
    assert.is((await give(at, values)).error, FORBIDDEN, JSON.stringify(values));
    const { hat = "" } = values as { hat?: string };
    if (hat !== "") assert.is((await take(at, { user: DAVE, ...values, hat })).error, FORBIDDEN);
  }
  assert.equal(at.hats(CAROL), {});
});

test("a delegate can neither call the hat otherwise nor make it required", async ({ at }) => {
  await delegate(at, { user: BOB });
  assert.is(
    (await give(at, { hat: TEACHER, title: "Boss" })).error,
    "cancel/forbidden: only owners and admins may call a hat otherwise",
  );
  assert.is(
    (await give(at, { hat: TEACHER, required: "1" })).error,
    "cancel/forbidden: only owners and admins may make a hat required",
  );
  for (const required of ["0", "False"]) {
    assert.is((await give(at, { hat: TEACHER, title: "Teacher", required })).error, undefined);
  }
});

test("what an admin decided about a wearer's hat stays when a delegate gives it again", async ({ at }) => {
  await at.desk.addUserHat(CAROL, TEAM, TEACHER, { title: "Maths", required: true, active: true });
  await delegate(at, { user: BOB });
  await give(at, { hat: TEACHER, active: "0" });
  assert.equal(at.hats(CAROL), { [TEACHER]: { title: "Maths", required: true, active: false } });
});

test("step by step a delegate sees their hats, the nicks of who is there, and nothing else to decide", async ({
  at,
}) => {
  await delegate(at, { user: BOB });
  const { fields, instructions } = formIn(await at.talk(MEMBER, "add-user-hat")());
  assert.is(instructions, "Choose whom to give the hat.");
  assert.is(fields[1]?.desc, "One of the hats that you may give.");
  assert.is(fields[1]?.validate?.method, "basic");
  const [user, hat] = fields;
  assert.equal(
    user?.options?.map(({ label }) => label),
    ["Carol", "Dave"],
  );
  assert.equal(
    [hat?.options, hat?.values, hat?.required],
    [[{ label: "Teacher", value: TEACHER }], [TEACHER], true],
  );
  for (const name of ["title", "required"]) assert.not.ok(fields.some((field) => field.var === name));
  await delegate(at, { hat: HOST, user: BOB });
  const both = formIn(await at.talk(MEMBER, "add-user-hat")()).fields[1];
  assert.equal([both?.options?.map(({ label }) => label), both?.values], [["Host", "Teacher"], undefined]);
});

test("step by step a delegate takes only those hats, of whoever has them", async ({ at }) => {
  await delegate(at, { user: BOB });
  const talk = at.talk(MEMBER, "remove-user-hat");
  await talk();
  const [hat] = formIn(await talk({ user: `${TEAM}/Dave` })).fields;
  assert.equal(hat?.options, [{ label: "Teacher", value: TEACHER }]);
  assert.is((await talk({ hat: HOST })).error, FORBIDDEN);
  const other = at.talk(MEMBER, "remove-user-hat");
  await other();
  assert.match(
    formIn(await other({ user: `${TEAM}/Carol` })).instructions ?? "",
    /^Not done\. Who: has no hat to take away/,
  );
});

test("step by step another hat than theirs is forbidden, not asked for again", async ({ at }) => {
  await delegate(at, { user: BOB });
  const talk = at.talk(MEMBER, "add-user-hat");
  await talk();
  assert.is((await talk({ user: "@", hat: HOST })).error, FORBIDDEN);
});

test("who took over the nick of somebody a form offered neither gets nor loses the hat", async ({ at }) => {
  await delegate(at, { user: BOB });
  const [giving, taking] = [at.talk(MEMBER, "add-user-hat"), at.talk(MEMBER, "remove-user-hat")];
  await giving();
  await taking();
  at.rooms.enter(TEAM, { nick: "Carol", realJid: DAVE });
  at.rooms.enter(TEAM, { nick: "Dave", realJid: CAROL });
  const again = await giving({ user: `${TEAM}/Carol`, hat: TEACHER });
  assert.match(
    formIn(again).instructions ?? "",
    /^Not done\. [^:]*: somebody else goes by Carol now than when it was offered; choose again\./,
  );
  assert.match(
    formIn(await taking({ user: `${TEAM}/Dave` })).instructions ?? "",
    /somebody else goes by Dave/,
  );
  assert.equal(at.hats(CAROL), {});
  assert.ok(TEACHER in at.hats(DAVE));
  assert.is(
    noteIn(await giving({ user: `${TEAM}/Dave`, hat: TEACHER })),
    `Dave now has “Teacher” in ${TEAM}.`,
    "chosen again, it is who goes by the nick now",
  );
});

test("who takes over the nick of somebody between two forms loses no hat", async ({ at }) => {
  await delegate(at, { user: BOB });
  await at.desk.addUserHat(CAROL, TEAM, TEACHER, { active: true });
  const talk = at.talk(MEMBER, "remove-user-hat");
  await talk();
  await talk({ user: `${TEAM}/Dave` });
  at.rooms.enter(TEAM, { nick: "Dave", realJid: CAROL });
  assert.match((await talk({ hat: TEACHER })).error ?? "", /somebody else goes by Dave now/);
  assert.ok(TEACHER in at.hats(CAROL));
});

test("a delegation that ended meanwhile gives nothing, step by step", async ({ at }) => {
  await delegate(at, { user: BOB });
  const talk = at.talk(MEMBER, "add-user-hat");
  await talk();
  await delegate(at, {});
  assert.is((await talk({ user: `${TEAM}/Carol`, hat: TEACHER })).error, FORBIDDEN);
});

test("a delegation whose end is decided and not yet on the disk gives nothing", async ({ at }) => {
  await delegate(at, { user: BOB });
  const [ended, given] = await Promise.all([delegate(at, {}), give(at, { hat: TEACHER })]);
  assert.is(ended.error, undefined);
  assert.is(given.error, FORBIDDEN);
  assert.equal(at.hats(CAROL), {});
});

test("a grant is worth nothing to who is no member: having left, banned, or never known", async ({ at }) => {
  const { affiliations } = at.rooms.add(TEAM, {
    "alice@example.org": "owner",
    [BOB]: "member",
    [CAROL]: "member",
  });
  await delegate(at, { user: BOB, members: "1" });
  for (const affiliation of ["none", "outcast"] as const) {
    affiliations.set(BOB as BareJid, affiliation);
    assert.is((await give(at, { hat: TEACHER })).error, FORBIDDEN);
    assert.not.ok(offered(at).includes("add-user-hat"));
  }
  assert.is((await give(at, { hat: TEACHER }, STRANGER)).error, FORBIDDEN);
});

test("who loses the affiliation or the admin's rights while the room is asked gives nothing", async ({
  at,
}) => {
  await delegate(at, { user: "adam@example.org" });
  const adam = account("adam@example.org/x");
  for (const [now, source, values] of [
    ["none", adam, { hat: TEACHER }],
    ["member", adam, { hat: HOST }],
    ["member", adam, { hat: TEACHER, required: "1" }],
  ] as const) {
    const affiliations = at.rooms.add(TEAM, { "adam@example.org": "admin", [CAROL]: "member" }).affiliations;
    const asking = at.rooms.affiliation.bind(at.rooms);
    at.rooms.affiliation = async (room, user) => {
      const known = await asking(room, user);
      if (user === CAROL) affiliations.set("adam@example.org" as BareJid, now);
      return known;
    };
    assert.is((await give(at, { ...values, user: CAROL }, source)).error, FORBIDDEN);
    at.rooms.affiliation = asking;
  }
  assert.equal(at.hats(CAROL), {});
});

test("in the room a grant to all members reaches every member, one to people those whom the bot knows", async ({
  at,
}) => {
  const hidden = occupant(TEAM, "bobby", { affiliation: "member" });
  const known = occupant(TEAM, "bobby", { affiliation: "member", realJid: BOB as BareJid });
  const visitor = occupant(TEAM, "bobby", { affiliation: "none", realJid: BOB as BareJid });
  await delegate(at, { user: BOB });
  const inRoom = (source: typeof known) =>
    at.once(source, "add-user-hat", { user: `${TEAM}/Carol`, hat: TEACHER });
  assert.is((await inRoom(hidden)).error, FORBIDDEN);
  assert.is((await inRoom(visitor)).error, FORBIDDEN);
  assert.is((await inRoom(known)).error, undefined);
  await delegate(at, { members: "1" });
  at.rooms.enter(TEAM, { nick: "bobby", affiliation: "member" });
  assert.is((await inRoom(hidden)).error, undefined);
});

test("a delegate names people as the room shows them, and learns of nobody else", async ({ at }) => {
  await delegate(at, { user: BOB });
  assert.is(
    (await give(at, { hat: TEACHER, user: CAROL })).error,
    "modify/bad-request bad-payload: user: choose somebody who is here, by nick",
  );
  const answer = await give(at, { hat: TEACHER });
  assert.not.match(answer.xml.toString(), /carol@/);
});

test("a grant in one room is none in another", async ({ at }) => {
  at.rooms.add(OTHER, { [BOB]: "member", [CAROL]: "member", "eve@example.org": "member" });
  await at.desk.addUserHat(CAROL, OTHER, TEACHER, { title: "Teacher" });
  await delegate(at, { user: BOB });
  assert.is(
    (await at.once(MEMBER, "add-user-hat", { room: OTHER, user: CAROL, hat: TEACHER })).error,
    FORBIDDEN,
  );
  const nowhere = await at.once(MEMBER, "add-user-hat", {
    room: "x@rooms.example.org",
    user: CAROL,
    hat: TEACHER,
  });
  assert.is(nowhere.error, "cancel/item-not-found: no such room");
  const form = formIn(await send(at.engine, MEMBER, { node: "add-user-hat" }));
  assert.not.ok(
    form.fields.some((field) => field.var === "room"),
    "only one room is possible",
  );
});

test("delegates cannot delegate, define or retire, nor set somebody's hats", async ({ at }) => {
  await delegate(at, { user: BOB });
  for (const node of ["delegate-hat", "define-hat", "retire-hat", "set-user-hats"]) {
    const values = { room: TEAM, hat: TEACHER, title: "x", user: CAROL, hats: TEACHER };
    assert.is((await at.once(MEMBER, node, values)).error, FORBIDDEN, node);
  }
});

test("a hat that was retired while people are chosen for it is nobody's to give, and that is said", async ({
  at,
}) => {
  const retiredMeanwhile = async (hat: string) => {
    const talk = at.talk(OWNER, "delegate-hat");
    await talk();
    await talk({ hat });
    await at.once(OWNER, "retire-hat", { room: TEAM, hat });
    return await talk();
  };
  assert.is(
    (await retiredMeanwhile(TEACHER)).error,
    "modify/bad-request bad-payload: hat: no hat of this room",
  );
  assert.is(noteIn(await retiredMeanwhile(HOST)), `${TEAM} has no hats yet.`);
});

test("step by step in a room without hats there is nothing to choose, and that is said", async ({ at }) => {
  at.rooms.remove(TEAM);
  at.rooms.add("empty@rooms.example.org", { "alice@example.org": "owner" });
  const answer = await at.talk(OWNER, "delegate-hat")();
  assert.is(noteIn(answer), "empty@rooms.example.org has no hats yet.");
  const atOnce = await at.once(OWNER, "delegate-hat", { room: "empty@rooms.example.org" });
  assert.is(atOnce.error, "modify/bad-request bad-payload: hat: missing");
});

test.run();
