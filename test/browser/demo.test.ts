/**
 * The demo in a real browser: what a newcomer clicks, and what Converse then shows to them and to others.
 *
 * MILLINER_SCREENSHOTS names a folder to put the README's pictures into.
 */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type BrowserServer, serveBrowser } from "../../src/demo/browser-server.ts";
import { findConverse } from "../../src/demo/converse.ts";
import { type Stage, setStage } from "../../src/demo/stage.ts";
import { tableUnder } from "../support/markdown.ts";
import { type OpenBrowser, openBrowser } from "../support/chromium.ts";
import { Converse } from "../support/converse.ts";

interface Seen {
  stage: Stage;
  server: BrowserServer;
  browser: OpenBrowser;
  alice: Converse;
  bob: Converse;
  mallory: Converse;
}

const BOB = "bob@milliner.test";
const SCREENSHOTS = process.env.MILLINER_SCREENSHOTS;

const test = suite<Seen>("the demo in a browser");

test.before(async (context) => {
  const converse = findConverse();
  if (converse === undefined) throw new Error("Converse is not installed");
  context.stage = await setStage(() => undefined);
  context.server = await serveBrowser(converse, context.stage.scenery);
  context.browser = await openBrowser();
});
test.after(async ({ browser, server, stage }) => {
  await browser.close();
  await server.stop();
  await stage.clear();
});

test("one click logs the owner, a member and a guest in, each in a tab of their own", async (context) => {
  const { browser, server } = context;
  const front = await browser.context.newPage();
  await front.goto(server.address);
  for (const user of ["alice", "bob", "mallory"] as const) {
    const opened = browser.context.waitForEvent("page");
    await front.getByText(`Be ${user}`).click();
    context[user] = new Converse(await opened);
    await context[user].isIn(user);
  }
  await front.close();
});

test("the dialog of commands begins with the bot's, and a guest is offered none", async ({
  alice,
  mallory,
}) => {
  await alice.listCommands();
  assert.ok((await alice.commands()).includes("Give a hat"));
  await mallory.listCommands();
  assert.equal(await mallory.commands(), []);
  await mallory.close();
});

test("a mistake comes back with the form, its reason first and at its field, and all values kept", async ({
  alice,
}) => {
  await alice.open("Give a hat");
  await alice.answer({ user: [BOB], title: "Teacher" });
  assert.equal(await alice.buttons(), ["Complete", "Cancel"]);
  await picture(alice.page, "converse-give-a-hat");
  await alice.answer({ expires: "soon" });
  await alice.press("Complete");
  await alice.instructed(/^Not done\. Until: /);
  assert.ok(await alice.isSeenWith("Complete", /^Not done: “soon” is not understood/));
  assert.equal(await alice.chosen("user"), [BOB]);
  assert.is(await alice.form.locator("input[name=title]").inputValue(), "Teacher");
});

test("mended, it is done, and everybody sees the badge at once, at what was said before and among the details", async ({
  alice,
  bob,
  mallory,
}) => {
  await alice.answer({ expires: "" });
  await alice.press("Complete");
  await alice.told(/^bob@milliner\.test now has “Teacher”/);
  await alice.close();
  for (const person of [alice, bob, mallory]) await person.badge("bob", "Teacher").waitFor();
  assert.ok((await mallory.detailsOf("bob")).includes("Teacher"));
  assert.not.match(await alice.page.locator(".occupant-list").innerText(), "Teacher");
  await picture(bob.page, "converse-badge");
});

test("a line in the room takes the hat away and gives it back", async ({ alice, bob }) => {
  await alice.say("hats: take bob Teacher");
  await bob.badge("bob", "Teacher").waitFor({ state: "detached" });
  await alice.say("hats: give bob Teacher");
  await bob.badge("bob", "Teacher").waitFor();
});

test("who comes back sees the badge, too", async ({ mallory }) => {
  await mallory.page.reload();
  await mallory.isIn("mallory");
  await mallory.badge("bob", "Teacher").waitFor();
});

test("a table is read where it is the first answer", async ({ alice }) => {
  await alice.listCommands();
  await alice.open("Who wears what");
  const [head, row] = await alice.table();
  assert.equal(head, ["Who", "Hat", "Title", "Shown", "Required", "Until"]);
  assert.is(row?.[0], BOB);
  assert.equal(row?.slice(2), ["Teacher", "1", "0", ""]);
});

test("a table after a stage is read as text, since Converse shows no table there", async ({ alice }) => {
  await alice.open("Somebody's hats");
  await alice.answer({ user: [BOB] });
  await alice.press("Complete");
  await alice.told(/bob@milliner\.test has 1 hat .*:\s+bob@milliner\.test: Teacher/s);
});

test("prev leads back to what was chosen, and forth again to what is worn", async ({ alice }) => {
  await alice.open("Set somebody's hats");
  await alice.answer({ user: [BOB] });
  assert.equal(await alice.buttons(), ["Next", "Cancel"]);
  await alice.press("Next");
  await alice.instructed(/^This is about bob@milliner\.test\. Choose all the hats/);
  assert.equal(await alice.buttons(), ["Previous", "Complete", "Cancel"]);
  await alice.press("Previous");
  await alice.instructed(/^Choose whose hats to set/);
  assert.equal(await alice.chosen("user"), [BOB]);
  await alice.press("Next");
  await alice.instructed(/^This is about bob@milliner\.test\. Choose all the hats/);
  assert.is((await alice.chosen("hats")).length, 1);
});

test("choosing nothing takes the hat off, and the badge goes", async ({ alice, bob }) => {
  await alice.answer({ hats: [] });
  await alice.press("Complete");
  await alice.told(/^bob@milliner\.test no longer has “Teacher”/);
  await bob.badge("bob", "Teacher").waitFor({ state: "detached" });
});

test("what is cancelled is forgotten", async ({ alice }) => {
  await alice.open("Give a hat");
  await alice.press("Cancel");
  await alice.form.waitFor({ state: "detached" });
});

test("the page on clients tells of this Converse", () => {
  const named = tableUnder("docs/clients.md", "Converse, step by step").map(([name, version]) => [
    name,
    version,
  ]);
  for (const each of named) assert.equal(each, ["Converse", findConverse()?.version]);
});

test("nothing but the demo itself was reached", ({ browser, server, stage }) => {
  const own = [new URL(server.address).host, new URL(stage.scenery.websocket).host];
  assert.equal([...browser.reached].toSorted(), own.toSorted());
});

test.run();

async function picture(page: Converse["page"], name: string): Promise<void> {
  if (SCREENSHOTS !== undefined) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
