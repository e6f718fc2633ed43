/** Whatever anybody sends, in whatever order: one answer each, no bug, and nobody changes what they may not. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isHatId } from "../../src/core/hat-id.ts";
import type { Source } from "../../src/commands/engine/engine.ts";
import { NS_COMMANDS, NS_DATA_FORM } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { account, occupant, send } from "../support/engine.ts";
import { type HatDesk, MEMBER, openHatDesk, OPERATOR, OWNER, STRANGER, TEAM } from "../support/hat-desk.ts";

const test = suite("properties of the engine");

const OTHER = "other@rooms.example.org";
const NODES = [
  "add-user-hat",
  "remove-user-hat",
  "set-user-hats",
  "list-user-hats",
  "list-room-hats",
  "list-hats",
];
const VARS = [
  "room",
  "user",
  "hat",
  "title",
  "active",
  "required",
  "reason",
  "hats",
  "hidden-hats",
  "required-hats",
  "titles",
  "after",
  "expires",
  "FORM_TYPE",
];
const VALUES = [
  TEAM,
  OTHER,
  "bob@example.org",
  "carol@example.org/x",
  "eve@example.org",
  `${TEAM}/Bo`,
  "urn:x:a",
  "urn:x:b",
  "urn:x:a A",
  "Teacher",
  "1",
  "0",
  "true",
  "",
  "urn:milliner:hats:0",
  "__proto__",
  "<&>'\"",
  "😀",
];

const WHO: readonly Source[] = [
  OWNER,
  OPERATOR,
  MEMBER,
  STRANGER,
  account("alice@example.org/phone"),
  occupant(TEAM, "Al", { affiliation: "owner", role: "moderator" }),
  occupant(TEAM, "Bo", { realJid: "bob@example.org" as never }),
];
const MAY_CHANGE = new Set([WHO[0], WHO[1], WHO[4], WHO[5]]);

const text = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...VALUES) }, fc.string({ maxLength: 20 }));
const field = fc.record({
  name: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...VARS) }, fc.string({ maxLength: 10 })),
  values: fc.array(text, { maxLength: 3 }),
});
/* What a person who means it would send, at one stage or in one stanza. */
const sensible = fc
  .record(
    {
      room: fc.constantFrom(TEAM, OTHER),
      user: fc.constantFrom("bob@example.org", "carol@example.org"),
      hat: fc.constantFrom("urn:x:a", "urn:x:b"),
      hats: fc.constantFrom("urn:x:a", "urn:x:b", ""),
      title: fc.constantFrom("Teacher", "Host"),
    },
    { requiredKeys: [] },
  )
  .map((values) => Object.entries(values).map(([name, value]) => ({ name, values: [value] })));

const step = fc.record({
  who: fc.constantFrom(...WHO),
  node: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NODES) }, fc.string({ maxLength: 10 })),
  action: fc.constantFrom(undefined, "execute", "next", "next", "prev", "complete", "cancel", "dance"),
  session: fc.constantFrom("none", "latest", "latest", "latest", "another", "invented"),
  form: fc.option(fc.oneof(sensible, fc.array(field, { maxLength: 6 }))),
});

function formOf(fields: readonly { name: string; values: readonly string[] }[]): Element {
  const built = fields.map(({ name, values }) =>
    xml(
      "field",
      { var: name },
      values.map((value) => xml("value", {}, value)),
    ),
  );
  return xml("x", { xmlns: NS_DATA_FORM, type: "submit" }, built);
}

async function open(): Promise<HatDesk> {
  const at = await openHatDesk();
  at.rooms.add(OTHER, { "alice@example.org": "admin", "bob@example.org": "member" });
  at.rooms.enter(TEAM, { nick: "Bo", realJid: "bob@example.org" });
  return at;
}

test("each request gets one answer, never a bug, and only those with rights change anything", async () => {
  const at = await open();
  try {
    let latest = new Map<Source, { sessionid: string; node: string }>();
    let who: Source | undefined;
    const wrong: unknown[] = [];
    let completed = 0;
    let changed = 0;
    at.desk.on("change", (event) => {
      changed += 1;
      const isSound = event.changes.every((change) => change.kind !== "hat" || isHatId(change.hat));
      if (!isSound || who === undefined || !MAY_CHANGE.has(who)) wrong.push(event);
    });
    const conversation = fc.array(step, { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(conversation, async (steps) => {
        latest = new Map();
        for (const { who: source, node, action, session, form } of steps) {
          who = source;
          const other = [...latest.values()].find((_, index) => index === 0);
          const own = latest.get(source);
          const chosen = session === "latest" ? own : session === "another" ? other : undefined;
          const sessionid = session === "invented" ? "invented" : chosen?.sessionid;
          const answer = await send(at.engine, source, {
            node: chosen?.node ?? node,
            ...(action && { action: action as "next" }),
            ...(sessionid && { sessionid }),
            ...(form && { form: formOf(form) }),
          });
          assert.ok((answer.response === undefined) !== (answer.error === undefined));
          if (answer.response === undefined) continue;
          const { status, sessionid: id, node: answered, actions, notes, payload } = answer.response;
          assert.ok(id !== "" && answered !== "");
          if (status === "executing") {
            latest.set(source, { sessionid: id, node: answered });
            assert.ok(payload !== undefined && notes.length === 0);
            assert.ok(actions?.offered.includes(actions.execute));
          }
          if (status === "completed") {
            completed += 1;
            assert.ok((notes[0]?.text ?? "") !== "");
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.equal(wrong, []);
    assert.ok(completed > 20 && changed > 0, `${completed} completed, ${changed} changed`);
  } finally {
    await at.close();
  }
});

test("a submit sent twice at any point is done once", async () => {
  const at = await open();
  try {
    const submit = fc.record({
      hats: fc.subarray(["urn:x:a", "urn:x:b"]),
      times: fc.integer({ min: 1, max: 4 }),
    });
    let count = 0;
    at.desk.on("change", () => (count += 1));
    await fc.assert(
      fc.asyncProperty(fc.array(submit, { maxLength: 6 }), async (submits) => {
        for (const { hats, times } of submits) {
          const before = JSON.stringify(Object.keys(at.hats("bob@example.org")).toSorted());
          count = 0;
          const begun = await send(at.engine, OWNER, { node: "set-user-hats" });
          const go = { node: "set-user-hats", sessionid: begun.response?.sessionid ?? "" };
          await send(at.engine, OWNER, { ...go, form: { room: TEAM } });
          await send(at.engine, OWNER, { ...go, form: { user: "bob@example.org" } });
          const again = Array.from({ length: times }, () =>
            send(at.engine, OWNER, { ...go, form: { hats } }),
          );
          const answers = await Promise.all(again);
          assert.is(new Set(answers.map((answer) => answer.xml.toString())).size, 1);
          assert.is(count, before === JSON.stringify(hats) ? 0 : 1);
        }
      }),
      { numRuns: 50 },
    );
  } finally {
    await at.close();
  }
});

test("commands of any shape are read or refused, never a bug", async () => {
  const at = await open();
  try {
    const name = fc.constantFrom("x", "field", "value", "command", "actions", "note", "y");
    const tree = fc.letrec<{ node: Element }>((tie) => ({
      node: fc
        .tuple(
          name,
          fc.dictionary(fc.constantFrom("var", "type", "action", "node", "status"), text, { maxKeys: 3 }),
          fc.array(fc.oneof({ maxDepth: 4 }, text, tie("node")), { maxLength: 4 }),
          fc.constantFrom(undefined, NS_DATA_FORM, NS_COMMANDS),
        )
        .map(([tag, attributes, children, xmlns]) =>
          xml(tag, { xmlns, ...attributes }, children as Element[]),
        ),
    })).node;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NODES), tree, async (node, form) => {
        form.name = "x";
        form.attrs["xmlns"] = NS_DATA_FORM;
        const answer = await send(at.engine, OWNER, { node, form });
        assert.ok(answer.response !== undefined || answer.error !== undefined);
      }),
      { numRuns: 500 },
    );
  } finally {
    await at.close();
  }
});

test.run();
