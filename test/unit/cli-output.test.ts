/** What exec and commands print: tables that fit, texts that a terminal only shows, JSON that keeps to its schema. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { run as milliner } from "../../src/cli.ts";
import { refusalToJson, toJson } from "../../src/cli/answer.ts";
import { tellAsked } from "../../src/cli/asked.ts";
import { runCommand } from "../../src/cli/in-parts.ts";
import { toText } from "../../src/cli/render.ts";
import { renderTable } from "../../src/cli/table.ts";
import { commandsOf } from "../../src/commands/registry.ts";
import type { Services } from "../../src/commands/room/scene.ts";
import { NS_MILLINER } from "../../src/stanza/namespaces.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { DESK, senderTo } from "../support/desk-sender.ts";
import { faultsForScripts, faultsOf } from "../support/exec-schema.ts";
import { type HatDesk, openHatDesk, STRANGER, TEAM } from "../support/hat-desk.ts";

const LABELS = ["Who", "Hat", "Shown"];
const ROWS = [
  ["bob@example.org", "https://example.org/hats/teacher", "1"],
  ["carol@example.org", "教师 the one and only 教师 of all hats", "0"],
];

const tables = suite("a table");

/** How many columns a terminal gives a line; these wide characters take two. */
function columnsOf(line: string): number {
  return line.length + Array.from(line).filter((character) => /\p{Script=Han}/u.test(character)).length;
}

tables("has a row a line where it is piped, however wide", () => {
  assert.equal(renderTable(LABELS, ROWS).split("\n"), [
    "Who                Hat                                     Shown",
    "bob@example.org    https://example.org/hats/teacher        1",
    "carol@example.org  教师 the one and only 教师 of all hats  0",
  ]);
});

tables("is the same on a terminal that is wide enough", () => {
  assert.is(renderTable(LABELS, ROWS, 64), renderTable(LABELS, ROWS));
});

tables("is never wider than the terminal, and loses nothing", () => {
  for (let width = 10; width < 70; width += 1) {
    const text = renderTable(LABELS, ROWS, width);
    const isTable = !text.includes("Who: ");
    for (const line of text.split("\n")) {
      if (isTable) assert.ok(columnsOf(line) <= width, `${width}: ${line}`);
    }
    for (const part of ["bob", "carol", "teacher", "教师"]) {
      assert.ok(text.replace(/\s+/g, "").includes(part) || isTable, `${width}: ${part}`);
    }
    const letters = (written: string): string => Array.from(written.replace(/\s/g, "")).toSorted().join("");
    if (isTable) assert.is(letters(text), letters([...LABELS, ...ROWS.flat()].join("")));
  }
});

tables("goes on in the next line of the cell", () => {
  assert.equal(renderTable(LABELS, ROWS.slice(0, 1), 42).split("\n"), [
    "Who              Hat                 Shown",
    "bob@example.org  https://example.or  1",
    "                 g/hats/teacher",
  ]);
});

tables("is written a block a row where columns would have hardly any room", () => {
  assert.is(
    renderTable(LABELS, ROWS.slice(0, 1), 20),
    "Who: bob@example.org\nHat: https://example.org/hats/teacher\nShown: 1",
  );
});

tables("shows what a terminal would obey as nothing at all", () => {
  const text = renderTable(["a"], [["x\u009b31my\nz\u202ew"]]);
  assert.is(text, "a\nx 31my z w");
  const answer = { status: "completed", fields: {}, table: null, asked: [], error: null } as const;
  const notes = [{ type: "info", text: "one\u009b2J\ntwo" }];
  assert.is(toText({ ...answer, notes }), "one 2J\ntwo");
});

const ESCAPES = { status: "completed", notes: [], table: null, asked: [], error: null } as const;

tables("and a field alone are shown by a terminal, and go into a pipe as they came", () => {
  const fields = { document: ["  one\u009b2J", "\u202etwo"] };
  assert.is(toText({ ...ESCAPES, fields }, undefined, 80), "  one 2J\n two");
  assert.is(toText({ ...ESCAPES, fields }), "  one\u009b2J\n\u202etwo");
});

tables("and the names of fields are never obeyed", () => {
  const fields = { "a\u009b2J": ["x"], "\u202eb": ["y\u009b"] };
  assert.is(toText({ ...ESCAPES, fields }), "a 2J: x\nb: y");
});

tables("is not repeated by the note that says the same for clients without tables", () => {
  const table = { title: "Hats", columns: [{ var: "hat", label: "Hat" }], rows: [{ hat: "urn:x" }] };
  const notes = [
    { type: "info", text: "Hats: urn:x" },
    { type: "warn", text: "old" },
  ];
  const answer = { status: "completed", fields: {}, asked: [], error: null, table, notes } as const;
  assert.is(toText(answer), "Hats\nHat\nurn:x\nold");
});

tables.run();

const errors = suite("what went wrong");

errors("is only shown by a terminal, never obeyed, whoever worded it", async () => {
  const printed: string[] = [];
  const output = { out: () => undefined, err: (text: string) => void printed.push(text) };
  const argv = ["commands", "hats@example.org/milliner", "--as", "\u009b2J@\u202e"];
  assert.is(await milliner(argv, output, {}), 2);
  assert.equal(printed, ["--as:  2J@  is not a JID, such as alice@example.org"]);
});

errors("a file without a certificate is told as a wrong command line, by its name", async () => {
  const printed: string[] = [];
  const output = { out: () => undefined, err: (text: string) => void printed.push(text) };
  const argv = ["commands", "hats@example.org/milliner", "--as", "a@example.org", "--ca", "package.json"];
  assert.is(await milliner(argv, output, { MILLINER_PASSWORD: "x" }), 2);
  assert.match(printed.join("\n"), /^--ca: package\.json holds no certificate; name a PEM file/);
});

errors.run();

const json = suite<{ at: HatDesk }>("JSON");

json.before.each(async (context) => {
  context.at = await openHatDesk();
});
json.after.each(({ at }) => at.close());

const run = async (at: HatDesk, node: string, values: Record<string, string[]> = {}) =>
  toJson(await runCommand(senderTo(at), { to: DESK, node }, new Map(Object.entries(values))));

json("of every command, whatever it answers, is as the schema says", async ({ at }) => {
  const nodes = commandsOf({} as Services).map(({ node }) => node);
  const own = nodes.filter(
    (node) => !node.startsWith("urn:") && !["manage-room", "leave-room"].includes(node),
  );
  const given = { room: [TEAM], user: ["bob@example.org"], title: ["Teacher"] };
  assert.is((await run(at, "add-user-hat", given)).status, "completed");
  for (const node of own) {
    assert.equal(faultsOf(await run(at, node)), [], node);
    const inRoom = await run(at, node, { room: [TEAM] }).catch(refused);
    assert.equal(faultsOf(inRoom), [], node);
  }
  const tables = await run(at, "list-room-hats", { room: [TEAM] });
  assert.is(tables.table?.rows[0]?.["title"], "Teacher");
  const asked = await run(at, "add-user-hat");
  assert.is(asked.status, "executing");
  assert.ok(asked.asked.some((field) => field.var === "user" && field.options.length > 0));
  assert.equal(asked.fields, {});
});

json(
  "of what is asked is told as it is typed: the room too, what may be left out in brackets",
  async ({ at }) => {
    const { asked } = await run(at, "add-user-hat");
    const rest = "user=… [hat=…] [title=…] [expires=…] [active=1] [required=0] [reason=…]";
    assert.is(tellAsked("add-user-hat", asked, NS_MILLINER), `add-user-hat asks for more: room=… ${rest}`);
    assert.is(tellAsked("add-user-hat", asked, "urn:x:other"), `add-user-hat asks for more: ${rest}`);
    const inFull = (await run(at, "import-hats")).asked;
    assert.match(
      tellAsked("import-hats", inFull, NS_MILLINER),
      /more: room=… document=… \[mode=merge\] \[dry-run=0\]$/,
    );
  },
);

json("of a refusal says what kind it is", async ({ at }) => {
  const answer = await runCommand(
    senderTo(at, [], STRANGER),
    { to: DESK, node: "list-hats" },
    new Map([["room", [TEAM]]]),
  ).catch(refused);
  assert.equal(faultsOf(answer), []);
  assert.is((answer as ReturnType<typeof refused>).error?.condition, "forbidden");
});

json("of any other shape is against the schema", () => {
  const good = { status: "completed", notes: [], fields: {}, table: null, asked: [], error: null };
  assert.equal(faultsOf(good), []);
  assert.equal(faultsOf([{ node: "list-hats", name: "The room's hats" }]), []);
  const wrong: object[] = [
    { ...good, status: "done" },
    { ...good, status: "refused" },
    { ...good, error: { type: "auth", condition: "forbidden", application: null, text: "" } },
    { ...good, notes: ["text"] },
    { ...good, fields: { a: "b" } },
    { ...good, table: { title: "", columns: [], rows: [] } },
    [{ node: "list-hats" }],
  ];
  for (const faults of [faultsOf, faultsForScripts]) {
    for (const output of wrong) assert.ok(faults(output).length > 0, JSON.stringify(output));
    for (const key of Object.keys(good)) {
      assert.ok(faults({ ...good, [key]: undefined }).length > 0, key);
    }
  }
});

json(
  "may get further members, which scripts let pass, but has none that the schema does not describe",
  () => {
    const good = { status: "completed", notes: [], fields: {}, table: null, asked: [], error: null };
    const error = { type: "auth", condition: "forbidden", application: null, text: "" };
    const column = { var: "user", label: "Who" };
    const question = {
      var: "user",
      type: "list-single",
      label: "Who",
      required: true,
      values: [],
      options: [{ label: "bob", value: "bob@example.org", more: 1 }],
    };
    const added: unknown[] = [
      { ...good, more: 1 },
      { ...good, notes: [{ type: "info", text: "", more: 1 }] },
      { ...good, table: { title: "", columns: [column], rows: [], more: 1 } },
      { ...good, table: { title: "", columns: [{ ...column, more: 1 }], rows: [] } },
      { ...good, status: "executing", asked: [question] },
      { ...good, status: "executing", asked: [{ ...question, options: [], more: 1 }] },
      { ...good, status: "refused", error: { ...error, more: 1 } },
      [{ node: "list-hats", name: "The room's hats", more: 1 }],
    ];
    for (const output of added) {
      assert.equal(faultsForScripts(output), []);
      assert.ok(faultsOf(output).length > 0, JSON.stringify(output));
    }
  },
);

function refused(error: unknown) {
  if (!(error instanceof StanzaError)) throw error;
  return refusalToJson(error);
}

json.run();
