/** Form files: what is checked when they are read, and languages. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Engine } from "../../src/commands/engine/engine.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { chooseLanguage } from "../../src/commands/texts/phrases.ts";
import { type FieldSource, formSource, loadFormsOf } from "../support/command-forms.ts";
import { account, engineOf, formIn, noteIn, send, type TestCommand } from "../support/engine.ts";

const test = suite("form files");

const FIELDS: readonly FieldSource[] = [
  { var: "room", stage: "room", type: "list-single", required: true },
  { var: "user", stage: "rest", type: "list-multi" },
  { var: "title", stage: "rest", type: "text-single", default: ["x"] },
  { var: "script", type: "text-multi" },
];

const good = () => formSource("good", FIELDS) as Record<string, never>;

function reasonOf(file: unknown): string {
  try {
    loadFormsOf({ "bad.json": file });
    return "nothing wrong";
  } catch (error) {
    return (error as Error).message.replace(/^.*\/(?=bad)/, "");
  }
}

test("a form knows its fields by stage, in order, and leaves out those for scripts", () => {
  const form = loadFormsOf({ "good.json": good() }).form("good", "en");
  assert.equal(form.stages, ["room", "rest"]);
  assert.equal(
    form.fields("rest").map((field) => field.var),
    ["user", "title"],
  );
  assert.equal(form.fields("room"), [
    { var: "room", type: "list-single", label: "Label of room", required: true },
  ]);
  assert.is(form.label("script"), "Label of script");
});

test("a stage that has no field asks nothing but whether to go on", () => {
  const source = good() as Record<string, { instructions: Record<string, string> }>;
  source["texts"]!.instructions["confirm"] = "Go on?";
  const stages = ["room", "rest", "confirm"];
  const form = loadFormsOf({ "good.json": { ...source, stages } }).form("good", "en");
  assert.equal(form.stages, ["room", "rest", "confirm"]);
  assert.equal(form.fields("confirm"), []);
  assert.is(form.instructions("confirm"), "Go on?");
});

test("the package's own forms are sound, in every language there is", () => {
  const forms = loadForms();
  assert.equal(forms.nodes.toSorted(), [
    "add-user-hat",
    "define-hat",
    "delegate-hat",
    "desk-status",
    "export-hats",
    "hat-history",
    "import-hats",
    "leave-room",
    "list-hats",
    "list-room-hats",
    "list-user-hats",
    "manage-room",
    "my-hats",
    "remove-user-hat",
    "retire-hat",
    "set-user-hats",
    "undo",
  ]);
  for (const node of forms.nodes) {
    for (const lang of forms.languages) assert.ok(forms.form(node, lang).name.length > 3);
  }
});

test("a file that is wrong is refused with its name and the place", () => {
  assert.match(reasonOf("{"), /JSON/);
  assert.match(reasonOf({ ...good(), node: 5 }), /^bad\.json: node: /);
  assert.match(reasonOf({ ...good(), colour: "red" }), /^bad\.json: colour: /);
  assert.match(reasonOf(formSource("bad", [{ var: "a", type: "text" }])), /^bad\.json: fields\.0\.type: /);
});

test("a text that is missing is found when the file is read", () => {
  const withoutLabel = { ...good(), fields: [...FIELDS, { var: "more", stage: "rest", type: "boolean" }] };
  assert.is(reasonOf(withoutLabel), "form good: no English text for more");
  const withoutStage = { ...good(), fields: [...FIELDS, { var: "user", stage: "new", type: "boolean" }] };
  assert.is(reasonOf(withoutStage), "form good: no English text for new");
  const withoutRest = { ...good(), stages: ["room"] };
  assert.is(reasonOf(withoutRest), "form good: rest is none of its stages");
  assert.is(reasonOf({ ...good(), texts: { name: "Good" } }), "form good: no English text for room");
});

test("a command whose stages are not those of its form is refused at the start", () => {
  const forms = loadFormsOf({ "good.json": good() });
  const command = {
    node: "good",
    stages: [],
    isOffered: () => true,
    run: async () => Promise.reject(new Error()),
  };
  assert.throws(() => new Engine({ commands: [command], forms }), /form good: its stages are not/);
});

test("the nearest language is chosen, and English where there is none", () => {
  const there = new Set(["en", "de", "pt-br"]);
  for (const [wanted, chosen] of [
    ["de", "de"],
    ["de-AT-1996", "de"],
    ["DE", "de"],
    ["de_AT.UTF-8", "de"],
    ["ca@valencia", "en"],
    ["*", "en"],
    ["de-x-own", "de"],
    ["den", "en"],
    ["pt-BR", "pt-br"],
    ["pt", "en"],
    ["tlh", "en"],
    ["", "en"],
    ["constructor", "en"],
  ] as const) {
    assert.is(chooseLanguage(wanted, there), chosen, wanted);
  }
});

test("a language as long as a stanza is looked for as quickly as any other", () => {
  const before = process.cpuUsage();
  for (const wanted of [`de-${"a-".repeat(60_000)}`, `de${".".repeat(60_000)}\n`])
    assert.is(chooseLanguage(wanted, new Set(["de", "en"])), "de");
  assert.ok(process.cpuUsage(before).user < 500_000);
});

const GREET: TestCommand = {
  node: "greet",
  fields: [{ var: "who", stage: "who", type: "text-single" }],
  stages: [{ name: "who", ask: async () => ({ ask: new Map([["who", {}]]) }) }],
  run: async ({ phrases }) => ({ kind: "text", severity: "info", lines: [phrases.say("none")] }),
};

const GERMAN_TEXTS = {
  name: "Begrüßen",
  title: "Begrüßung",
  instructions: { who: "Wen?" },
  fields: { who: { label: "Wer" } },
};

function bilingual() {
  return loadFormsOf({ "greet.json": formSource("greet", GREET.fields) }, [
    { language: "de", common: {}, forms: { greet: GERMAN_TEXTS }, phrases: { none: "keine" } },
  ]);
}

test("a session speaks the language it began in", async () => {
  const engine = engineOf([GREET], { forms: bilingual() });
  const alice = account("alice@example.org/x");
  const first = await send(engine, alice, { node: "greet", lang: "de-AT" });
  assert.is(formIn(first).title, "Begrüßung");
  assert.is(first.response?.lang, "de");
  const { sessionid = "" } = first.response ?? {};
  const done = await send(engine, alice, { node: "greet", sessionid, lang: "fr", form: { who: "x" } });
  assert.is(noteIn(done), "keine");
  assert.is(engine.offered(alice.requester, "de")[0]?.name, "Begrüßen");
});

test("an unknown language is answered in English, and said so", async () => {
  const engine = engineOf([GREET], { forms: bilingual() });
  const answer = await send(engine, account("alice@example.org/x"), { node: "greet", lang: "tlh" });
  assert.is(answer.response?.lang, "en");
  assert.is(formIn(answer).title, "Title of greet");
});

test("a phrase that a language lacks is said in English", async () => {
  const phrases = bilingual().phrases("de");
  assert.is(phrases.say("none"), "keine");
  assert.is(phrases.say("a-new-hat"), "A new hat");
  assert.throws(() => phrases.say("never written"), /no phrase never written/);
});

test("what is put into a phrase is not read as one", () => {
  const phrases = loadForms().phrases("en");
  const said = phrases.say("added", { user: "{room} $& $1", titles: "{user}", room: "r" });
  assert.is(said, "{room} $& $1 now has {user} in r.");
});

test.run();
