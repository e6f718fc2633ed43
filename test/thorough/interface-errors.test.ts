/** Walks the table of errors against a running desk: every command that has the case, step by step and in one stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Form } from "../../src/stanza/data-form.ts";
import { goodValues, runnerOf } from "../support/command-values.ts";
import { formIn, type Received, type Values } from "../support/engine.ts";
import { COMMANDS, type CommandRow } from "../support/interface-table.ts";
import { openRunningDesk, type RunningDesk, sessionOf } from "../support/running-desk.ts";

/* Everything is refused, so that one desk does for all. */
const errors = suite<{ desk: RunningDesk }>("the table of errors");

errors.before(async (context) => {
  context.desk = await openRunningDesk();
});
errors.after(({ desk }) => desk.close());

const NO_SUCH_ROOM = "cancel/item-not-found: no such room";
const NOT_AFFILIATED = "cancel/item-not-found: user not affiliated with room";

/* Values that no field of this var takes: not what it asks for, no option, a control character, too long. */
const BAD_VALUES: Readonly<Record<string, readonly string[]>> = {
  room: ["", "no room@"],
  user: ["no@jid@", "a@b\u0085"],
  hat: ["no URI", `urn:x:${"a".repeat(1_100)}`],
  title: ["a\u0085b", "a".repeat(257)],
  active: ["maybe"],
  required: ["maybe"],
  expires: ["soon"],
  reason: ["a\u0085b", "a\nb", "a".repeat(1_025)],
  hats: ["no URI"],
  "hidden-hats": ["urn:x:not-chosen"],
  "required-hats": ["urn:x:not-chosen"],
  titles: ["urn:x:teacher"],
  "shown-hats": ["urn:x:not-mine"],
  hue: ["361", "plaid", "grey"],
  "default-expires": ["soon", "2999-01-01T00:00:00Z"],
  members: ["maybe"],
  id: ["first", "999999"],
  document: ["neither this nor that"],
  mode: ["other"],
  "dry-run": ["maybe"],
  after: ["nothing"],
  "enable-hats": ["maybe"],
  nick: ["a\u0085b"],
  announce: ["maybe"],
  archive: ["other", "drop"],
};

/* Commands about somebody who must belong to the room; the past knows others too. */
const ABOUT_PEOPLE = ["add-user-hat", "remove-user-hat", "set-user-hats", "list-user-hats", "delegate-hat"];

/* Begins a command and goes on to the form that asks a field. */
async function formWith(desk: RunningDesk, node: string, name: string): Promise<Received> {
  const values = await goodValues(desk, node);
  let answer = await desk.ask(runnerOf(node), { node });
  for (let form = formIn(answer); !namesIn(form).includes(name); form = formIn(answer)) {
    if (form.instructions?.startsWith("Not done")) throw new Error(`${node}: ${form.instructions}`);
    answer = await desk.ask(runnerOf(node), {
      node,
      sessionid: sessionOf(answer),
      action: "next",
      form: filled(form, values),
    });
  }
  return answer;
}

function namesIn({ fields }: Form): string[] {
  return fields.map((field) => field.var);
}

function filled({ fields }: Form, values: Values): Values {
  return Object.fromEntries(fields.map((field) => [field.var, values[field.var] ?? field.values ?? []]));
}

/* Fills in a field step by step, and expects the same form again, the reason first. */
async function expectSameForm(desk: RunningDesk, node: string, mistake: Values): Promise<void> {
  const [name = ""] = Object.keys(mistake);
  const shown = await formWith(desk, node, name);
  const form = formIn(shown);
  const session = { node, sessionid: sessionOf(shown) };
  const values = { ...filled(form, await goodValues(desk, node)), ...mistake };
  const again = await desk.ask(runnerOf(node), { ...session, action: "complete", form: values });
  const about = `${node}: ${JSON.stringify(mistake)}`;
  assert.is(again.error, undefined, about);
  assert.is(again.response?.status, "executing", about);
  assert.is(sessionOf(again), session.sessionid);
  assert.equal(namesIn(formIn(again)), namesIn(form), about);
  assert.match(formIn(again).instructions ?? "", /^Not done/, about);
  assert.ok(formIn(again).instructions?.endsWith(form.instructions ?? "?"), about);
  await desk.ask(runnerOf(node), { ...session, action: "cancel" });
}

async function expectRefusal(
  desk: RunningDesk,
  node: string,
  mistake: Values,
  refusal: string,
): Promise<void> {
  const form = { ...(await goodValues(desk, node)), ...mistake };
  const { error = "no error" } = await desk.ask(runnerOf(node), { node, form });
  assert.ok(error.startsWith(refusal), `${node}, ${JSON.stringify(mistake).slice(0, 80)}: ${error}`);
}

function isAsked({ asked }: CommandRow, name: string): boolean {
  return asked.some((field) => field.name === name);
}

for (const command of COMMANDS) {
  const { node, asked, besides } = command;
  const names = [...asked.map((field) => field.name), ...besides];

  errors(`${node} refuses what a field does not take, naming the field`, async ({ desk }) => {
    for (const name of names) {
      for (const value of BAD_VALUES[name] ?? []) {
        if (name === "room" && value === "" && !isAsked(command, "room")) continue;
        await expectRefusal(desk, node, { [name]: value }, `modify/bad-request + bad-payload: ${name}: `);
        if (isAsked(command, name)) await expectSameForm(desk, node, { [name]: value });
      }
    }
  });

  errors(`${node} refuses to go on without what is required`, async ({ desk }) => {
    for (const { name } of asked.filter((field) => field.isRequired)) {
      await expectRefusal(desk, node, { [name]: [] }, `modify/bad-request + bad-payload: ${name}: `);
      await expectSameForm(desk, node, { [name]: [] });
    }
  });

  errors(`${node} refuses a form of another type, and takes one without a type`, async ({ desk }) => {
    const refusal = "modify/bad-request + bad-payload: FORM_TYPE: ";
    await expectRefusal(desk, node, { FORM_TYPE: "urn:x:other" }, refusal);
  });

  if (names.includes("room") && node !== "manage-room")
    errors(`${node} takes a room that is not kept and one of strangers for no room`, async ({ desk }) => {
      for (const room of [desk.rooms.nowhere, desk.rooms.foreign]) {
        if (node === "leave-room" && room === desk.rooms.foreign) continue;
        await expectRefusal(desk, node, { room }, NO_SUCH_ROOM);
        if (isAsked(command, "room")) await expectSameForm(desk, node, { room });
      }
    });

  if (ABOUT_PEOPLE.includes(node))
    errors(`${node} refuses people who have nothing to do with the room, and outcasts`, async ({ desk }) => {
      for (const user of [desk.jid("stranger"), desk.jid("outcast"), desk.jid("none")]) {
        await expectRefusal(desk, node, { user }, NOT_AFFILIATED);
        await expectSameForm(desk, node, { user });
      }
    });
}

errors("a document refuses as well who has nothing to do with the room", async ({ desk }) => {
  const document = `${desk.jid("stranger")},urn:x:teacher,,1,0,`;
  await expectRefusal(desk, "import-hats", { document }, NOT_AFFILIATED);
  await expectSameForm(desk, "import-hats", { document });
});

errors("whoever gives neither a hat nor a title hears of the hat", async ({ desk }) => {
  const nothing = { hat: "", title: "" };
  await expectRefusal(desk, "add-user-hat", nothing, "modify/bad-request + bad-payload: hat: ");
  await expectSameForm(desk, "add-user-hat", nothing);
});

for (const { node } of COMMANDS) {
  errors(`${node} keeps to the protocol`, async ({ desk }) => {
    const role = runnerOf(node);
    const refused = async (request: object, error: string): Promise<void> => {
      const answer = await desk.ask(role, { node, ...request });
      assert.is(answer.error?.split(":")[0], error, JSON.stringify(request));
    };
    await refused({ action: "finish" }, "modify/bad-request + malformed-action");
    await refused({ action: "next" }, "modify/bad-request + bad-action");
    await refused({ action: "prev" }, "modify/bad-request + bad-action");
    await refused({ action: "next", sessionid: "made-up" }, "modify/bad-request + bad-sessionid");
    const first = await desk.ask(role, { node, lang: "tlh" });
    assert.is(first.response?.lang, "en");
    assert.is(first.response?.node, node);
    const sessionid = sessionOf(first);
    if (first.response?.status === "executing") {
      await refused({ action: "prev", sessionid }, "modify/bad-request + bad-action");
      await refused({ action: "finish", sessionid }, "modify/bad-request + malformed-action");
      const same = await desk.ask(role, { node, sessionid, action: "next" });
      assert.equal(namesIn(formIn(same)), namesIn(formIn(first)));
      const canceled = await desk.ask(role, { node, sessionid, action: "cancel" });
      assert.is(canceled.response?.status, "canceled");
      assert.is(sessionOf(canceled), sessionid);
    }
    await refused({ action: "next", sessionid }, "cancel/not-allowed + session-expired");
  });
}

errors("a command that does not exist is not found", async ({ desk }) => {
  for (const request of [{}, { form: { room: desk.rooms.team } }]) {
    const { error } = await desk.ask("operator", { node: "no-such-command", ...request });
    assert.is(error, "cancel/item-not-found: no such command");
  }
});

errors("a form of type cancel is read as submitted", async ({ desk }) => {
  const form = { room: desk.rooms.team };
  const answer = await desk.ask("member", { node: "list-hats", form, formType: "cancel" });
  assert.is(answer.response?.status, "completed");
});

errors("a stanza that leaves out what may be none, but has to be said, is refused", async ({ desk }) => {
  const room = desk.rooms.team;
  const user = desk.jid("delegate");
  for (const [node, name, form] of [
    ["set-user-hats", "hats", { room, user }],
    ["my-hats", "shown-hats", { room }],
  ] as const) {
    const { error = "" } = await desk.ask(runnerOf(node), { node, form });
    assert.ok(error.startsWith(`modify/bad-request + bad-payload: ${name}: `), error);
  }
});

errors.run();
