/** XEP-0317's commands at the bot's place in a room: what they take, whom they answer, and what they come to. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Source } from "../../src/commands/engine/engine.ts";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { account, formIn, noteIn, occupant, sessionidIn, tableIn, type Values } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const BOB = "bob@example.org";
const TEACHER = "http://tech.example.edu/hats#Teacher";
const FORM_TYPE = "urn:xmpp:hats:commands";
const ADMIN = occupant(TEAM, "Al", {
  affiliation: "admin",
  role: "moderator",
  realJid: "adam@example.org" as never,
});
const INSIDE = occupant(TEAM, "Bob", { realJid: BOB as never });

const test = suite<{ at: HatDesk }>("XEP-0317's commands");

test.before.each(async (context) => {
  context.at = await openHatDesk();
});
test.after.each(({ at }) => at.close());

async function run(at: HatDesk, node: string, values: Values, source: Source = ADMIN): Promise<string> {
  const answer = await at.once(source, node, { FORM_TYPE, ...values });
  return answer.error ?? noteIn(answer) ?? "nothing said";
}

async function create(at: HatDesk, values: Values = {}): Promise<string> {
  return run(at, HAT_NODES.create, { "hats#title": "Teacher", "hats#uri": TEACHER, ...values });
}

test("a hat is made, changed and retired as the desk's own commands do it", async ({ at }) => {
  const commands: (string | undefined)[] = [];
  at.desk.on("change", ({ command }) => commands.push(command));
  assert.match(await create(at), TEACHER);
  await create(at, { "hats#title": "Head teacher", "hats#hue": "327.255249" });
  assert.equal(at.desk.roomHats(TEAM).hats, { [TEACHER]: { title: "Head teacher", hue: 327.255249 } });
  await run(at, HAT_NODES.assign, { "hats#jid": BOB, "hats#uri": TEACHER });
  assert.match(await run(at, HAT_NODES.destroy, { "hats#uri": TEACHER }), BOB);
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  assert.equal(commands, ["define-hat", "define-hat", "add-user-hat", "retire-hat"]);
});

test("without a URI one is made; a colour that is left out stays", async ({ at }) => {
  await create(at, { "hats#uri": "", "hats#hue": "teal" });
  const [uri = ""] = Object.keys(at.desk.roomHats(TEAM).hats);
  assert.match(uri, /^urn:uuid:/);
  const { hue } = at.desk.roomHats(TEAM).hats[uri] ?? {};
  await create(at, { "hats#uri": uri, "hats#title": "Tutor" });
  assert.equal(at.desk.roomHats(TEAM).hats[uri], { title: "Tutor", hue });
});

test("a hat that was destroyed while the form was open is not assigned without its title", async ({ at }) => {
  await create(at);
  const talk = at.talk(ADMIN, HAT_NODES.assign);
  await talk();
  await run(at, HAT_NODES.destroy, { "hats#uri": TEACHER });
  const again = formIn(await talk({ "hats#jid": BOB, "hats#uri": TEACHER }));
  assert.match(again.instructions ?? "", /: no hat of this room\./);
  assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
});

test("an assigned hat is shown and not required, and is taken back", async ({ at }) => {
  await create(at);
  const values = { "hats#jid": `${BOB}/phone`, "hats#uri": TEACHER };
  assert.is(await run(at, HAT_NODES.assign, values), `${BOB} now has “Teacher” in ${TEAM}.`);
  assert.equal(at.hats(BOB), { [TEACHER]: { active: true, required: false } });
  assert.is(await run(at, HAT_NODES.unassign, values), `${BOB} no longer has “Teacher” in ${TEAM}.`);
  assert.equal(at.hats(BOB), {});
});

test("the hat may be called hat wherever it is called hats#uri, and the other way round", async ({ at }) => {
  for (const name of ["hats#uri", "hat"]) {
    await create(at);
    await run(at, HAT_NODES.assign, { "hats#jid": BOB, [name]: TEACHER });
    await run(at, HAT_NODES.unassign, { "hats#jid": BOB, [name]: TEACHER });
    await run(at, HAT_NODES.destroy, { [name]: TEACHER });
    assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  }
});

test("step by step too, whatever the form calls it; a mistake names it as the form does", async ({ at }) => {
  for (const name of ["hats#uri", "hat"]) {
    await create(at);
    for (const node of [HAT_NODES.assign, HAT_NODES.unassign]) {
      const talk = at.talk(ADMIN, node);
      await talk();
      assert.match(noteIn(await talk({ FORM_TYPE, "hats#jid": BOB, [name]: TEACHER })) ?? "", "“Teacher”");
    }
    const talk = at.talk(ADMIN, HAT_NODES.destroy);
    await talk();
    const again = formIn(await talk({ FORM_TYPE, [name]: "urn:x:gone" }));
    assert.match(again.instructions ?? "", /^Not done\. Hat: no hat of this room/);
    await talk({ FORM_TYPE, [name]: TEACHER });
    assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  }
});

test("step by step each asks one form of the XEP's fields, and the same form type", async ({ at }) => {
  await create(at);
  for (const [node, fields] of [
    [HAT_NODES.create, ["hats#title text-single", "hats#uri text-single", "hats#hue text-single"]],
    [HAT_NODES.destroy, ["hat list-single"]],
    [HAT_NODES.assign, ["hats#jid jid-single", "hats#uri list-single"]],
    [HAT_NODES.unassign, ["hats#jid jid-single", "hats#uri list-single"]],
  ] as const) {
    const answer = await at.talk(ADMIN, node)();
    const form = formIn(answer);
    assert.is(form.formType, FORM_TYPE);
    assert.equal(
      form.fields.map((field) => `${field.var} ${field.type}`),
      fields,
    );
    const options = form.fields.at(-1)?.options;
    if (options !== undefined) assert.equal(options, [{ label: "Teacher", value: TEACHER }]);
    assert.is(answer.response?.node, node);
    assert.equal(answer.response?.actions, { execute: "complete", offered: ["complete"] });
  }
});

test("node and session are echoed, with a note, and a submit without an action completes", async ({ at }) => {
  const talk = at.talk(ADMIN, HAT_NODES.create);
  const asked = await talk();
  const done = await talk({ FORM_TYPE, "hats#title": "Teacher", "hats#uri": TEACHER });
  assert.is(sessionidIn(done), sessionidIn(asked));
  assert.equal([done.response?.node, done.response?.status], [HAT_NODES.create, "completed"]);
  assert.is(done.response?.notes.length, 1);
});

test("the lists have the XEP's columns", async ({ at }) => {
  await create(at, { "hats#hue": "327.255249" });
  await run(at, HAT_NODES.assign, { "hats#jid": BOB, "hats#uri": TEACHER });
  const hats = tableIn(await at.talk(ADMIN, HAT_NODES.list)());
  assert.equal(
    [hats.formType, hats.columns.map((column) => column.var), hats.rows],
    [FORM_TYPE, ["hats#title", "hats#uri", "hats#hue"], [["Teacher", TEACHER, "327.255249"]]],
  );
  const assigned = tableIn(await at.talk(ADMIN, HAT_NODES.listAssigned)());
  assert.equal(
    [assigned.formType, assigned.columns.map((column) => column.var), assigned.rows],
    [
      FORM_TYPE,
      ["hats#jid", "hats#uri", "hats#title", "hats#hue"],
      [[BOB, TEACHER, "Teacher", "327.255249"]],
    ],
  );
});

test("whoever sees no real JIDs gets addresses in the room, of those who are there", async ({ at }) => {
  await create(at);
  for (const user of [BOB, "carol@example.org", "dave@example.org"]) {
    await run(at, HAT_NODES.assign, { "hats#jid": user, "hats#uri": TEACHER });
  }
  at.rooms.enter(TEAM, { nick: "Carol", realJid: "carol@example.org" });
  const { rows } = tableIn(await at.talk(INSIDE, HAT_NODES.listAssigned)());
  assert.equal(new Set(rows.map(([jid]) => jid)), new Set([BOB, `${TEAM}/Carol`]));
});

test("of more hats than fit a stanza the first are listed, and how many", async ({ at }) => {
  const hats = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`urn:x:${index}`, { title: `${index} ${"x".repeat(200)}` }]),
  );
  for (const user of [BOB, "carol@example.org", "dave@example.org"])
    await at.desk.setUserHats(user, TEAM, hats);
  const answer = await at.talk(ADMIN, HAT_NODES.listAssigned)();
  const { title, rows } = tableIn(answer);
  assert.is(title, `Who wears what in ${TEAM}, the first ${rows.length} shown`);
  assert.ok(rows.length > 50 && answer.xml.toString().length < 128 * 1024);
});

const MISTAKES: readonly [string, Values, string][] = [
  [HAT_NODES.create, { "hats#uri": TEACHER }, "hats#title: missing"],
  [HAT_NODES.create, { "hats#title": "T", "hats#uri": "teacher" }, "hats#uri: “teacher” is neither"],
  [HAT_NODES.create, { "hats#title": "T", "hats#hue": "400" }, "hats#hue: not from 0 to 360"],
  [HAT_NODES.destroy, { hat: "teacher" }, "hat: “teacher” is neither"],
  [HAT_NODES.destroy, { "hats#uri": TEACHER }, "hats#uri: no hat of this room"],
  [HAT_NODES.assign, { "hats#uri": TEACHER }, "hats#jid: missing"],
  [HAT_NODES.assign, { "hats#jid": BOB }, "hats#uri: choose a hat"],
  [HAT_NODES.assign, { "hats#jid": "bob", "hats#uri": TEACHER }, "hats#jid: not a JID"],
  [HAT_NODES.unassign, { "hats#jid": BOB }, "hats#uri: missing"],
];

for (const [node, values, text] of MISTAKES) {
  test(`a mistake names the XEP's field: ${node.split(":").at(-1)}, ${text}`, async ({ at }) => {
    const said = await run(at, node, values);
    assert.ok(said.startsWith(`modify/bad-request bad-payload: ${text}`), said);
    assert.equal(at.desk.roomHats(TEAM), { hats: {}, users: {} });
  });
}

test("step by step, a mistake shows the form again, naming the field by its label", async ({ at }) => {
  const talk = at.talk(ADMIN, HAT_NODES.assign);
  await talk();
  const again = await talk({ FORM_TYPE, "hats#jid": "bob", "hats#uri": TEACHER });
  assert.match(formIn(again).instructions ?? "", /^Not done\. Who: not a JID/);
});

test("another form type is refused, none is taken", async ({ at }) => {
  const values = { "hats#title": "Teacher", "hats#uri": TEACHER };
  const error = "modify/bad-request bad-payload: FORM_TYPE: not urn:xmpp:hats:commands";
  assert.is(await run(at, HAT_NODES.create, { ...values, FORM_TYPE: "urn:milliner:hats:0" }), error);
  const answer = await at.once(ADMIN, HAT_NODES.create, values);
  assert.is(answer.error, undefined);
});

test("nobody finds them at the bot's own address, with a form or without", async ({ at }) => {
  for (const source of [OWNER, OPERATOR, MEMBER, STRANGER]) {
    for (const node of Object.values(HAT_NODES)) {
      assert.is((await at.talk(source, node)()).error, "cancel/item-not-found: no such command");
      const answer = await at.once(source, node, { FORM_TYPE: "wrong", room: TEAM, "hats#title": "T" });
      assert.is(answer.error, "cancel/item-not-found: no such command");
    }
    const listed = at.engine.offered(source.requester).map(({ node }) => node);
    assert.equal(
      listed.filter((node) => node.startsWith("urn:")),
      [],
    );
  }
  assert.equal(at.desk.roomHats(TEAM).hats, {});
});

test("in the room, rights are those of the desk's own commands", async ({ at }) => {
  const listed = (source: Source) =>
    at.engine.offered(source.requester).flatMap(({ node }) => (node.startsWith("urn:") ? [node] : []));
  assert.equal(listed(ADMIN), Object.values(HAT_NODES));
  assert.equal(listed(INSIDE), [HAT_NODES.list, HAT_NODES.listAssigned]);
  assert.equal(listed(occupant(TEAM, "Eve", { affiliation: "none" })), []);
  const forbidden = "cancel/forbidden: you may not do that here";
  for (const node of [HAT_NODES.create, HAT_NODES.destroy, HAT_NODES.assign, HAT_NODES.unassign]) {
    assert.is((await at.talk(INSIDE, node)()).error, forbidden);
    assert.is(await run(at, node, { "hats#jid": "nobody", "hats#uri": "x" }, INSIDE), forbidden);
  }
});

test("whom a hat is delegated to assigns that hat, and is offered no other", async ({ at }) => {
  await create(at);
  await create(at, { "hats#title": "Helper", "hats#uri": "urn:x:helper" });
  await at.once(account("alice@example.org/x"), "delegate-hat", {
    room: TEAM,
    hat: "urn:x:helper",
    user: BOB,
  });
  const [, uri] = formIn(await at.talk(INSIDE, HAT_NODES.assign)()).fields;
  assert.equal(
    uri?.options?.map(({ value }) => value),
    ["urn:x:helper"],
  );
  const other = { "hats#jid": BOB, "hats#uri": TEACHER };
  assert.match(await run(at, HAT_NODES.assign, other, INSIDE), /^cancel\/forbidden/);
  assert.match(await run(at, HAT_NODES.assign, { ...other, "hats#uri": "urn:x:helper" }, INSIDE), "now has");
});

test.run();
