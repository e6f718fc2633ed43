/**
 * The scenario that every client plays, for those that are driven by calls: each test notes its rows of docs/clients.md.
 *
 * Step by step through the real desk: discover, give a hat with a mistake in each field, go back, complete, list, the
 * own hats, cancel.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ServerKind, TestServer } from "../../../src/testing/index.ts";
import { ClientRefusal } from "../../support/json-client.ts";
import type { AdhocUser, FormValues, SeenStage } from "../../support/slixmpp.ts";
import { appointAlice, type ClientLab, startClientLab } from "./client-lab.ts";
import { clientRows } from "./client-rows.ts";

/** A client that plays the scenario. */
export interface Player {
  /** As docs/clients.md names it. */
  readonly client: string;
  readonly debianPackage: string;
  start(server: TestServer, user: string): Promise<AdhocUser>;
  /** Whether it sends a form in which something required is missing. */
  readonly sendsWithoutRequired: boolean;
}

interface Scene {
  lab: ClientLab;
  alice: AdhocUser;
  team: string;
  people: readonly string[];
}

/** What is wrong in each field that one can get wrong; `Shown` and `Required` are yes or no in every client. */
const MISTAKES: readonly (readonly [label: string, wrong: FormValues])[] = [
  ["Hat", { hat: "teacher" }],
  ["Title", { title: "x".repeat(300) }],
  ["Until", { expires: "whenever" }],
  ["Reason", { reason: "x".repeat(2000) }],
];

/** Defines the scenario's tests for one client on one kind of server. */
export function playScenario(player: Player, kind: ServerKind): void {
  const { client, debianPackage, sendsWithoutRequired } = player;
  const story = suite<Scene>(`${client} on ${kind}`);
  const rows = clientRows(client, debianPackage);

  story.before(async (scene) => {
    const lab = await startClientLab(kind);
    await appointAlice(lab);
    scene.lab = lab;
    scene.team = lab.room("team");
    scene.people = [lab.jid("alice"), lab.jid("bob")];
    scene.alice = await player.start(lab.server, "alice");
  });
  story.after(async ({ alice, lab }) => {
    await alice.close();
    await lab.stop();
  });

  story("discovers the commands by their names", async ({ alice, lab }) => {
    const { commands } = await alice.discover(lab.desk);
    const named = ["add-user-hat", "list-room-hats", "my-hats"].map(
      (wanted) => commands.find(({ node }) => node === wanted)?.name ?? "",
    );
    rows.note("discover", named.map((name) => `“${name}”`).join(", "), "good");
  });

  story("is asked for the room, and then for the rest", async ({ alice, lab, team }) => {
    rows.note("give: room", describe(await alice.start(lab.desk, "add-user-hat")), "good");
    const nowhere = await alice.go("next", { room: lab.server.room("nowhere") });
    rows.note("mistake: Room", reasonIn(nowhere), "good");
    rows.note("give: the rest", describe(await alice.go("next", { room: team })), "good");
  });

  story("is told of a missing person, or does not send the form at all", async ({ alice, people }) => {
    const nobody = { user: [], title: "Teacher" };
    if (sendsWithoutRequired) {
      rows.note("mistake: Who", reasonIn(await alice.go("complete", nobody)), "good");
    } else {
      const refusal = await alice.go("complete", nobody).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.instance(refusal, ClientRefusal);
      assert.is((refusal as ClientRefusal).condition, "invalid");
      rows.note("mistake: Who", "nothing can be sent before somebody is chosen", "good");
    }
    assert.is(people.length, 2);
  });

  for (const [label, wrong] of MISTAKES) {
    story(
      `a mistake in ${label} brings the form again, with the reason and what was right`,
      async (scene) => {
        const again = await scene.alice.go("complete", {
          user: scene.people,
          hat: " ",
          title: "Teacher",
          expires: "",
          reason: "",
          ...wrong,
        });
        assert.is(again.status, "executing");
        assert.equal(valueOf(again, "user"), scene.people);
        rows.note(`mistake: ${label}`, reasonIn(again), "good");
      },
    );
  }

  story("goes back with the values kept, and forth again", async ({ alice, team }) => {
    const back = await alice.go("prev");
    assert.is(valueOf(back, "room"), team);
    rows.note("go back", describe(back), "good");
    const forth = await alice.go("next", { room: team });
    assert.is(forth.status, "executing");
  });

  story("gives the hat to two people", async ({ alice, people }) => {
    const end = await alice.go("complete", {
      user: people,
      hat: " ",
      title: "Teacher",
      reason: "",
      expires: "",
    });
    rows.note("complete", describe(end), "good");
  });

  story("lists who wears what", async ({ alice, lab, team }) => {
    await alice.start(lab.desk, "list-room-hats");
    const list = await alice.go("next", { room: team });
    assert.equal(
      list.form?.items.map(({ title }) => title),
      ["Teacher", "Teacher"],
    );
    rows.note("list", describe(list), "good");
  });

  story("chooses which of the own hats to wear", async ({ alice, lab, team }) => {
    await alice.start(lab.desk, "my-hats");
    const mine = await alice.go("next", { room: team });
    const [worn] = valueOf(mine, "shown-hats") as readonly string[];
    assert.ok(worn);
    rows.note("my hats", describe(mine), "good");
    const none = await alice.go("complete", { "shown-hats": [] });
    rows.note("my hats: wear none", describe(none), "good");
  });

  story("cancels", async ({ alice, lab }) => {
    await alice.start(lab.desk, "add-user-hat");
    const { status } = await alice.go("cancel");
    rows.note("cancel", status, "good");
  });

  story("the table says so, and no more", () => rows.assertDocumented());

  story.run();
}

/* What a person sees of a stage, in a line. */
function describe({ form, notes, actions, status }: SeenStage): string {
  const said = notes.map(({ text }) => `“${text}”`);
  if (form === null) return said.join(" ");
  if (form.reported.length > 0) {
    const columns = form.reported.join(", ");
    return `“${form.title}”, a table of ${columns}; beside it ${said.join(" ")}`;
  }
  const labels = form.fields.filter(({ type }) => type !== "hidden").map(({ label }) => label);
  const buttons =
    status === "executing" ? `; buttons ${actions.filter((name) => name !== "cancel").join(", ")}` : "";
  return `“${form.instructions}” ${labels.join(", ")}${buttons}`;
}

/* The first sentences of the instructions. */
function reasonIn({ form, status }: SeenStage): string {
  assert.is(status, "executing");
  return `“${form?.instructions.replace(/\.? Choose .*/s, ".") ?? ""}”`;
}

function valueOf({ form }: SeenStage, name: string): unknown {
  return form?.fields.find((field) => field.var === name)?.value;
}
