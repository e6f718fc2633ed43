import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError } from "../../src/core/errors.ts";
import {
  buildForm,
  buildSubmission,
  buildTable,
  FIELD_TYPES,
  type Form,
  MAX_SUBMITTED,
  parseForm,
  parseSubmission,
  parseTable,
  type Table,
} from "../../src/stanza/data-form.ts";
import { NS_DATA_FORM } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";

const test = suite("data forms");

const submit = (...fields: Element[]) => xml("x", { xmlns: NS_DATA_FORM, type: "submit" }, fields);
const field = (name: string | undefined, ...values: string[]) =>
  xml(
    "field",
    { var: name },
    values.map((value) => xml("value", {}, value)),
  );

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof HatsError) return `${error.code} ${error.text}`;
    throw error;
  }
  return "nothing refused";
}

const FORMS: readonly Form[] = [
  { type: "form", fields: [] },
  { type: "form", formType: "urn:milliner:hats:0", title: "T", instructions: "I", fields: [] },
  {
    type: "result",
    fields: FIELD_TYPES.map((type) => ({ var: `the-${type}`, type, label: "L", values: ["a", "b"] })),
  },
  {
    type: "form",
    fields: [
      {
        var: "hat",
        type: "list-single",
        label: "Hat",
        desc: "Which one",
        required: true,
        validate: { datatype: "xs:string", method: "open" },
        options: [
          { label: "Teacher", value: "urn:hat:teacher" },
          { label: "<&\"'>", value: "" },
        ],
        values: ["urn:hat:teacher"],
      },
      {
        var: "hue",
        type: "text-single",
        validate: { datatype: "xs:decimal", method: "range", min: "0", max: "360" },
      },
    ],
  },
];

const TABLES: readonly Table[] = [
  { columns: [{ var: "user", label: "Who", type: "jid-single" }], rows: [] },
  {
    formType: "urn:milliner:hats:0",
    title: "Two",
    columns: [
      { var: "user", label: "Who", type: "jid-single" },
      { var: "hat", label: "Hat", type: "text-single" },
    ],
    rows: [
      ["bob@example.org", "urn:hat:a"],
      ["eve@example.org", ""],
    ],
  },
];

test("a form that is built reads back as it was", () => {
  for (const form of FORMS) assert.equal(parseForm(buildForm(form)), form);
});

test("a table that is built reads back as it was", () => {
  for (const table of TABLES) assert.equal(parseTable(buildTable(table)), table);
});

test("a submission that is built reads back as it was", () => {
  const submission = new Map([
    ["room", ["team@rooms.example.org"]],
    ["hats", []],
    ["__proto__", ["a", "b"]],
  ]);
  assert.equal(parseSubmission(buildSubmission(submission)), submission);
});

test("a form without a table is no table", () => {
  assert.is(parseTable(buildForm({ type: "result", fields: [] })), undefined);
});

test("a field without a var is left out", () => {
  assert.equal(
    parseSubmission(submit(field(undefined, "a"), field("", "b"), field("c", "d"))),
    new Map([["c", ["d"]]]),
  );
});

test("the type of a submitted field or form means nothing", () => {
  const x = xml(
    "x",
    { xmlns: NS_DATA_FORM, type: "cancel" },
    xml("field", { var: "a", type: "nonsense" }, xml("value", {}, "1")),
  );
  assert.equal(parseSubmission(x), new Map([["a", ["1"]]]));
});

test("a var given twice is refused by its name", () => {
  assert.is(
    refusal(() => parseSubmission(submit(field("user", "a"), field("user", "b")))),
    "bad-field user: given twice",
  );
});

test("a var that cannot be shown is not shown in the refusal", () => {
  const name = "\u202e".repeat(500);
  assert.is(
    refusal(() => parseSubmission(submit(field(name), field(name)))),
    "bad-field form: given twice",
  );
});

test("a character that XML forbids is refused by the field's name", () => {
  for (const bad of ["\u0000", "a\u0008", "\ufffe", "\ud800"]) {
    assert.is(
      refusal(() => parseSubmission(submit(field("title", bad)))),
      "bad-field title: holds a forbidden character",
    );
  }
});

test("ten thousand values are refused, in one field or in many", () => {
  const many = Array.from({ length: 10_000 }, () => "x");
  const expected = `bad-field form: more than ${MAX_SUBMITTED} fields and values`;
  assert.is(
    refusal(() => parseSubmission(submit(field("user", ...many)))),
    expected,
  );
  assert.is(
    refusal(() => parseSubmission(submit(...many.map((_, index) => field(`f${index}`))))),
    expected,
  );
});

test("a form inside a field or a value is not read", () => {
  const inner = submit(field("user", "mallory@example.org"));
  const nested = xml(
    "field",
    { var: "reason" },
    inner,
    xml("value", {}, "because", submit(field("hat", "urn:a"))),
  );
  assert.equal(parseSubmission(submit(nested)), new Map([["reason", ["because"]]]));
});

test("markup in a value comes back as text", () => {
  const x = buildSubmission(new Map([["title", ["<b>&amp;</b>"]]]));
  assert.is(x.toString().includes("<b>"), false);
  assert.equal(parseSubmission(x).get("title"), ["<b>&amp;</b>"]);
});

test.run();
