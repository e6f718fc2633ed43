/** The scenario of docs/clients.md by Poezio in a terminal, in its windows for commands and forms. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eachServer } from "../support/servers.ts";
import { appointAlice, type ClientLab, ONE_KIND, startClientLab } from "./support/client-lab.ts";
import { clientRows } from "./support/client-rows.ts";
import type { Terminal } from "./support/terminal.ts";
import { startPoezio } from "./support/terminal-clients.ts";

interface Scene {
  lab: ClientLab;
  alice: Terminal;
  team: string;
}

/** A form that is drawn to its end; each begins with its title. */
const ROOM_FORM = /Room [^]*Ctrl\+Y: send form/;
const LIST = /desk-status/;
const WHOLE_FORM = "[^]*Reason[^]*Ctrl\\+Y: send form";
/** The fields of the form, from the first, by the keys that lead there. */
const FIELDS = ["Who", "Hat", "Title", "Until", "Shown", "Required", "Reason"] as const;

eachServer((kind) => {
  const story = suite<Scene>(`Poezio on ${kind}`);
  const rows = clientRows("Poezio", "poezio");
  let selected = 0;

  story.before(async (scene) => {
    scene.lab = await startClientLab(kind);
    await appointAlice(scene.lab);
    scene.team = scene.lab.room("team");
    scene.alice = await startPoezio(scene.lab.server, "alice");
    await scene.alice.shows(/Your JID is/);
  });
  story.after(async ({ alice, lab }) => {
    await alice.close();
    await lab.stop();
  });

  /* Chooses a command in the window that lists them, and sends the form that asks for the room, with team chosen. */
  async function startInTeam(alice: Terminal, node: string): Promise<void> {
    const nodes = nodesIn(await alice.shows(LIST));
    const wanted = nodes.indexOf(node);
    const key = wanted > selected ? "Down" : "Up";
    for (let steps = Math.abs(wanted - selected); steps > 0; steps -= 1) await alice.press(key);
    selected = wanted;
    await alice.showsInColour(selectedRow(node));
    await alice.press("Enter");
    await alice.shows(ROOM_FORM);
    await alice.press("C-y");
  }

  story("discovers the commands by node and name", async ({ alice, lab }) => {
    await alice.type("/");
    await alice.shows(/│\/$/m);
    await alice.enter(`ad-hoc ${lab.desk}`);
    const list = await alice.shows(LIST);
    const names = [...list.matchAll(/(?:add-user-hat|list-room-hats|my-hats) {2,}(.*)/g)];
    rows.note("discover", names.map(([, name]) => `“${name}”`).join(", "), "good");
  });

  story("is asked for the room, the first being chosen, and for the rest", async ({ alice, team }) => {
    await alice.press("Enter");
    const room = await alice.shows(ROOM_FORM);
    assert.match(room, team);
    rows.note("give: room", `“${titleOf(room)}” Room; no instructions`, "usable");
    rows.note("mistake: Room", "nothing but the rooms can be chosen", "good");
    await alice.press("C-y");
    const rest = await alice.shows(new RegExp(`Give a hat\\n${WHOLE_FORM}`));
    const labels = FIELDS.filter((label) => new RegExp(`│${label}\\b`).test(rest));
    rows.note("give: the rest", `“${titleOf(rest)}” ${labels.join(", ")}; no instructions`, "usable");
  });

  story("a missing person brings the form again, with the reason in the title", async ({ alice }) => {
    await alice.press("C-y");
    const again = await alice.shows(new RegExp(`Not done\\. Who: ${WHOLE_FORM}`));
    rows.note("mistake: Who", `“${titleOf(again)}”`, "good");
    rows.note("mistake: Hat", "nothing but what is offered can be chosen", "good");
    await alice.press("Space");
    await alice.shows(/✔/);
  });

  for (const [label, wrong, right] of [
    ["Title", "x".repeat(300), "Teacher"],
    ["Until", "whenever", ""],
    ["Reason", "x".repeat(1100), ""],
  ] as const) {
    story(
      `a mistake in ${label} brings the form again, with the reason and what was right`,
      async ({ alice }) => {
        await goTo(alice, label);
        await alice.type(wrong);
        await alice.shows(new RegExp(`${wrong.slice(0, 8)}[^]*Edit the text`));
        await alice.press("C-y");
        const again = await alice.shows(new RegExp(`Not done\\. ${label}: ${WHOLE_FORM}`));
        assert.match(again, /✔/);
        rows.note(`mistake: ${label}`, `“${titleOf(again)}”`, "good");
        await goTo(alice, label);
        /* A text is entered at its beginning. */
        await alice.press("C-k");
        await alice.shows(new RegExp(`│${label}\\n`));
        await alice.type(right);
        await alice.shows(new RegExp(`│${label} *${right}\\n`));
        for (let steps = FIELDS.indexOf(label); steps > 0; steps -= 1) await alice.press("Up");
        await alice.shows(/Space: select or deselect/);
      },
    );
  }

  story("has no way back", async ({ alice }) => {
    assert.match(await alice.shows(/Ctrl/), "Ctrl+Y: send form, Ctrl+G: cancel");
    rows.note("go back", "no way back; whoever wants one begins anew", "cannot");
  });

  story("gives the hat, and tells so in a line of information", async ({ alice }) => {
    await alice.press("C-y");
    const end = await alice.shows(/now has[^]*“Enter”/);
    rows.note("complete", `“${/completed: (.*)/.exec(end)?.[1] ?? ""}”, among the information`, "good");
  });

  story("shows the title of a table and nothing else", async ({ alice }) => {
    await startInTeam(alice, "list-room-hats");
    const list = await alice.shows(/Who wears what in[^]*Ctrl\+Y/);
    assert.not.match(list, "Teacher");
    rows.note("list", `“${titleOf(list)}” and nothing below it`, "cannot");
    await alice.press("C-y");
  });

  story("shows the own hats", async ({ alice }) => {
    await startInTeam(alice, "my-hats");
    const form = await alice.shows(/Hats to wear[^]*Ctrl\+Y/);
    assert.match(form, "Teacher");
    rows.note("my hats", `“${titleOf(form)}” Hats to wear; no instructions`, "usable");
    await alice.press("Space");
    await alice.shows(/☐/);
    await alice.press("C-y");
    const end = await alice.shows(/You no longer[^]*“Enter”/);
    rows.note(
      "my hats: wear none",
      `“${/completed: (.*)/.exec(end)?.[1] ?? ""}”, among the information`,
      "good",
    );
  });

  story("cancels", async ({ alice }) => {
    await alice.press("Enter");
    await alice.shows(ROOM_FORM);
    await alice.press("C-g");
    await alice.shows(LIST);
    rows.note("cancel", "the list of commands", "good");
  });

  story("the table says so, and no more", () => rows.assertDocumented());

  story.run();
}, ONE_KIND);

/* From the first field, which is where a form begins. */
async function goTo(alice: Terminal, label: (typeof FIELDS)[number]): Promise<void> {
  for (let steps = FIELDS.indexOf(label); steps > 0; steps -= 1) await alice.press("Down");
  await alice.shows(/Edit the text/);
}

/* The selected row has the blue of Poezio's own theme. */
function selectedRow(node: string): RegExp {
  return new RegExp(`${String.fromCharCode(27)}\\[44m${node} `);
}

function nodesIn(screen: string): string[] {
  return [...screen.matchAll(/│([a-z]+(?:-[a-z]+)*) {2,}\S/g)].map(([, node]) => node ?? "");
}

function titleOf(screen: string): string {
  return /│(.*)/.exec(screen)?.[1] ?? "";
}
