/**
 * The scenario of docs/clients.md by Profanity in a terminal, in a chat window with the desk.
 *
 * Left out, because it is Profanity's own: it takes a note for a format, so that a per cent sign in a title comes out wrong.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eachServer } from "../support/servers.ts";
import { appointAlice, type ClientLab, ONE_KIND, startClientLab } from "./support/client-lab.ts";
import { clientRows } from "./support/client-rows.ts";
import type { Terminal } from "./support/terminal.ts";
import { startProfanity } from "./support/terminal-clients.ts";

interface Scene {
  lab: ClientLab;
  alice: Terminal;
  team: string;
}

const CHAT = "/win 2";
const FORM_IS_THERE = /See '\/form help' for more information\./;

eachServer((kind) => {
  const story = suite<Scene>(`Profanity on ${kind}`);
  const rows = clientRows("Profanity", "profanity");

  story.before(async (scene) => {
    scene.lab = await startClientLab(kind);
    await appointAlice(scene.lab);
    scene.team = scene.lab.room("team");
    scene.alice = await startProfanity(scene.lab.server, "alice");
    await scene.alice.shows(/logged in successfully/);
    await scene.alice.enter(`/msg ${scene.lab.desk}`);
    await scene.alice.shows(/\[unencrypted\]/);
  });
  story.after(async ({ alice, lab }) => {
    await alice.close();
    await lab.stop();
  });

  story("discovers the commands by their nodes", async ({ alice }) => {
    await alice.enter("/cmd list");
    const nodes = (await alice.shows(/! {3}undo\n/)).match(
      /(?<=! {3})(add-user-hat|list-room-hats|my-hats)$/gm,
    );
    rows.note("discover", nodes?.join(", ") ?? "", "usable");
  });

  story("is asked for the room, whose choices the help on the field tells", async ({ alice, lab }) => {
    await alice.enter("/cmd exec add-user-hat");
    const form = await alice.shows(FORM_IS_THERE);
    assert.not.ok(form.includes(lab.room("team")));
    await alice.enter("/form help field1");
    await alice.shows(new RegExp(lab.room("other")));
    rows.note("give: room", `${describe(form)}; what to choose from by /form help field1`, "usable");
  });

  story("takes nothing for a room that is not to choose", async ({ alice, lab }) => {
    await alice.enter(`/field1 ${lab.server.room("nowhere")}`);
    await alice.shows(/Invalid command/);
    await alice.enter("/form submit");
    rows.note("mistake: Room", reasonIn(await alice.shows(/: Not done\. Room[^]*See '\/form/)), "good");
  });

  story("is asked for the rest", async ({ alice, team }) => {
    await alice.enter(`/field1 ${team}`);
    await alice.enter("/form submit");
    const form = await alice.shows(/Reason:[^]*See '\/form/);
    assert.match(form, "[ ] A new hat");
    rows.note("give: the rest", `${describe(form)}; whom to choose by /form help field1`, "usable");
  });

  for (const [label, fill, mend] of [
    ["Who", "/field3 Teacher", "/field1 add bob@milliner.test"],
    ["Title", `/field3 ${"x".repeat(300)}`, "/field3 Teacher"],
    ["Until", "/field4 whenever", "/field4 7d"],
    ["Reason", `/field7 ${"x".repeat(1100)}`, "/field7 because"],
  ] as const) {
    story(`a mistake in ${label} brings the form again, with the reason`, async ({ alice }) => {
      await alice.enter(fill);
      await alice.enter("/form submit");
      const again = await alice.shows(new RegExp(`: Not done\\. ${label}: [^]*See '/form`));
      if (label !== "Who") assert.match(again, "[bob@milliner.test]");
      rows.note(`mistake: ${label}`, reasonIn(again), "good");
      await alice.enter(mend);
    });
  }

  story("takes no hat that is not to choose, and has no way back", async ({ alice }) => {
    await alice.enter("/field2 teacher");
    const help = await alice.shows(/Invalid command[^]*Hat:/);
    rows.note("mistake: Hat", "takes nothing but what is to choose", "good");
    assert.match(help, "Use '/form submit' to save changes");
    assert.not.match(help, /prev|back/i);
    rows.note("go back", "no way back; whoever wants one begins anew", "cannot");
  });

  story("gives the hat, and tells so in the chat window", async ({ alice }) => {
    await alice.enter("/form submit");
    await alice.shows(/Profanity\. Type/);
    await alice.enter(CHAT);
    const chat = await alice.shows(/add-user-hat completed\n.*now has/);
    rows.note(
      "complete",
      `“${/! (bob@.*) until /.exec(chat)?.[1] ?? ""} until …”, in the chat window`,
      "good",
    );
  });

  story("lists who wears what, as text in the chat window", async ({ alice, team }) => {
    await alice.enter("/cmd exec list-room-hats");
    await alice.shows(FORM_IS_THERE);
    await alice.enter(`/field1 ${team}`);
    await alice.enter("/form submit");
    const window = await alice.shows(/Form title: Who wears what in/);
    assert.not.ok(window.includes("Teacher"));
    await alice.enter(CHAT);
    const chat = await alice.shows(/list-room-hats completed\n[^]*Teacher, until/);
    const text = /! (Who wears what in [^]*: Teacher), until/.exec(chat)?.[1] ?? "";
    rows.note(
      "list",
      `“${text}, until …”, in the chat window; a window with the title alone opens before it`,
      "usable",
    );
  });

  story("shows the own hats", async ({ alice, lab, team }) => {
    await lab.bot.desk.addUserHat(lab.jid("alice"), team, "urn:x:baker", { title: "Baker", active: true });
    await alice.enter("/cmd exec my-hats");
    await alice.shows(/Form title: My hats[^]*See '\/form/);
    await alice.enter(`/field1 ${team}`);
    await alice.enter("/form submit");
    const form = await alice.shows(/Hats to wear[^]*See '\/form/);
    assert.match(form, "[urn:x:baker] Baker");
    rows.note("my hats", describe(form), "good");
    await alice.enter("/field1 remove urn:x:baker");
    await alice.enter("/form submit");
    await alice.shows(/Profanity\. Type/);
    await alice.enter(CHAT);
    const chat = await alice.shows(/my-hats completed\n.*You no longer/);
    rows.note(
      "my hats: wear none",
      `“${/! (You no longer.*)/.exec(chat)?.[1] ?? ""}”, in the chat window`,
      "good",
    );
  });

  story("cancels without telling the desk", async ({ alice }) => {
    await alice.enter("/cmd exec my-hats");
    await alice.shows(FORM_IS_THERE);
    await alice.enter("/form cancel");
    await alice.shows(/Profanity\. Type/);
    await alice.enter(CHAT);
    const chat = await alice.shows(/my-hats executing\n(?![^]*my-hats completed)/);
    assert.not.match(chat, /canceled/);
    rows.note("cancel", "closes the form and tells nobody; the desk's session ends by itself", "usable");
  });

  story("the table says so, and no more", () => rows.assertDocumented());

  story.run();
}, ONE_KIND);

/* Title, instructions and labels of a form. */
function describe(screen: string): string {
  const instructions = /instructions:\n\S+ - (.*)/.exec(screen)?.[1] ?? "";
  const labels = [...screen.matchAll(/\[field\d+\] ([^:(]*)( \(required\))?:/g)].map(([, label]) => label);
  return `“${instructions}” ${labels.join(", ")}`;
}

function reasonIn(screen: string): string {
  return `“${/Form title: .*?: (Not done.*)/.exec(screen)?.[1] ?? ""}”`;
}
