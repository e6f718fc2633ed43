/** Walks the table of commands against a running desk: names, fields and their types, access, answers. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Field, parseTable } from "../../src/stanza/data-form.ts";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { goodValues, runnerOf } from "../support/command-values.ts";
import { formIn, type Received, tableIn } from "../support/engine.ts";
import { COMMANDS, type CommandRow, type FieldRow, ROLES } from "../support/interface-table.ts";
import { openRunningDesk, type Place, type RunningDesk, sessionOf } from "../support/running-desk.ts";

const FORBIDDEN = "cancel/forbidden: you may not do that here";

/* More forms than any command has. */
const MOST_FORMS = 5;

const table = suite<{ desk: RunningDesk }>("the table of commands");

table.before(async (context) => {
  context.desk = await openRunningDesk();
});
table.before.each(({ desk }) => desk.reset());
table.after(({ desk }) => desk.close());

function kindOf(received: Received): string {
  const payload = received.response?.payload;
  if (payload === undefined) return "note";
  if (parseTable(payload) === undefined) return "document";
  return `table ${tableIn(received)
    .columns.map((column) => column.var)
    .join(", ")}`;
}

/* Goes through all stages of a command as somebody who fills in everything, and keeps what was asked, form by form. */
async function walk(desk: RunningDesk, node: string, place: Place = "desk"): Promise<[Field[][], Received]> {
  const values = await goodValues(desk, node);
  const forms: Field[][] = [];
  const role = runnerOf(node);
  let answer = await desk.ask(role, { node }, place);
  while (answer.response?.status === "executing") {
    const { fields } = formIn(answer);
    forms.push(fields.filter((field) => field.var !== "FORM_TYPE"));
    if (forms.length > MOST_FORMS) throw new Error(`${node} asks again: ${formIn(answer).instructions}`);
    const form = Object.fromEntries(
      fields.map((field) => [field.var, values[field.var] ?? field.values ?? []]),
    );
    answer = await desk.ask(role, { node, sessionid: sessionOf(answer), action: "complete", form }, place);
  }
  assert.is(answer.error, undefined, node);
  return [forms, answer];
}

/* The bot must know the room before it can be left. */
async function prepare(desk: RunningDesk, { node }: CommandRow): Promise<void> {
  if (node === "leave-room")
    await desk.ask("operator", { node: "manage-room", form: { room: desk.rooms.nowhere } });
}

function rowOf(field: Field): FieldRow {
  const { type, required = false, values = [] } = field;
  const chosen = values.join(" ");
  return { name: field.var, type, isRequired: required, chosen: chosen === "" ? undefined : chosen };
}

/* What the history says of each command that changes something in a room. */
const DEEDS: Readonly<Record<string, string>> = {
  "add-user-hat": "gave a hat",
  "remove-user-hat": "took a hat away",
  "set-user-hats": "set somebody's hats",
  "define-hat": "made or changed a hat",
  "retire-hat": "retired a hat",
  "my-hats": "chose what to wear",
  "delegate-hat": "said who may give a hat",
  undo: "undid change {id}",
  "import-hats": "imported hats",
};

function byName(a: FieldRow, b: FieldRow): number {
  return a.name < b.name ? -1 : 1;
}

for (const command of COMMANDS) {
  const { node, asked, besides, answer } = command;

  table(
    `${node} asks its fields step by step, the room first, and answers ${answer.split(" ")[0]}`,
    async ({ desk }) => {
      await prepare(desk, command);
      const [forms, last] = await walk(desk, node);
      const all = forms.flat().map(rowOf);
      /* There may be more than a page by now. */
      const isPage = ({ name, type }: FieldRow): boolean =>
        name === "after" && type === "list-single" && besides.includes(name);
      const found = all.filter((field) => !isPage(field));
      const known = new Map(asked.map((field) => [field.name, field.chosen]));
      /* What is set for one person is chosen already: that is for the commands' own tests. */
      const compared = found.map((field) => ({ ...field, chosen: known.get(field.name) && field.chosen }));
      assert.equal(compared.toSorted(byName), [...asked].toSorted(byName));
      if (asked[0]?.name === "room")
        assert.equal(
          forms[0]?.map((field) => field.var),
          ["room"],
        );
      assert.is(kindOf(last), answer);
      assert.is(last.response?.status, "completed");
    },
  );

  table(`${node} takes exactly its fields in one stanza, and answers the same`, async ({ desk }) => {
    await prepare(desk, command);
    const form = await goodValues(desk, node);
    const fields = [...asked.map((field) => field.name), ...besides];
    assert.equal(Object.keys(form).toSorted(), fields.toSorted());
    const received = await desk.ask(runnerOf(node), {
      node,
      form: { FORM_TYPE: "urn:milliner:hats:0", ...form },
    });
    assert.is(received.error, undefined);
    assert.is(received.response?.status, "completed");
    assert.is(received.response?.node, node);
    assert.is(kindOf(received), answer);
  });

  const did = DEEDS[node];
  if (did !== undefined)
    table(`${node} stands in the history, with who did it`, async ({ desk }) => {
      const before = await desk.lastChange();
      const by = runnerOf(node);
      await desk.ask(by, { node, form: await goodValues(desk, node) });
      const history = tableIn(
        await desk.ask("owner", { node: "hat-history", form: { room: desk.rooms.team } }),
      );
      const [row = []] = history.rows;
      const cell = (name: string): string =>
        row[history.columns.findIndex((column) => column.var === name)] ?? "";
      assert.equal([cell("who"), cell("what")], [desk.jid(by), did.replace("{id}", before)]);
      assert.ok(Number(cell("id")) > Number(before));
    });

  if (!node.endsWith("-room"))
    table(`${node} never asks for the room where it is implied`, async ({ desk }) => {
      const [forms, last] = await walk(desk, node, "room");
      assert.equal(
        forms.flat().filter((field) => field.var === "room"),
        [],
      );
      assert.is(kindOf(last), answer);
    });
}

table.run();

const access = suite<{ desk: RunningDesk }>("access to the commands");

/* Nothing is changed, so that one desk does for all. */
access.before(async (context) => {
  context.desk = await openRunningDesk();
});
access.after(({ desk }) => desk.close());

for (const command of COMMANDS) {
  const { node, name } = command;

  access(`${node} is there for ${command.runners.join(", ")} and nobody else`, async ({ desk }) => {
    for (const role of ROLES) {
      const mayRun = command.runners.includes(role);
      assert.is((await desk.listed(role)).get(node), mayRun ? name : undefined, role);
      const step = await desk.ask(role, { node });
      if (mayRun) assert.is(step.error, undefined, role);
      else assert.is(step.error, FORBIDDEN, role);
      if (mayRun) continue;
      /* Before any value is looked at, and whether or not the room is kept. */
      for (const room of [desk.rooms.team, desk.rooms.foreign, desk.rooms.nowhere]) {
        const once = await desk.ask(role, { node, form: { room, user: "@", hat: "no URI" } });
        assert.is(once.error, FORBIDDEN, `${role} in ${room}`);
      }
    }
  });

  access(`${node} is there through the room for those whom the room says to be that`, async ({ desk }) => {
    for (const role of ROLES.filter((role) => role !== "outcast" && role !== "stranger")) {
      /* Rights of the configuration need a request from the own address. */
      const mayRun = role !== "operator" && command.runners.includes(role);
      assert.is((await desk.listed(role, "room")).get(node), mayRun ? name : undefined, role);
      const step = await desk.ask(role, { node }, "room");
      if (mayRun) assert.is(step.error, undefined, role);
      else assert.is(step.error, FORBIDDEN, role);
    }
  });

  if (command.runners.includes("owner"))
    access(`${node} takes no other room where it is implied`, async ({ desk }) => {
      const form = { ...(await goodValues(desk, node)), room: desk.rooms.other };
      const { error } = await desk.ask("owner", { node, form }, "room");
      assert.is(error, `modify/bad-request + bad-payload: room: here it can only be ${desk.rooms.team}`);
    });
}

access("nothing else is listed, and in this order", async ({ desk }) => {
  const own = COMMANDS.map(({ node }) => node);
  assert.equal([...(await desk.listed("operator")).keys()], own);
  const inTheRoom = [...(await desk.listed("owner", "room")).keys()];
  const ofRooms = COMMANDS.filter(({ runners }) => runners.includes("owner")).map(({ node }) => node);
  assert.equal(inTheRoom, [...ofRooms, ...Object.values(HAT_NODES)]);
});

access.run();
