import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError } from "../../src/core/errors.ts";
import {
  buildCommandRequest,
  buildCommandResponse,
  findCommand,
  parseCommandRequest,
  parseCommandResponse,
} from "../../src/stanza/command.ts";
import { buildForm, buildSubmission } from "../../src/stanza/data-form.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";

const test = suite("the command element");

const NOTHING = { node: "", sessionid: undefined, action: "execute", submission: undefined, lang: "" };

function read(command: Element, lang?: string) {
  return parseCommandRequest(xml("iq", { type: "set", "xml:lang": lang }, command), command);
}

test("a request reads back as it was built", () => {
  const submission = new Map([["room", ["team@rooms.example.org"]]]);
  const request = { node: "add-user-hat", sessionid: "s", action: "next", lang: "de" } as const;
  assert.equal(read(buildCommandRequest(request, buildSubmission(submission))), { ...request, submission });
});

test("an absent action is execute", () => {
  assert.equal(read(buildCommandRequest({ node: "n" })), { ...NOTHING, node: "n" });
});

test("an unknown action and a missing node are handed on for the engine to refuse", () => {
  const command = xml("command", { xmlns: "http://jabber.org/protocol/commands", action: "dance" });
  assert.equal(read(command), { ...NOTHING, action: "dance" });
});

test("the language is the command's, else the stanza's", () => {
  assert.is(read(buildCommandRequest({ node: "n", lang: "de" }), "fr").lang, "de");
  assert.is(read(buildCommandRequest({ node: "n" }), "fr").lang, "fr");
});

test("a form of type cancel is read as submitted", () => {
  const x = buildSubmission(new Map([["a", ["1"]]]));
  x.attrs["type"] = "cancel";
  assert.equal(read(buildCommandRequest({ node: "n" }, x)).submission, new Map([["a", ["1"]]]));
});

test("two forms in one request are refused", () => {
  const command = buildCommandRequest({ node: "n" }, buildSubmission(new Map()));
  command.append(buildSubmission(new Map()));
  assert.throws(
    () => read(command),
    (error: unknown) => error instanceof HatsError && error.text === "form: there is more than one",
  );
});

test("only an element of the commands namespace is a command", () => {
  assert.is(findCommand(xml("iq", {}, xml("command", { xmlns: "urn:other" }))), undefined);
});

test("an answer holds actions, form and notes in that order", () => {
  const command = buildCommandResponse({
    node: "n",
    sessionid: "s",
    status: "executing",
    lang: "en",
    actions: { execute: "next", offered: ["prev", "next"] },
    payload: buildForm({ type: "form", fields: [] }),
    notes: [{ severity: "warn", text: "careful" }],
  });
  assert.is(
    command.toString(),
    '<command xmlns="http://jabber.org/protocol/commands" node="n" sessionid="s" status="executing" xml:lang="en">' +
      '<actions execute="next"><prev/><next/></actions><x xmlns="jabber:x:data" type="form"/>' +
      '<note type="warn">careful</note></command>',
  );
  const { payload, ...rest } = parseCommandResponse(command) ?? {};
  assert.is(payload?.name, "x");
  assert.equal(rest, {
    node: "n",
    sessionid: "s",
    status: "executing",
    lang: "en",
    actions: { execute: "next", offered: ["prev", "next"] },
    notes: [{ severity: "warn", text: "careful" }],
  });
});

test("an answer without a status is none", () => {
  assert.is(parseCommandResponse(buildCommandRequest({ node: "n" })), undefined);
});

test.run();
