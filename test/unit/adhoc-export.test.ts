/** The package's milliner/adhoc over a client like @xmpp/client's: whose answers count, and what the documentation names. */
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  executeCommand,
  formOf,
  iqSender,
  listCommands,
  RequestTimeout,
  StanzaError,
  startCommand,
  StreamDownError,
  tableOf,
  UnsendableError,
  type Values,
  type XmppClient,
} from "../../src/adhoc.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { exportsOf } from "../support/exports.ts";
import { tableUnder } from "../support/markdown.ts";
import { parseStanzas } from "../support/xml-text.ts";

const BOT = "bot@example.org/commands";
const COMMANDS = "http://jabber.org/protocol/commands";

/** A client whose stanzas a test reads and writes. */
class FakeClient extends EventEmitter {
  jid: string | null = "alice@example.org/here";
  status = "online";
  readonly sent: Element[] = [];

  async send(stanza: Element): Promise<void> {
    this.sent.push(stanza);
  }

  /** Answers the last request from an address, as a result unless said otherwise. */
  answer(from: string, payload: string, attributes: Record<string, string> = {}): void {
    const id = String(this.sent.at(-1)?.attrs["id"]);
    this.emit("stanza", xml("iq", { from, id, type: "result", ...attributes }, parseStanzas(payload)));
  }

  get command(): Element {
    const command = this.sent.at(-1)?.getChild("command", COMMANDS);
    if (command === undefined) throw new Error("no command was sent");
    return command;
  }
}

const test = suite<{ xmpp: FakeClient }>("milliner/adhoc");

test.before.each((context) => {
  context.xmpp = new FakeClient();
});

/* Ends what nobody answered. */
test.after.each(({ xmpp }) => void xmpp.emit("disconnect"));

/** A request whose answer nobody waits for. */
function leftAlone(request: Promise<unknown>): void {
  request.catch(() => undefined);
}

const completed = (inner: string): string =>
  `<command xmlns='${COMMANDS}' node='n' sessionid='s' status='completed'>${inner}</command>`;

test("what a command asked is told also where the responder does not take the cancel", async ({ xmpp }) => {
  for (const type of ["error", "result"]) {
    const asked = executeCommand(iqSender(xmpp), { to: BOT, node: "n" });
    const form = "<x xmlns='jabber:x:data' type='form'><title>Which room?</title></x>";
    const more = `<command xmlns='${COMMANDS}' node='n' sessionid='s' status='executing'>${form}</command>`;
    xmpp.answer(BOT, more);
    while (xmpp.command.attrs["action"] !== "cancel") await new Promise(setImmediate);
    xmpp.answer(BOT, "", { type });
    assert.is(formOf(await asked)?.title, "Which room?");
    xmpp.sent.length = 0;
  }
});

test("commands are listed by what a responder says", async ({ xmpp }) => {
  const listed = listCommands(iqSender(xmpp), BOT);
  assert.is(xmpp.sent[0]?.attrs["to"], BOT);
  xmpp.answer(
    BOT,
    `<query xmlns='http://jabber.org/protocol/disco#items' node='${COMMANDS}'>
      <item jid='${BOT}' node='list' name='List'/><item jid='${BOT}' node='bare'/></query>`,
  );
  assert.equal(await listed, [
    { node: "list", name: "List" },
    { node: "bare", name: "bare" },
  ]);
});

test("one stanza carries values as texts, lists and flags, and brings the notes", async ({ xmpp }) => {
  const values = { user: ["a@x", "b@x"], title: "T", active: true, required: false };
  const answer = executeCommand(iqSender(xmpp), { to: BOT, node: "n", values, lang: "de" });
  assert.is(xmpp.command.attrs["action"], "execute");
  assert.is(xmpp.command.attrs["xml:lang"], "de");
  const fields = xmpp.command.getChild("x", "jabber:x:data")?.getChildren("field") ?? [];
  assert.equal(
    fields.map((field) => [
      field.attrs["var"],
      ...field.getChildren("value").map((value) => value.getText()),
    ]),
    [
      ["FORM_TYPE", "urn:milliner:hats:0"],
      ["user", "a@x", "b@x"],
      ["title", "T"],
      ["active", "1"],
      ["required", "0"],
    ],
  );
  xmpp.answer(BOT, completed("<note type='warn'>look</note>"));
  assert.equal((await answer).notes, [{ severity: "warn", text: "look" }]);
});

test("a map does as well as an object, and what is undefined is left out", async ({ xmpp }) => {
  const values = { user: ["a@x", "b@x"], title: "T", active: true, reason: undefined };
  const sent: string[] = [];
  for (const given of [values, new Map(Object.entries(values))]) {
    leftAlone(executeCommand(iqSender(xmpp), { to: BOT, node: "n", values: given }));
    sent.push(String(xmpp.command));
  }
  assert.is(sent[0], sent[1]);
  assert.match(sent[0] ?? "", /<field var="active"><value>1</);
  assert.not.match(sent[0] ?? "", /reason/);
});

test("a value that is no text, texts or a boolean is refused by its name, and nothing is sent", async ({
  xmpp,
}) => {
  for (const hue of [120, null, ["120", 5], { value: "120" }]) {
    for (const values of [{ hue }, new Map([["hue", hue]])] as unknown as Values[]) {
      const error = await assertRejects(
        executeCommand(iqSender(xmpp), { to: BOT, node: "n", values }),
        TypeError,
      );
      assert.is(error.message, "hue: must be a text, texts or a boolean");
    }
  }
  assert.equal(xmpp.sent, []);
});

test("another responder's form type is the caller's to say", async ({ xmpp }) => {
  leftAlone(executeCommand(iqSender(xmpp), { to: BOT, node: "n", values: { FORM_TYPE: "urn:x" } }));
  assert.match(String(xmpp.command), /<value>urn:x<\/value>/);
  assert.not.match(String(xmpp.command), /urn:milliner/);
});

test("stages are gone through, back, and given up; the form type is the form's own", async ({ xmpp }) => {
  const stage = (name: string, actions: string): string =>
    `<command xmlns='${COMMANDS}' node='n' sessionid='s' status='executing'><actions execute='next'>${actions}</actions>
      <x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE' type='hidden'><value>urn:y</value></field>
      <field var='${name}' type='text-single'/></x></command>`;
  const starting = startCommand(iqSender(xmpp), { to: BOT, node: "n" });
  xmpp.answer(BOT, stage("first", "<next/>"));
  const session = await starting;
  assert.is(session.form?.fields[0]?.var, "first");
  const next = session.next({ first: "1" });
  assert.match(String(xmpp.command), /action="next".*urn:y.*<field var="first"><value>1</);
  xmpp.answer(BOT, stage("second", "<prev/><complete/>"));
  assert.is(formOf(await next)?.fields[0]?.var, "second");
  assert.equal(session.response.actions?.offered, ["prev", "complete"]);
  const back = session.prev();
  assert.is(xmpp.command.attrs["sessionid"], "s");
  xmpp.answer(BOT, stage("first", "<next/>"));
  await back;
  const end = session.cancel();
  assert.is(xmpp.command.attrs["action"], "cancel");
  xmpp.answer(BOT, `<command xmlns='${COMMANDS}' node='n' sessionid='s' status='canceled'/>`);
  assert.is((await end).status, "canceled");
});

test("a table is read with its columns and rows", async ({ xmpp }) => {
  const answer = executeCommand(iqSender(xmpp), { to: BOT, node: "n" });
  xmpp.answer(
    BOT,
    completed(
      `<x xmlns='jabber:x:data' type='result'><reported><field var='user' label='Who'/></reported>
      <item><field var='user'><value>bob</value></field></item></x>`,
    ),
  );
  assert.equal(tableOf(await answer), { columns: [{ var: "user", label: "Who" }], rows: [["bob"]] });
});

test("what somebody else answers does not count", async ({ xmpp }) => {
  const answer = executeCommand(iqSender(xmpp), { to: BOT, node: "n" });
  xmpp.answer("mallory@example.org/x", completed("<note>forged</note>"));
  xmpp.answer("bot@example.org", completed("<note>forged</note>"));
  xmpp.answer(BOT, completed("<note>true</note>"));
  assert.is((await answer).notes[0]?.text, "true");
});

test("ids cannot be guessed", ({ xmpp }) => {
  const sender = iqSender(xmpp);
  leftAlone(listCommands(sender, BOT));
  leftAlone(listCommands(sender, BOT));
  const ids = xmpp.sent.map(({ attrs }) => String(attrs["id"]));
  assert.is(new Set(ids).size, 2);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("a refusal rejects with its condition and text", async ({ xmpp }) => {
  const answer = executeCommand(iqSender(xmpp), { to: BOT, node: "n" });
  xmpp.answer(
    BOT,
    `<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
      <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no</text></error>`,
    { type: "error" },
  );
  const refusal = await assertRejects(answer, StanzaError);
  assert.equal([refusal.type, refusal.condition, refusal.text], ["auth", "forbidden", "no"]);
});

test("who never answers is waited for no longer than was said", async ({ xmpp }) => {
  await assertRejects(listCommands(iqSender(xmpp, { timeoutMs: 1 }), BOT), RequestTimeout);
});

test("an answer that may take for ever is not given up at once", async ({ xmpp }) => {
  const listed = listCommands(iqSender(xmpp, { timeoutMs: Number.POSITIVE_INFINITY }), BOT);
  /* Node would take this wait for one of a millisecond, and ends those in the order in which they began. */
  setTimeout(() => xmpp.answer(BOT, "<query xmlns='http://jabber.org/protocol/disco#items'/>"), 1);
  assert.equal(await listed, []);
});

test("a connection that ends rejects what waits, and one that is down takes nothing", async ({ xmpp }) => {
  const sender = iqSender(xmpp);
  const waiting = assertRejects(listCommands(sender, BOT), StreamDownError);
  xmpp.emit("disconnect");
  await waiting;
  xmpp.status = "offline";
  await assertRejects(listCommands(sender, BOT), StreamDownError);
  assert.is(xmpp.sent.length, 1);
});

test("a character that would end the stream is not sent", async ({ xmpp }) => {
  const values = { title: "a\u0000b" };
  await assertRejects(executeCommand(iqSender(xmpp), { to: BOT, node: "n", values }), UnsendableError);
  assert.equal(xmpp.sent, []);
});

test("a client without an address yet is one, too", ({ xmpp }) => {
  xmpp.jid = null;
  const client: XmppClient = xmpp;
  leftAlone(listCommands(iqSender(client), BOT));
  assert.is(xmpp.sent.length, 1);
});

test.run();

const docs = suite("docs/adhoc.md");

docs("names every export, and no other", () => {
  const documented = tableUnder("docs/adhoc.md", "Exports").flatMap(([cell]) => cell?.split(", ") ?? []);
  assert.equal(documented.toSorted(), exportsOf("src/adhoc.ts").toSorted());
});

docs("names every step of a session, and no other", () => {
  const text = readFileSync(new URL("../../src/xmpp/adhoc-client.ts", import.meta.url), "utf8");
  const ofSession = text.slice(text.indexOf("export class CommandSession"));
  const members = [...ofSession.matchAll(/^ {2}(?:get )?([a-z]\w*)\(/gm)].map(([, name]) => name);
  const documented = tableUnder("docs/adhoc.md", "Step by step").map(([cell]) => cell?.replace(/\(.*/, ""));
  assert.equal(
    documented,
    members.filter((name) => name !== "constructor"),
  );
});

docs.run();
