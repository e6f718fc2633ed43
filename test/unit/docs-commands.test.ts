/** docs/commands.md and the code name the same commands, fields, answers and refusals, in both directions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FORMS_FOLDER, loadForms } from "../../src/commands/texts/forms.ts";
import { DEFAULT_SESSION_LIMITS } from "../../src/commands/engine/session-table.ts";
import { REFUSALS } from "../../src/core/errors.ts";
import { HAT_NODES } from "../../src/stanza/hat-commands.ts";
import { type Source } from "../../src/commands/engine/engine.ts";
import { parseTable } from "../../src/stanza/data-form.ts";
import { account, occupant, type Received, tableIn } from "../support/engine.ts";
import { openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/commands.md");

const FILE = "docs/commands.md";
const forms = loadForms();
const FOR_OPERATORS = ["manage-room", "leave-room"];

interface FieldSource {
  readonly var: string;
  readonly stage?: string;
  readonly type: string;
  readonly required?: boolean;
  readonly default?: readonly string[];
}

function fieldsOf(node: string): readonly FieldSource[] {
  const file = JSON.parse(readFileSync(join(FORMS_FOLDER, `${node}.json`), "utf8")) as {
    fields: FieldSource[];
  };
  return file.fields;
}

docs("lists every command with its name and fields, and no other, in their order", async () => {
  const at = await openHatDesk();
  const offered = at.engine.offered(OPERATOR.requester);
  await at.close();
  const documented = tableUnder(FILE, "The commands").map(([node, name, fields]) => [node, name, fields]);
  assert.equal(
    documented,
    offered.map(({ node, name }) => [
      node,
      name,
      fieldsOf(node)
        .map((field) => field.var)
        .join(", "),
    ]),
  );
  assert.equal(new Set(documented.map(([node]) => node)), new Set(forms.nodes));
});

for (const node of forms.nodes) {
  docs(`lists every field of ${node} as its form has it, and no other`, () => {
    const documented = tableUnder(FILE, node).map((cells) => cells.slice(0, 5));
    const actual = fieldsOf(node).map((field) => [
      field.var,
      field.stage ?? "",
      field.type,
      field.required === true ? "yes" : "",
      (field.default ?? []).join(", "),
    ]);
    assert.equal(documented, actual);
  });
}

function kindOf(received: Received): string {
  const payload = received.response?.payload;
  if (payload === undefined) return "note";
  if (parseTable(payload) === undefined) return "document";
  return `table ${tableIn(received)
    .columns.map((column) => column.var)
    .join(", ")}`;
}

docs("says what each command answers: a note, a document, or a table of these columns", async () => {
  const at = await openHatDesk();
  const hat = "urn:x:a";
  const hats = { hat, hats: hat, "shown-hats": hat };
  const values = { room: TEAM, user: "bob@example.org", title: "A", ...hats };
  for (const [node = "", , , answer] of tableUnder(FILE, "The commands")) {
    await at.desk.addUserHat("alice@example.org", TEAM, hat);
    const vars = fieldsOf(node).map((field) => field.var);
    const own = Object.fromEntries(Object.entries(values).filter(([name]) => vars.includes(name)));
    const received = await at.once(FOR_OPERATORS.includes(node) ? OPERATOR : OWNER, node, own);
    assert.is(answer, kindOf(received), node);
  }
  await at.close();
});

docs("says who may run what", async () => {
  const at = await openHatDesk();
  const offered = (source: Source) =>
    at.engine
      .offered(source.requester)
      .map(({ node }) => node)
      .join(", ");
  const rows = tableUnder(FILE, "Who may run what").map(([, reach]) => reach);
  const member = account("bob@example.org/x");
  const asMember = offered(member);
  await at.desk.addUserHat("alice@example.org", TEAM, "urn:x:a");
  await at.once(OWNER, "delegate-hat", { room: TEAM, hat: "urn:x:a", user: "bob@example.org" });
  const asDelegate = offered(member).split(", ");
  assert.equal(rows, [
    "everything, in every room",
    `everything in that room but ${FOR_OPERATORS.join(", ")}`,
    `${asMember} in that room`,
    `${asDelegate.filter((node) => !asMember.includes(node)).join(", ")} too, with that hat`,
    "nothing; whether a room is kept here they do not learn",
  ]);
  const all = forms.nodes.toSorted();
  const ofRooms = all.filter((node) => !FOR_OPERATORS.includes(node));
  assert.equal(offered(OPERATOR).split(", ").toSorted(), all);
  assert.equal(offered(OWNER).split(", ").toSorted(), ofRooms);
  const inTheRoom = offered(occupant(TEAM, "a", { affiliation: "admin" })).split(", ");
  assert.equal(inTheRoom.toSorted(), [...ofRooms, ...Object.values(HAT_NODES)].toSorted());
  for (const source of [STRANGER, account("mallory@example.org/x")]) assert.is(offered(source), "");
  await at.close();
});

docs("lists XEP-0317's commands, what they stand for, their fields and answers", async () => {
  const at = await openHatDesk();
  const inTheRoom = occupant(TEAM, "a", { affiliation: "admin", role: "moderator" });
  const documented = tableUnder(FILE, "XEP-0317's own commands");
  assert.equal(
    documented.map(([node]) => node),
    Object.values(HAT_NODES),
  );
  const values = { "hats#title": "T", "hats#uri": "urn:x:a", "hats#jid": "bob@example.org" };
  for (const [node = "", own = "", fields, answer] of documented) {
    assert.ok(forms.nodes.includes(own), own);
    const asked = forms.form(node, "en").fields("hat");
    assert.is(fields, asked.map((field) => field.var).join(", "), node);
    await at.once(inTheRoom, HAT_NODES.create, values);
    const received = await (asked.length > 0 ? at.once(inTheRoom, node, values) : at.talk(inTheRoom, node)());
    const columns = received.response?.payload && tableIn(received).columns.map((column) => column.var);
    assert.is(answer, columns === undefined ? "note" : `table ${columns.join(", ")}`, node);
  }
  await at.close();
});

docs("names every refusal but our own bugs, and no other", () => {
  const named = tableUnder(FILE, "Mistakes").flatMap(
    (cells) =>
      cells
        .slice(1)
        .join(" ")
        .match(/[a-z]+(-[a-z]+)+|forbidden/g) ?? [],
  );
  const codes = Object.keys(REFUSALS).filter((code) => code !== "internal");
  assert.equal([...new Set(named)].toSorted(), codes.toSorted());
});

docs("says the limits of sessions as they are", () => {
  const text = readFileSync(new URL(`../../${FILE}`, import.meta.url), "utf8").replace(/\s+/g, " ");
  const { perOwner, inAll, idleMs } = DEFAULT_SESSION_LIMITS;
  assert.ok(text.includes(`more than ${perOwner} open sessions of one person, or ${inAll} in all`));
  assert.ok(text.includes(`ends after ${idleMs / 60_000} minutes`));
});

docs.run();
