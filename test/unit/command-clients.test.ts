/**
 * What clients need of the stanzas that go out, each rule by the client whose source it was read from.
 *
 * The stanzas are those of all commands, at every stage, with a mistake, and completed.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseForm, parseTable } from "../../src/stanza/data-form.ts";
import { type Element, elements } from "../../src/stanza/xml.ts";
import { formIn, noteIn, type Received, send, sessionidIn, type Values } from "../support/engine.ts";
import { type HatDesk, openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const OTHER = "other@rooms.example.org";
const BOB = "bob@example.org";
const TEACHER = "urn:x:teacher";
const GONE = "urn:x:gone";

/** What is submitted at each stage after the room; the last one completes. */
const WALKS: readonly (readonly [string, readonly Values[]])[] = [
  ["add-user-hat", [{ user: BOB, hat: "", title: "Teacher", active: "1", required: "0", reason: "" }]],
  ["remove-user-hat", [{ user: BOB }, { hat: TEACHER, reason: "" }]],
  ["set-user-hats", [{ user: BOB }, { hats: TEACHER, reason: "" }]],
  ["list-user-hats", [{ user: BOB }]],
  ["list-room-hats", []],
  ["list-hats", []],
  ["define-hat", [{ hat: TEACHER }, { title: "Teacher", hue: "teal" }]],
  ["retire-hat", [{ hat: GONE }, {}]],
  ["my-hats", [{ "shown-hats": TEACHER }]],
  ["delegate-hat", [{ hat: TEACHER }, { user: BOB, members: "0" }]],
];

const test = suite<{ at: HatDesk; forms: Received[]; completed: Received[] }>("clients");

test.before(async (context) => {
  const at = await openHatDesk();
  at.rooms.add(OTHER, { "alice@example.org": "owner", [BOB]: "member" });
  await at.desk.addUserHat(BOB, OTHER, TEACHER, { title: "Teacher" });
  await at.desk.addUserHat("alice@example.org", OTHER, TEACHER);
  await at.desk.addUserHat("alice@example.org", OTHER, GONE);
  await at.desk.addUserHat(BOB, TEAM, "https://example.org/a?b=c", { active: true });
  const forms: Received[] = [];
  const completed: Received[] = [];
  for (const [node, stages] of WALKS) {
    const talk = at.talk(OWNER, node);
    const answers = [await talk(), await talk({ room: "nowhere" }), await talk({ room: OTHER })];
    for (const stage of stages) answers.push(await talk(stage));
    for (const answer of answers) {
      if (answer.response?.status === "executing") forms.push(answer);
      else completed.push(answer);
    }
  }
  Object.assign(context, { at, forms, completed });
});
test.after(({ at }) => at.close());

const commandIn = ({ xml }: Received): Element => elements(xml)[0] ?? xml;
const namesIn = (answer: Received): string[] => elements(commandIn(answer)).map((child) => child.name);

test("there is something to test: every command was walked through to its end", ({ forms, completed }) => {
  assert.is(completed.length, WALKS.length);
  assert.is(forms.length, 2 * WALKS.length + WALKS.reduce((sum, [, stages]) => sum + stages.length, 0));
});

test("Converse: every intermediate answer has actions with children", ({ forms }) => {
  for (const answer of forms) {
    const actions = commandIn(answer).getChild("actions");
    assert.ok(actions !== undefined && elements(actions).length > 0);
  }
});

test("Converse: no field is called uri or url", ({ forms }) => {
  for (const answer of forms) {
    for (const field of formIn(answer).fields) assert.not.match(field.var, /^ur[il]$/);
  }
});

test("Converse: no text or JID field is prefilled with what parses as a URL, or nobody could edit it", async ({
  at,
  forms,
}) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  await talk({ room: OTHER });
  const again = await talk({ user: [], title: "urn:x:title", reason: "https://example.org/why" });
  for (const answer of [...forms, again]) {
    for (const { type, values = [] } of formIn(answer).fields) {
      if (type.startsWith("list-")) continue;
      for (const value of values) assert.not.ok(URL.canParse(value), value);
    }
  }
  const scheme = formIn(await talk({ user: [], title: "www.example.org", reason: "www. is no address" }));
  assert.equal(scheme.fields.find((field) => field.var === "title")?.values ?? [], []);
  assert.equal(scheme.fields.find((field) => field.var === "reason")?.values, ["www. is no address"]);
});

test("Converse: a mistake comes back as a form, since an error would be shown as completed", ({ forms }) => {
  const mistakes = forms.filter((answer) => formIn(answer).instructions?.startsWith("Not done"));
  assert.is(mistakes.length, WALKS.length);
  for (const { error } of mistakes) assert.is(error, undefined);
});

test("Converse: a form has one instructions element, or only the last would be shown", ({ forms }) => {
  for (const answer of forms) {
    assert.is(commandIn(answer).getChild("x")?.getChildren("instructions").length, 1);
  }
});

test("Converse: there is never more than one form", ({ forms, completed }) => {
  for (const answer of [...forms, ...completed]) {
    assert.ok(namesIn(answer).filter((name) => name === "x").length <= 1);
  }
});

test("Converse: each cell of a table has one value", ({ completed }) => {
  for (const answer of completed) {
    const items = commandIn(answer).getChild("x")?.getChildren("item") ?? [];
    for (const item of items) {
      for (const field of item.getChildren("field")) assert.is(field.getChildren("value").length, 1);
    }
  }
});

test("Movim: no note stands beside an intermediate form, since it would hide the form", ({ forms }) => {
  for (const answer of forms) assert.not.ok(namesIn(answer).includes("note"));
});

test("Movim: a session that nobody cancels ends by itself", async () => {
  let now = 0;
  const idle = await openHatDesk({ now: () => now });
  const talk = idle.talk(OWNER, "add-user-hat");
  await talk();
  assert.is(idle.engine.openSessions, 1);
  now = 15 * 60_000;
  assert.is(idle.engine.openSessions, 0);
  await idle.close();
});

test("Gajim: every answer has node and sessionid, and the sessionid of a session never changes", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "remove-user-hat");
  const answers = [
    await talk(),
    await talk({ room: TEAM }),
    await talk({ room: OTHER }, "prev"),
    await talk({ room: TEAM }),
  ];
  answers.push(await talk(undefined, "cancel"));
  for (const answer of answers) {
    const { node, sessionid } = commandIn(answer).attrs as Record<string, string>;
    assert.is(node, "remove-user-hat");
    assert.ok(sessionid !== undefined && sessionid !== "");
  }
  assert.is(new Set(answers.map(sessionidIn)).size, 1);
});

test("Gajim and Poezio: every intermediate answer has a form, with a title and labels", ({ forms }) => {
  for (const answer of forms) {
    const { title, fields } = formIn(answer);
    assert.ok(title !== undefined && title !== "");
    for (const { label } of fields) assert.ok(label !== undefined && label !== "");
  }
});

test("Gajim: the default action is one of those offered", ({ forms }) => {
  for (const { response } of forms) {
    assert.ok(response?.actions?.offered.includes(response.actions.execute));
  }
});

test("Gajim: a list of hats that may be empty is not required, since nbxmpp calls an empty one invalid", ({
  forms,
}) => {
  const lists = forms
    .flatMap((answer) => formIn(answer).fields)
    .filter((field) => field.var.endsWith("hats"));
  assert.is(lists.length, 4);
  for (const { required } of lists) assert.is(required, undefined);
});

test("Cheogram: the form or table stands before the note", ({ completed }) => {
  for (const answer of completed) {
    const names = namesIn(answer);
    if (names.includes("x")) assert.equal(names, ["x", "note"]);
  }
});

test("Cheogram: a hat may be typed where a list offers hats to give", ({ forms }) => {
  const hats = forms.flatMap((answer) => formIn(answer).fields).filter(({ var: name }) => name === "hat");
  assert.ok(hats.some(({ validate }) => validate?.method === "open"));
});

test("Psi: buttons stay as at the first stage, so next is taken at the last stage too", async ({ at }) => {
  const talk = at.talk(OWNER, "list-user-hats");
  await talk();
  await talk({ room: OTHER }, "next");
  assert.is((await talk({ user: BOB }, "next")).response?.status, "completed");
});

test("Psi and Profanity: a submit without an action goes on", async ({ at }) => {
  const talk = at.talk(OWNER, "list-user-hats");
  await talk();
  await talk({ room: OTHER });
  assert.is((await talk({ user: BOB })).response?.status, "completed");
});

test("Psi: the same stage offers the same actions each time", async ({ at }) => {
  const talk = at.talk(OWNER, "list-user-hats");
  await talk();
  const offered = [
    await talk({ room: OTHER }),
    await talk(),
    await talk({ user: "bad" }),
    await talk({ user: "" }),
  ];
  const [first, ...others] = offered.map(({ response }) => JSON.stringify(response?.actions));
  for (const other of others) assert.is(other, first);
});

test("Profanity and Converse: no option has an empty value: one crashes, the other submits its label", async ({
  at,
  forms,
}) => {
  const talk = at.talk(OWNER, "hat-history");
  await talk();
  const options = [...forms, await talk({ room: OTHER })]
    .flatMap((answer) => formIn(answer).fields)
    .flatMap(({ options = [] }) => options);
  assert.ok(options.some(({ label }) => label === "A new hat"));
  assert.ok(options.some(({ label }) => label === "Anybody"));
  for (const { label, value } of options) assert.is.not(value, "", label);
});

test("Profanity: the first option of a list that may stay empty is chosen, or none would be shown", async ({
  at,
}) => {
  const talk = at.talk(OWNER, "add-user-hat");
  await talk();
  for (const answer of [await talk({ room: OTHER }), await talk({ user: "", hat: " " })]) {
    const hat = formIn(answer).fields.find((field) => field.var === "hat");
    assert.equal(hat?.values, [hat?.options?.[0]?.value]);
  }
});

test("Poezio: the title says what was wrong, since it shows no instructions", ({ forms }) => {
  const mistakes = forms.filter((answer) => formIn(answer).instructions?.startsWith("Not done"));
  for (const answer of mistakes) assert.match(formIn(answer).title ?? "", /: Not done\. Room: /);
});

test("Poezio: the title says what there is to say yes to, cut where a line ends", async ({ at }) => {
  const hat = "urn:x:long";
  await at.desk.addUserHat(BOB, OTHER, hat, { title: "long ".repeat(40).trim() });
  const talk = at.talk(OWNER, "retire-hat");
  await talk();
  await talk({ room: OTHER });
  const { title = "" } = formIn(await talk({ hat }));
  assert.match(title, /^Retire a hat: Wearers of .*…$/);
  assert.is(Array.from(title).length, 160);
});

test("Profanity: a completed table can be read as a note, row by row", ({ completed }) => {
  const tables = completed.filter((answer) => namesIn(answer).includes("x"));
  assert.is(tables.length, 3);
  for (const answer of tables) {
    const table = parseTable(commandIn(answer).getChild("x")!);
    const note = noteIn(answer) ?? "";
    assert.ok(note.startsWith(table?.title ?? "no title"));
    for (const row of table?.rows ?? [])
      assert.ok(note.includes(row[2] ?? "") || note.includes(row[1] ?? ""));
  }
});

test("Movim: the note that it shows instead of a table says what the table says", ({ completed }) => {
  const list = completed.find(({ response }) => response?.node === "list-user-hats");
  assert.is(list && noteIn(list), `${BOB} has 1 hat in ${OTHER}:\n${BOB}: Teacher.`);
});

test("Fluux: execute with the filled form completes at once", async ({ at }) => {
  const form = { room: OTHER, user: BOB };
  const answer = await send(at.engine, OWNER, { node: "list-user-hats", action: "execute", form });
  assert.is(answer.response?.status, "completed");
});

test("everybody: a completed answer carries something to read", ({ completed }) => {
  for (const answer of completed) assert.ok((noteIn(answer) ?? "").length > 10);
});

test("everybody: people and hats are chosen by readable labels", ({ forms }) => {
  const options = forms.flatMap((answer) => formIn(answer).fields).flatMap(({ options = [] }) => options);
  assert.ok(options.length > 20);
  for (const { label } of options) assert.ok(label !== "");
  for (const answer of forms) {
    for (const field of formIn(answer).fields) {
      const labels = (field.options ?? []).map(({ label }) => label);
      assert.is(new Set(labels).size, labels.length, field.var);
    }
  }
});

test("everybody: the language of an answer is said", ({ forms, completed }) => {
  for (const answer of [...forms, ...completed]) assert.is(commandIn(answer).attrs["xml:lang"], "en");
});

test("everybody: the form type is there, hidden, in forms and tables", ({ forms, completed }) => {
  for (const answer of [...forms, ...completed]) {
    const x = commandIn(answer).getChild("x");
    if (x !== undefined) assert.is(parseForm(x).formType, "urn:milliner:hats:0");
  }
});

test.run();
