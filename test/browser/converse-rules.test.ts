/**
 * What Converse makes of answers that the desk never gives, and why it does not: docs/clients.md, "Converse, rule by
 * rule". Each test is one rule, and the table there has a row for each.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BrowserServer, serveBrowser } from "../../src/demo/browser-server.ts";
import { findConverse } from "../../src/demo/converse.ts";
import { NS_COMMANDS, NS_DATA_FORM } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import {
  findLocalProsody,
  registerAndConnect,
  startServer,
  type TestClient,
  type TestServer,
} from "../../src/testing/index.ts";
import { type OpenBrowser, openBrowser } from "../support/chromium.ts";
import { Converse } from "../support/converse.ts";
import { tableUnder } from "../support/markdown.ts";
import { offerScripts, type Script, type ScriptedCommands } from "../support/scripted-commands.ts";

interface Seen {
  server: TestServer;
  owner: TestClient;
  desk: ScriptedCommands;
  pages: BrowserServer;
  browser: OpenBrowser;
  alice: Converse;
}

const NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas";
const TEXT = { var: "text", type: "text-single", label: "Text" };

const text = (...values: string[]): Element[] => values.map((value) => xml("value", {}, value));
const field = (attrs: Record<string, string>, ...children: Element[]): Element =>
  xml("field", attrs, ...children);
const form = (...children: Element[]): Element =>
  xml("x", { xmlns: NS_DATA_FORM, type: "form" }, ...children);
const note = (said: string): Element => xml("note", { type: "info" }, said);
const instructions = (said: string): Element => xml("instructions", {}, said);
const next = (): Element => xml("actions", { execute: "next" }, xml("prev"), xml("next"));
const executing = (...children: Element[]): Element => command("executing", ...children);
const completed = (...children: Element[]): Element => command("completed", ...children);
const refused = (): Element =>
  xml(
    "error",
    { type: "cancel" },
    xml("forbidden", { xmlns: NS_STANZAS }),
    xml("text", { xmlns: NS_STANZAS }, "because I say so"),
  );

function command(status: string, ...children: Element[]): Element {
  return xml("command", { xmlns: NS_COMMANDS, sessionid: "one", status }, ...children);
}

function table(...rows: (readonly string[])[]): Element {
  const items = rows.map((values) => xml("item", {}, field({ var: "who" }, ...text(...values))));
  const head = xml("reported", {}, field({ var: "who", label: "Who" }));
  return xml("x", { xmlns: NS_DATA_FORM, type: "result" }, xml("title", {}, "People"), head, ...items);
}

const SCRIPTS: Readonly<Record<string, Script>> = {
  "no actions": [executing(xml("actions", { execute: "next" }), form(field(TEXT)))],
  links: [
    executing(
      next(),
      form(
        field({ var: "uri", type: "text-single", label: "A" }),
        field({ var: "hat", type: "text-single", label: "B" }, ...text("urn:x:hat")),
        field({ var: "site", type: "text-single", label: "C" }, ...text("www.example.org")),
        field({ var: "remark", type: "text-single", label: "D" }, ...text("Mind: the gap")),
        field({ var: "kept", type: "hidden" }, ...text("urn:x:kept")),
        field({ var: "list", type: "text-multi", label: "E" }, ...text("urn:x:list")),
      ),
    ),
    executing(next(), form(instructions("second"))),
  ],
  "refused at once": [refused()],
  "refused later": [executing(next(), form(field(TEXT))), refused()],
  "two stages": [
    executing(next(), form(xml("title", {}, "First"), instructions("first"), field(TEXT)), note("at first")),
    executing(next(), form(xml("title", {}, "Second"), instructions("second"), field(TEXT)), note("later")),
  ],
  "another session": [
    executing(next(), form(instructions("first"), field(TEXT))),
    xml(
      "command",
      { xmlns: NS_COMMANDS, sessionid: "two", status: "executing" },
      next(),
      form(instructions("second"), field(TEXT)),
    ),
    executing(next(), form(instructions("third"), field(TEXT))),
  ],
  "two forms": [executing(next(), form(field(TEXT)), form(field(TEXT)))],
  "two instructions": [
    executing(next(), form(instructions("the one"), instructions("the other"), field(TEXT))),
  ],
  "a table": [completed(table(["alice", "bob"], ["carol"]))],
  "a table later": [
    executing(next(), form(field(TEXT))),
    completed(table(["alice"]), note("alice is there")),
  ],
  "a note": [completed(note("that was all"))],
  "a note later": [executing(next(), form(field(TEXT))), completed(note("that is done"))],
  lists: [
    executing(
      next(),
      form(
        field(
          { var: "one", type: "list-single", label: "F" },
          xml("desc", {}, "one of these"),
          option("None", ""),
        ),
        field({ var: "blank", type: "list-single", label: "G" }, option("None", " ")),
        field({ var: "many", type: "list-multi", label: "H" }, xml("required"), option("A", "a")),
      ),
    ),
    executing(next(), form(instructions("second"))),
  ],
};

function option(label: string, value: string): Element {
  return xml("option", { label }, ...text(value));
}

const test = suite<Seen>("Converse, rule by rule");
const rules: string[] = [];

/* A test whose title is a row of the table. */
function rule(title: string, prove: (seen: Seen) => Promise<void>): void {
  rules.push(title);
  test(title, prove);
}

test.before(async (context) => {
  const converse = findConverse();
  if (converse === undefined) throw new Error("Converse is not installed");
  const server = await startServer({ kind: await findLocalProsody(), websocket: true });
  const owner = await registerAndConnect({ server, user: "alice" });
  const room = server.room("lab");
  await owner.createRoom(room, "alice");
  const desk = await offerScripts(server, SCRIPTS);
  const pages = await serveBrowser(converse, {
    personas: [{ user: "alice", standing: "the owner" }],
    domain: server.domain,
    room,
    desk: desk.jid,
    websocket: server.websocketService ?? "",
  });
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(`${pages.address}alice`);
  const alice = new Converse(page);
  await alice.isIn("alice");
  await alice.listCommands();
  Object.assign(context, { server, owner, desk, pages, browser, alice });
});
test.after(async ({ server, owner, desk, pages, browser }) => {
  await browser.close();
  await pages.stop();
  await desk.close();
  await owner.close();
  await server.stop();
});

rule("a stage whose actions have no children has no buttons", async ({ alice }) => {
  await alice.open("no actions");
  await alice.form.locator("input[name=text]").waitFor();
  assert.equal(await alice.buttons(), []);
});

rule(
  "a field called uri, or a text that reads as an address, is a link and is not submitted",
  async (seen) => {
    const { alice, desk } = seen;
    await alice.open("links");
    await alice.form.locator("textarea[name=list]").waitFor();
    assert.equal(await alice.form.locator("a.form-url").allInnerTexts(), [
      "",
      "urn:x:hat",
      "www.example.org",
      "Mind: the gap",
    ]);
    await alice.press("Next");
    await alice.instructed(/second/);
    assert.equal(submittedIn(desk.asked.at(-1)), { kept: ["urn:x:kept"], list: ["urn:x:list"] });
  },
);

rule("an error at once is told, without its reason", async ({ alice }) => {
  await alice.open("refused at once");
  await alice.form.getByText("An error occurred while trying to fetch the command form").waitFor();
  assert.is(await alice.dialog.getByText("because I say so").count(), 0);
});

rule("an error later is shown as Completed, without its reason", async ({ alice }) => {
  await alice.open("refused later");
  await alice.press("Next");
  await alice.form.getByText("Completed").waitFor();
  assert.is(await alice.dialog.getByText("because I say so").count(), 0);
});

rule(
  "the title and the note of the first stage stay; those of later ones are not shown",
  async ({ alice }) => {
    await alice.open("two stages");
    await alice.instructed(/first/);
    assert.is(await alice.form.getByText("at first").count(), 1);
    await alice.press("Next");
    await alice.instructed(/second/);
    assert.is(await alice.form.locator("h6").innerText(), "First");
    assert.is(await alice.form.getByText("at first").count(), 1);
    assert.is(await alice.form.getByText("later").count(), 0);
  },
);

rule("prev submits nothing of what was filled in", async ({ alice, desk }) => {
  await alice.answer({ text: "kept nowhere" });
  await alice.press("Previous");
  await alice.form.getByText("Completed").waitFor();
  assert.is(desk.asked.at(-1)?.attrs["action"], "prev");
  assert.is(desk.asked.at(-1)?.getChild("x"), undefined);
});

rule("a sessionid that changes is not taken up", async ({ alice, desk }) => {
  await alice.open("another session");
  await alice.press("Next");
  await alice.instructed(/second/);
  await alice.press("Next");
  await alice.instructed(/third/);
  assert.is(desk.asked.at(-1)?.attrs["sessionid"], "one");
});

rule("of two forms in an answer none is shown", async ({ alice }) => {
  await alice.open("two forms");
  await alice.form.getByText("An error occurred while trying to fetch the command form").waitFor();
  assert.is(await alice.form.locator("input[name=text]").count(), 0);
});

rule("of two instructions only the first are shown", async ({ alice }) => {
  await alice.open("two instructions");
  await alice.instructed(/the one/);
  assert.is(await alice.form.getByText("the other").count(), 0);
});

rule("a table shows the first value of each cell", async ({ alice }) => {
  await alice.open("a table");
  assert.equal(await alice.table(), [["Who"], ["alice"], ["carol"]]);
});

rule("a table after a stage is not shown, the note beside it is", async ({ alice }) => {
  await alice.open("a table later");
  await alice.press("Next");
  await alice.told(/alice is there/);
  assert.is(await alice.form.locator("table").count(), 0);
});

rule("a completed answer without a form shows its note, at once and after a stage", async ({ alice }) => {
  await alice.open("a note");
  await alice.form.getByText("that was all").waitFor();
  await alice.open("a note later");
  await alice.press("Next");
  await alice.told(/that is done/);
});

rule(
  "an option without a value is submitted by its label, one of a blank as it is",
  async ({ alice, desk }) => {
    await alice.open("lists");
    await alice.form.locator("select[name=many]").waitFor();
    assert.is(await alice.form.getByText("one of these").count(), 0);
    await alice.press("Next");
    await alice.instructed(/second/);
    const { one, blank } = submittedIn(desk.asked.at(-1));
    assert.equal([one, blank], [["None"], [" "]]);
  },
);

rule("what is required need not be filled in, and a list has no description", async ({ desk }) => {
  assert.equal(submittedIn(desk.asked.at(-1))["many"], []);
});

test("the page on clients has these rules, and no others", () => {
  assert.equal(
    tableUnder("docs/clients.md", "Converse, rule by rule").map(([title]) => title),
    rules,
  );
});

test.run();

function submittedIn(asked: Element | undefined): Record<string, string[]> {
  const fields = asked?.getChild("x")?.getChildren("field") ?? [];
  return Object.fromEntries(
    fields.map((each) => [each.attrs["var"], each.getChildren("value").map((value) => value.text())]),
  );
}
