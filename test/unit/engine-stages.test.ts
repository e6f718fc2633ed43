/** Actions and stages: what each action means at each stage, step by step and in one stanza. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Answers,
  type Asker,
  NOTHING_TO_ASK,
  type Part,
  type Question,
  type Text,
} from "../../src/commands/command.ts";
import { badField } from "../../src/core/errors.ts";
import {
  account,
  engineOf,
  formIn,
  noteIn,
  type Received,
  send,
  type Sent,
  sessionidIn,
  submission,
  type TestCommand,
} from "../support/engine.ts";

const test = suite("stages");

const ALICE = account("alice@example.org/desk");
const BAD_ACTION = "modify/bad-request bad-action: that action is not offered here";

const TRIP: TestCommand = {
  node: "trip",
  fields: [
    { var: "from", stage: "start", type: "text-single", required: true },
    { var: "via", stage: "way", type: "list-multi" },
    { var: "fast", stage: "way", type: "boolean", default: ["1"] },
    { var: "to", stage: "end", type: "list-single" },
    { var: "reason", stage: "end", type: "text-single" },
  ],
  stages: [
    { name: "start", ask: async () => ({ ask: new Map([["from", {}]]) }) },
    {
      name: "way",
      async ask(_, answers) {
        const from = answers.get("from")?.[0] ?? "";
        if (from === "") throw badField("from", "missing");
        if (from === "near") return { known: new Map([["via", ["nothing"]]]) };
        const options = ["ulm", "bonn"].map((value) => ({ label: `City of ${value}`, value }));
        return {
          ask: new Map([
            ["via", { options, values: from === "ulm" ? ["bonn"] : [] }],
            ["fast", {}],
          ]),
        };
      },
    },
    {
      name: "end",
      ask: async () => ({
        ask: new Map([
          ["to", { options: [{ label: "Rome", value: "rome" }] }],
          ["reason", {}],
        ]),
        summary: "Nearly there.",
      }),
    },
  ],
  async run(asker, answers) {
    const said = [...answers]
      .filter(([name]) => name !== "FORM_TYPE")
      .map(([name, values]) => `${name}=${values.join("+")}`);
    return {
      kind: "text",
      severity: "info",
      lines: [`${asker.isOneShot ? "at once" : "in steps"}: ${said.join(" ")}`],
    };
  },
};

const HELLO: TestCommand = {
  node: "hello",
  fields: [],
  stages: [],
  run: async () => ({ kind: "text", severity: "info", lines: ["hello"] }),
};

/** Two parts of a document, taken in one after the other. */
const PARTS: TestCommand = {
  node: "parts",
  fields: [{ var: "document", stage: "part", type: "text-multi" }],
  stages: [{ name: "part", gathers: ["document"], ask: askPart }],
  run: tellDocument,
};

/** The same with something to say yes to at the end. */
const PARTS_THEN: TestCommand = {
  node: "parts-then",
  fields: [...PARTS.fields, { var: "sure", stage: "sure", type: "boolean" }],
  stages: [...PARTS.stages, { name: "sure", ask: async () => ({ ask: new Map([["sure", {}]]) }) }],
  run: tellDocument,
};

/** An answer of four parts. */
const READ: TestCommand = {
  node: "read",
  fields: [
    { var: "document", stage: "part", type: "text-multi" },
    { var: "after", stage: "part", type: "text-single" },
  ],
  stages: [
    {
      name: "part",
      ask: async (_, answers) => (partAt(answers) < 3 ? readPart(answers) : NOTHING_TO_ASK),
    },
  ],
  run: async (_, answers) => ({ kind: "reading", ...readPart(answers) }),
};

/** Does something, after a yes where it is asked step by step. */
const SURE: TestCommand = {
  node: "sure",
  fields: [{ var: "what", stage: "what", type: "text-single" }],
  stages: [{ name: "what", ask: async () => ({ ask: new Map([["what", {}]]) }) }],
  async run({ isOneShot, isConfirmed }, answers) {
    const [what] = answers.get("what") ?? [];
    if (!isOneShot && !isConfirmed) return { kind: "confirmation", summary: `This does ${what}.` };
    if (what === "bad") throw badField("what", "not-a-text");
    return { kind: "text", severity: "info", lines: [`${what} done`] };
  },
};

async function askPart(_: Asker, answers: Answers): Promise<Question> {
  if (answers.get("document")?.includes("bad") === true) throw badField("document", "not-a-text");
  return { ask: new Map([["document", { values: [] }]]) };
}

async function tellDocument(_: Asker, answers: Answers): Promise<Text> {
  return { kind: "text", severity: "info", lines: [...(answers.get("document") ?? [])] };
}

function partAt(answers: Answers): number {
  return Number(answers.get("after")?.[0] ?? 0);
}

function readPart(answers: Answers): Part {
  const at = partAt(answers);
  const after = ["after", [String(at + 1)]] as const;
  return { title: "Parts", values: new Map([["document", [`part ${at}`]], after]), known: new Map([after]) };
}

function begin(node = "trip") {
  const engine = engineOf([TRIP, HELLO, PARTS, PARTS_THEN, READ, SURE]);
  let sessionid: string | undefined;
  return async (sent: Omit<Sent, "node" | "sessionid"> = {}): Promise<Received> => {
    const answer = await send(engine, ALICE, { node, ...(sessionid && { sessionid }), ...sent });
    if (sessionid === undefined && answer.response !== undefined) sessionid = sessionidIn(answer);
    return answer;
  };
}

const once = (sent: Omit<Sent, "node">, node = "trip") =>
  send(engineOf([TRIP, HELLO]), ALICE, { node, ...sent });

const shown = (answer: Received) =>
  formIn(answer)
    .fields.map((field) => field.var)
    .join(" ");
const actions = ({ response }: Received) =>
  `${response?.actions?.execute}: ${response?.actions?.offered.join(" ")}`;

test("without a form the stages are asked one after the other, and then it is done", async () => {
  const go = begin();
  assert.is(shown(await go()), "from");
  assert.is(shown(await go({ action: "next", form: { from: "ulm" } })), "via fast");
  assert.is(shown(await go({ action: "next", form: { via: ["ulm", "bonn"], fast: "0" } })), "to reason");
  const done = await go({ action: "complete", form: { to: "rome", reason: "" } });
  assert.is(noteIn(done), "in steps: from=ulm via=ulm+bonn fast=0 to=rome reason=");
});

test("the first stage offers next, a middle one prev and next, the last one prev and complete", async () => {
  const go = begin();
  assert.is(actions(await go()), "next: next");
  assert.is(actions(await go({ form: { from: "ulm" } })), "next: prev next");
  assert.is(actions(await go({ form: { via: [] } })), "complete: prev complete");
});

for (const action of ["execute", "next", "complete"] as const) {
  test(`${action} goes on at every stage and completes at the last`, async () => {
    const go = begin();
    await go();
    assert.is(shown(await go({ action, form: { from: "ulm" } })), "via fast");
    assert.is(shown(await go({ action, form: { via: [] } })), "to reason");
    assert.is((await go({ action, form: { to: "rome" } })).response?.status, "completed");
  });
}

test("an absent action is execute", async () => {
  const go = begin();
  await go();
  assert.is(shown(await go({ form: { from: "ulm" } })), "via fast");
});

test("a stage that has nothing to ask is left out, and prev leads past it", async () => {
  const go = begin();
  await go();
  assert.is(shown(await go({ form: { from: "near" } })), "to reason");
  assert.is(shown(await go({ action: "prev" })), "from");
});

test("what a stage knew without asking is among the answers", async () => {
  const go = begin();
  await go();
  await go({ form: { from: "near" } });
  assert.match(noteIn(await go({ form: { to: "rome" } })) ?? "", /via=nothing/);
});

test("prev on the first stage is bad-action, and the session goes on", async () => {
  const go = begin();
  await go();
  assert.is((await go({ action: "prev" })).error, BAD_ACTION);
  assert.is(shown(await go({ form: { from: "ulm" } })), "via fast");
});

test("prev goes back with the values kept, also those that came with it", async () => {
  const go = begin();
  await go();
  await go({ form: { from: "ulm" } });
  const first = await go({ action: "prev", form: { via: "ulm", fast: "0" } });
  assert.equal(formIn(first).fields[0]?.values, ["ulm"]);
  const second = await go({ form: { from: "ulm" } });
  assert.equal(
    formIn(second).fields.map(({ values }) => values),
    [["ulm"], ["0"]],
  );
});

test("two prevs go back two stages", async () => {
  const go = begin();
  await go();
  await go({ form: { from: "ulm" } });
  await go({ form: { via: [] } });
  assert.is(shown(await go({ action: "prev" })), "via fast");
  assert.is(shown(await go({ action: "prev" })), "from");
});

test("what was chosen further on is forgotten when an earlier answer becomes another", async () => {
  const go = begin();
  await go();
  assert.equal(formIn(await go({ form: { from: "ulm" } })).fields[0]?.values, ["bonn"]);
  await go({ form: { via: "ulm", fast: "0" } });
  await go({ action: "prev" });
  await go({ action: "prev" });
  const other = await go({ form: { from: "rome" } });
  assert.equal(
    formIn(other).fields.map(({ values }) => values),
    [undefined, ["1"]],
  );
});

test("an absent list at its stage means that nothing was chosen", async () => {
  const go = begin();
  await go();
  await go({ form: { from: "ulm" } });
  await go({ form: { fast: "1" } });
  assert.match(noteIn(await go({ form: { to: "rome" } })) ?? "", /via= fast=1/);
});

test("a form without fields is a choice of nothing", async () => {
  const go = begin();
  await go();
  await go({ form: { from: "ulm" } });
  assert.is(shown(await go({ form: {} })), "to reason");
});

test("a submit without a form gets the same form again and changes nothing", async () => {
  const go = begin();
  await go();
  const before = await go({ form: { from: "ulm" } });
  for (const action of ["execute", "next", "complete"] as const) {
    assert.is((await go({ action })).xml.toString(), before.xml.toString());
  }
});

test("a form of type cancel is read as submitted", async () => {
  const go = begin();
  await go();
  const form = submission({ from: "ulm" });
  form.attrs["type"] = "cancel";
  assert.is(shown(await go({ form })), "via fast");
});

test("a mistake shows the same form again, the values kept, the reason first in the instructions", async () => {
  const go = begin();
  await go();
  const again = await go({ form: { from: "" } });
  assert.is(shown(again), "from");
  assert.is(formIn(again).instructions, "Not done. Label of from: missing. Do start.");
  assert.is(again.response?.notes.length, 0);
  assert.is(actions(again), "next: next");
});

test("a field of one value that came with several is shown again with one", async () => {
  const go = begin();
  await go();
  await go({ form: { from: ["ulm", "bonn"], FORM_TYPE: "urn:other" } });
  const [from] = formIn(await go()).fields;
  assert.equal(from?.values, ["ulm"]);
});

test("the summary of a stage stands before its instructions", async () => {
  const go = begin();
  await go();
  assert.is(formIn(await go({ form: { from: "near" } })).instructions, "Nearly there. Do end.");
});

test("the form type may be absent, and another than the command's is refused", async () => {
  const go = begin();
  await go();
  const wrong = await go({ form: { FORM_TYPE: "urn:other", from: "ulm" } });
  assert.is(formIn(wrong).instructions, "Not done. FORM_TYPE: not urn:milliner:hats:0. Do start.");
  assert.is(shown(await go({ form: { FORM_TYPE: "urn:milliner:hats:0", from: "ulm" } })), "via fast");
  assert.is(
    (await once({ form: { FORM_TYPE: "urn:other", from: "ulm" } })).error,
    "modify/bad-request bad-payload: FORM_TYPE: not urn:milliner:hats:0",
  );
});

for (const action of [undefined, "execute", "complete"] as const) {
  test(`a filled form in the first stanza completes at once, the action being ${action ?? "absent"}`, async () => {
    const answer = await once({ form: { from: "ulm", to: "rome" }, ...(action && { action }) });
    assert.is(noteIn(answer), "at once: from=ulm to=rome");
    assert.is(answer.response?.status, "completed");
    assert.not.equal(sessionidIn(answer), "");
  });
}

test("a first form that holds nothing but its type is not filled", async () => {
  assert.is(shown(await once({ form: { FORM_TYPE: "urn:milliner:hats:0" } })), "from");
});

test("a one-shot leaves no session behind", async () => {
  const engine = engineOf([TRIP]);
  const answer = await send(engine, ALICE, { node: "trip", form: { from: "ulm" } });
  assert.is(engine.openSessions, 0);
  const again = { node: "trip", sessionid: sessionidIn(answer), form: { from: "ulm" } };
  assert.match((await send(engine, ALICE, again)).error ?? "", /session-expired/);
});

test("a command with nothing to ask completes on a plain execute", async () => {
  assert.is(noteIn(await once({}, "hello")), "hello");
  assert.is(noteIn(await once({ action: "complete" }, "hello")), "hello");
});

for (const action of ["next", "prev", "cancel"] as const) {
  test(`${action} without a session is bad-action`, async () => {
    assert.is((await once({ action })).error, BAD_ACTION);
    assert.is((await once({ action, form: { from: "ulm" } })).error, BAD_ACTION);
  });
}

test("an unknown action is malformed-action, with and without a session", async () => {
  const go = begin();
  await go();
  const expected = "modify/bad-request malformed-action: unknown action";
  assert.is((await go({ action: "dance" as never, form: { from: "ulm" } })).error, expected);
  assert.is((await once({ action: "" as never })).error, expected);
});

test("an unknown node is item-not-found, whatever else is wrong", async () => {
  assert.is(
    (await once({ action: "dance" as never }, "nothing")).error,
    "cancel/item-not-found: no such command",
  );
});

test("a list that comes in parts is gathered with next and ends with complete", async () => {
  const go = begin("parts");
  assert.is(actions(await go()), "complete: next complete");
  const more = await go({ action: "next", form: { document: ["a", "b"] } });
  assert.is(shown(more), "document");
  assert.is(actions(more), "complete: next complete");
  await go({ action: "next", form: { document: ["b"] } });
  assert.is(noteIn(await go({ action: "complete", form: { document: "c" } })), "a\nb\nb\nc");
});

test("a part that was taken is not shown again, to be sent twice", async () => {
  const go = begin("parts");
  await go();
  const more = await go({ action: "next", form: { document: ["a"] } });
  assert.is(formIn(more).fields[0]?.values, undefined);
});

test("where next brings no further part, it ends them", async () => {
  const go = begin("parts");
  await go();
  await go({ action: "next", form: { document: ["a"] } });
  assert.is(noteIn(await go({ action: "next", form: { document: [] } })), "a");
});

test("a part with a mistake comes back to be mended, and counts once", async () => {
  const go = begin("parts");
  await go();
  await go({ action: "next", form: { document: ["a"] } });
  const mistaken = await go({ action: "next", form: { document: ["b", "bad"] } });
  assert.equal(formIn(mistaken).fields[0]?.values, ["b", "bad"]);
  assert.match(formIn(mistaken).instructions ?? "", /^Not done\. Label of document: not a text\./);
  await go({ action: "next", form: { document: ["b", "good"] } });
  assert.is(noteIn(await go({ action: "complete", form: { document: "c" } })), "a\nb\ngood\nc");
});

test("going back from a later stage shows the last part again, in place of which another one comes", async () => {
  const go = begin("parts-then");
  await go();
  await go({ action: "next", form: { document: ["a"] } });
  await go({ action: "complete", form: { document: ["b"] } });
  const back = await go({ action: "prev" });
  assert.equal(formIn(back).fields[0]?.values, ["b"]);
  await go({ action: "complete", form: { document: ["c"] } });
  assert.is(noteIn(await go({ form: { sure: "1" } })), "a\nc");
});

test("an answer in parts goes on with next, whatever form comes with it", async () => {
  const go = begin("read");
  const first = await go();
  assert.is(actions(first), "next: next complete");
  assert.is(first.response?.payload?.attrs["type"], "result");
  assert.equal(formIn(first).fields, [
    { var: "document", type: "text-multi", label: "Label of document", values: ["part 0"] },
    { var: "after", type: "text-single", label: "Label of after", values: ["1"] },
  ]);
  assert.equal(formIn(await go({ action: "next" })).fields[0]?.values, ["part 1"]);
  const third = await go({ form: { document: "part 1", after: "9" } });
  assert.equal(formIn(third).fields[0]?.values, ["part 2"]);
  const last = await go({ action: "next" });
  assert.is(last.response?.status, "completed");
  assert.equal(last.response?.notes, []);
  assert.equal(formIn(last).fields[0]?.values, ["part 3"]);
});

test("an answer in parts ends with complete", async () => {
  const go = begin("read");
  await go();
  const last = await go({ action: "complete" });
  assert.is(last.response?.status, "completed");
  assert.equal(formIn(last).fields[0]?.values, ["part 1"]);
});

test("what is to be confirmed is shown, and done only after a yes", async () => {
  const go = begin("sure");
  await go();
  const asked = await go({ form: { what: "all" } });
  assert.is(actions(asked), "complete: prev complete");
  assert.equal(formIn(asked).fields, []);
  assert.is(formIn(asked).instructions, "This does all. Go on to do this.");
  assert.is(formIn(await go()).instructions, "This does all. Go on to do this.", "no form, no yes");
  const late = await go({ form: { what: "all" } });
  assert.is(late.response?.status, "executing", "the form of the stage before is no yes");
  assert.is(noteIn(await go({ action: "complete", form: {} })), "all done");
});

test("going back from a confirmation shows the last form with its values", async () => {
  const go = begin("sure");
  await go();
  await go({ form: { what: "all" } });
  assert.equal(formIn(await go({ action: "prev" })).fields[0]?.values, ["all"]);
  await go({ form: { what: "some" } });
  assert.is(noteIn(await go({ form: {} })), "some done");
});

test("a mistake after a yes is told above the question", async () => {
  const go = begin("sure");
  await go();
  await go({ form: { what: "bad" } });
  const again = await go({ form: {} });
  assert.is(
    formIn(again).instructions,
    "Not done. Label of what: not a text. This does bad. Go on to do this.",
  );
});

test("in one stanza nothing is confirmed", async () => {
  const answer = await send(engineOf([SURE]), ALICE, { node: "sure", form: { what: "all" } });
  assert.is(noteIn(answer), "all done");
});

test.run();
