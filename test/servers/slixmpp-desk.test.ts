/**
 * The desk as a foreign client uses it: everything an admin does and sees goes through slixmpp, none of it through code
 * of ours.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Lab, type ServerKind, startLab } from "../../src/testing/index.ts";
import { MODULE_KINDS } from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";
import { type SeenPresence, SlixmppError, type Slixmpp, startSlixmpp } from "../support/slixmpp.ts";

interface Scene {
  lab: Lab<"team">;
  room: string;
  desk: string;
  bob: string;
  alice: Slixmpp;
  carol: Slixmpp;
}

/** Where a kind of server shows hats: in the wearer's presence, in either namespace, or in the bot's. */
type Shown = "hats" | "legacyHats" | "wearers";

eachServer((kind) => {
  if (MODULE_KINDS.includes(kind)) {
    tellStory(kind, `${kind} with the module`, "hats");
    tellStory(kind, `${kind} without the module`, "wearers");
  } else {
    tellStory(kind, kind, kind === "ejabberd-23" ? "legacyHats" : "hats");
  }
});

function tellStory(kind: ServerKind, where: string, shown: Shown): void {
  const story = suite<Scene>(`slixmpp and the desk on ${where}`);

  story.before(async (scene) => {
    const lab = await startLab({
      server: kind,
      roomHats: shown !== "wearers",
      rooms: { team: { owner: "owner", admins: ["alice"], members: ["bob"] } },
      accounts: ["alice", "carol", "eve"],
      desk: { nick: "desk" },
    });
    scene.lab = lab;
    scene.room = lab.room("team");
    scene.desk = lab.desk;
    scene.bob = lab.jid("bob");
    scene.alice = await startSlixmpp(lab.server, "alice");
    scene.carol = await startSlixmpp(lab.server, "carol");
    await scene.carol.join(scene.room, "carol");
  });

  story.after(async ({ alice, carol, lab }) => {
    await alice.close();
    await carol.close();
    await lab.stop();
  });

  story("the bot is found as a bot with commands", async ({ alice, desk }) => {
    const { identities, features, commands } = await alice.discover(desk);
    assert.ok(identities.some((identity) => identity.join("/") === "client/bot"));
    assert.ok(features.includes("http://jabber.org/protocol/commands"));
    assert.ok(commands.some(({ node, name }) => node === "add-user-hat" && name === "Give a hat"));
  });

  story("a hat is given step by step, with a mistake, and the room sees it", async (scene) => {
    const { alice, carol, desk, bob } = scene;
    const first = await alice.start(desk, "add-user-hat");
    assert.is(first.status, "executing");
    const asked = first.form?.fields.map((field) => field.var) ?? [];
    assert.ok(asked.includes("user") && asked.includes("title"), asked.join());
    const again = await alice.go("next", { user: [bob], title: "" });
    assert.is(again.status, "executing");
    assert.is(again.sessionid, first.sessionid);
    assert.match(again.form?.instructions ?? "", /hat/i);
    const kept = again.form?.fields.find((field) => field.var === "user")?.value;
    assert.equal(kept, [bob]);
    const end = await alice.go("next", { user: [bob], title: "Teacher" });
    assert.is(end.status, "completed");
    assert.match(readable(end), /Teacher/);
    await carol.nextPresence((presence) => titlesOf(scene, presence, shown).join() === "Teacher");
  });

  story("prev goes back with the values kept, and cancel ends it", async ({ alice, desk, bob }) => {
    const people = await alice.start(desk, "set-user-hats");
    assert.is(people.status, "executing");
    const hats = await alice.go("next", { user: [bob] });
    assert.is(hats.status, "executing");
    assert.ok(hats.actions.includes("prev"), hats.actions.join());
    assert.equal(
      hats.form?.fields.find((field) => field.var === "hats")?.options.map(({ label }) => label),
      ["Teacher"],
    );
    const back = await alice.go("prev");
    assert.equal(back.form?.fields.find((field) => field.var === "user")?.value, [bob]);
    assert.is((await alice.go("cancel")).status, "canceled");
  });

  story("a table is read, and a script gives a second hat in one stanza", async (scene) => {
    const { alice, carol, desk, room, bob } = scene;
    const given = await alice.start(desk, "add-user-hat", { room, user: [bob], title: "On call" });
    assert.is(given.status, "completed");
    await carol.nextPresence(
      (presence) => titlesOf(scene, presence, shown).toSorted().join() === "On call,Teacher",
    );
    const table = await alice.start(desk, "list-room-hats", { room });
    assert.is(table.status, "completed");
    assert.ok(table.form?.reported.includes("title"));
    assert.equal(table.form?.items.map(({ title }) => title).toSorted(), ["On call", "Teacher"]);
  });

  story("all hats are taken in one stanza, and the room shows none", async (scene) => {
    const { alice, carol, desk, room, bob } = scene;
    const end = await alice.start(desk, "set-user-hats", { room, user: [bob], hats: [""] });
    assert.is(end.status, "completed");
    await carol.nextPresence(
      (presence) => isAboutBob(scene, presence, shown) && titlesOf(scene, presence, shown).length === 0,
    );
  });

  story("a hat is retired after a confirmation that has nothing to fill out", async (scene) => {
    const { alice, carol, desk, room, bob } = scene;
    await alice.start(desk, "add-user-hat", { room, user: [bob], title: "On call" });
    await carol.nextPresence((presence) => titlesOf(scene, presence, shown).join() === "On call");
    const first = await alice.start(desk, "retire-hat");
    const [hats] = first.form?.fields.filter((field) => field.var === "hat") ?? [];
    const hat = hats?.options.find(({ label }) => label === "On call")?.value ?? "";
    const confirm = await alice.go("next", { hat });
    assert.is(confirm.status, "executing");
    assert.match(confirm.form?.instructions ?? "", new RegExp(`^Wearers of “On call”: ${bob}`));
    assert.is((await alice.go("complete", {})).status, "completed");
    await carol.nextPresence(
      (presence) => isAboutBob(scene, presence, shown) && titlesOf(scene, presence, shown).length === 0,
    );
  });

  story("a stranger is refused and told nothing", async ({ lab, desk, room, bob }) => {
    const eve = await startSlixmpp(lab.server, "eve");
    assert.equal((await eve.discover(desk)).commands, []);
    const error = await eve
      .start(desk, "add-user-hat", { room, user: [bob], title: "Fool" })
      .catch((reason: unknown) => reason);
    assert.instance(error, SlixmppError);
    assert.is((error as SlixmppError).condition, "forbidden");
    await eve.close();
  });

  story.run();
}

/* Whatever the answer carries for people to read. */
function readable({ notes, form }: { notes: readonly { text: string }[]; form: unknown }): string {
  return JSON.stringify([notes, form]);
}

function isAboutBob({ room }: Scene, { from }: SeenPresence, shown: Shown): boolean {
  return from === `${room}/${shown === "wearers" ? "desk" : "bob"}`;
}

function titlesOf(scene: Scene, presence: SeenPresence, shown: Shown): string[] {
  if (!isAboutBob(scene, presence, shown)) return [];
  const hats =
    shown === "wearers" ? (presence.wearers.find(({ nick }) => nick === "bob")?.hats ?? []) : presence[shown];
  return hats.map(({ title }) => title ?? "");
}
