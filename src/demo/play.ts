/** The life of a hat: given step by step, seen by everybody, joined late, set, refused, taken. */
import {
  buildCommandRequest,
  type Action,
  type CommandResponse,
  parseCommandResponse,
} from "../stanza/command.ts";
import { buildSubmission, FORM_TYPE, parseForm, parseTable } from "../stanza/data-form.ts";
import { parseHats } from "../stanza/hats.ts";
import { NS_COMMANDS, NS_MILLINER } from "../stanza/namespaces.ts";
import { parseStanzaError } from "../stanza/stanza-error.ts";
import { xml } from "../stanza/xml.ts";
import type { TestClient } from "../testing/index.ts";
import type { Stage } from "./stage.ts";

type Fields = Readonly<Record<string, string>>;

/** Plays it all; rejects when something was not seen. */
export async function play(stage: Stage): Promise<void> {
  const { alice, carol, mallory, room, say } = stage;
  const bob = stage.bob.bareJid;

  say("\n1. alice gives bob a hat, step by step, as her client would show it.");
  await giveStepByStep(stage, { user: bob, title: "Teacher" });
  await sees(stage, carol, "carol", ["Teacher"]);

  say("\n2. dave comes in late, and sees it at once.");
  const dave = await stage.late();
  await sees(stage, dave, "dave", ["Teacher"]);

  say("\n3. alice gives another one, in one stanza, as a script does.");
  await runs(stage, alice, "add-user-hat", { room, user: bob, title: "On call" });
  await sees(stage, carol, "carol", ["On call", "Teacher"]);

  say("\n4. mallory tries as well.");
  const refused = await ask(mallory, stage.desk, "add-user-hat", { room, user: bob, title: "Fool" }).catch(
    (error: Error) => error,
  );
  if (!(refused instanceof Error)) throw new Error("mallory was let in");
  say(`   mallory is told: ${refused.message}`);

  say("\n5. carol asks who wears what.");
  for (const { user, title } of rowsOf(await ask(carol, stage.desk, "list-room-hats", { room })))
    say(`   ${user} wears ${title}`);

  say("\n6. alice takes the first hat away.");
  const teacher = await findHat(stage, "Teacher");
  await runs(stage, alice, "remove-user-hat", { room, user: bob, hat: teacher });
  await sees(stage, carol, "carol", ["On call"]);

  say("\n7. alice sets bob's hats to none.");
  await runs(stage, alice, "set-user-hats", { room, user: bob, hats: "" });
  await sees(stage, carol, "carol", []);

  say("\nEvery step was seen in the room.");
}

/* Fills each form that comes with what it asks for, until there is nothing more to ask. */
async function giveStepByStep(stage: Stage, answers: Fields): Promise<void> {
  let response = await step(stage.alice, stage.desk, { node: "add-user-hat" });
  while (response.status === "executing") {
    const form = parseForm(response.payload ?? xml("x"));
    stage.say(`   the desk asks: ${form.title ?? ""}`);
    const asked = form.fields.filter(({ var: name }) => name in answers);
    for (const field of asked) stage.say(`      ${field.label ?? field.var}: ${answers[field.var]}`);
    const fields = Object.fromEntries(asked.map(({ var: name }) => [name, answers[name] ?? ""]));
    const { node, sessionid } = response;
    response = await step(stage.alice, stage.desk, { node, sessionid, action: "execute" }, fields);
  }
  tellNotes(stage, response);
}

async function runs(stage: Stage, person: TestClient, node: string, fields: Fields): Promise<void> {
  stage.say(
    `   ${node} ${Object.entries(fields)
      .map((pair) => pair.join("="))
      .join(" ")}`,
  );
  tellNotes(stage, await ask(person, stage.desk, node, fields));
}

function tellNotes(stage: Stage, { notes }: CommandResponse): void {
  for (const { text } of notes) stage.say(`   the desk answers: ${text}`);
}

function ask(person: TestClient, desk: string, node: string, fields: Fields): Promise<CommandResponse> {
  return step(person, desk, { node, action: "execute" }, fields);
}

async function step(
  person: TestClient,
  desk: string,
  request: { readonly node: string; readonly sessionid?: string; readonly action?: Action },
  fields?: Fields,
): Promise<CommandResponse> {
  const values = Object.entries(fields ?? {}).map(([name, value]) => [name, [value]] as const);
  const form = fields && buildSubmission(new Map([[FORM_TYPE, [NS_MILLINER]], ...values]));
  const answer = await person.request(
    xml("iq", { type: "set", to: desk }, buildCommandRequest(request, form)),
  );
  if (answer.attrs["type"] === "error") throw parseStanzaError(answer);
  const command = answer.getChild("command", NS_COMMANDS);
  const response = command && parseCommandResponse(command);
  if (response === undefined) throw new Error("the answer is no command");
  return response;
}

/* Waits until the room shows exactly these titles on bob to this person. */
async function sees(
  stage: Stage,
  person: TestClient,
  name: string,
  titles: readonly string[],
): Promise<void> {
  const wanted = titles.join(", ");
  await person.next((stanza) => {
    if (stanza.name !== "presence" || stanza.attrs["from"] !== `${stage.room}/bob`) return false;
    const shown = parseHats(stanza).map(({ title }) => title);
    return shown.join(", ") === wanted;
  });
  stage.say(`   ${name} sees: bob wears ${wanted === "" ? "nothing" : wanted}`);
}

async function findHat(stage: Stage, title: string): Promise<string> {
  const rows = rowsOf(await ask(stage.alice, stage.desk, "list-hats", { room: stage.room }));
  const hat = rows.find((row) => row["title"] === title)?.["hat"];
  if (hat === undefined) throw new Error(`there is no hat ${title}`);
  return hat;
}

/* The rows of a table, their cells by the var of the column. */
function rowsOf({ payload }: CommandResponse): Record<string, string>[] {
  const { columns = [], rows = [] } = (payload && parseTable(payload)) ?? {};
  return rows.map((cells) => Object.fromEntries(columns.map(({ var: name }, at) => [name, cells[at] ?? ""])));
}
