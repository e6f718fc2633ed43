/**
 * The desk as a foreign client uses it: everything an admin does and sees goes through slixmpp, none of it through code
 * of ours.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { registerAndConnect, startServer, type TestServer } from "../../src/testing/index.ts";
import { startPlayedBot } from "../support/conversation-bot.ts";
import type { PlayedBot } from "../support/conversation-world.ts";
import { MODULE_KINDS, startHatServer } from "../support/hat-room.ts";
import { eachServer } from "../support/servers.ts";
import { type SeenPresence, SlixmppError, type Slixmpp, startSlixmpp } from "../support/slixmpp.ts";

interface Scene {
  server: TestServer;
  room: string;
  bob: string;
  bot: PlayedBot;
  alice: Slixmpp;
  carol: Slixmpp;
}

/** Where a kind of server shows hats: in the wearer's presence, in either namespace, or in the bot's. */
type Shown = "hats" | "legacyHats" | "wearers";

eachServer((kind) => {
  if (MODULE_KINDS.includes(kind)) {
    tellStory(`${kind} with the module`, () => startHatServer({ kind }), "hats");
    tellStory(`${kind} without the module`, () => startServer({ kind }), "wearers");
  } else {
    /* Before 26.01 a room's hats are off unless somebody switches them on. */
    const ejabberd = { roomOptions: { enable_hats: true } };
    tellStory(kind, () => startServer({ kind, ejabberd }), kind === "ejabberd-23" ? "legacyHats" : "hats");
  }
});

function tellStory(where: string, start: () => Promise<TestServer>, shown: Shown): void {
  const story = suite<Scene>(`slixmpp and the desk on ${where}`);

  story.before(async (scene) => {
    const server = await start();
    scene.server = server;
    scene.room = server.room("team");
    scene.bob = `bob@${server.domain}`;
    const owner = await registerAndConnect({ server, user: "owner" });
    await owner.createRoom(scene.room, "owner");
    await server.register("hats", "hats");
    await owner.setAffiliation(scene.room, `hats@${server.domain}`, "owner");
    for (const user of ["alice", "carol", "eve"]) await server.register(user, user);
    await owner.setAffiliation(scene.room, `alice@${server.domain}`, "admin");
    await owner.setAffiliation(scene.room, scene.bob, "member");
    const bob = await registerAndConnect({ server, user: "bob" });
    await bob.join(scene.room, "bob");
    const { domain, service } = server;
    const rooms = [scene.room];
    scene.bot = await startPlayedBot({ user: "hats", nick: "desk", admins: [], rooms }, { domain, service });
    scene.alice = await startSlixmpp(server, "alice");
    scene.carol = await startSlixmpp(server, "carol");
    await scene.carol.join(scene.room, "carol");
  });

  story.after(async ({ alice, carol, bot, server }) => {
    await alice.close();
    await carol.close();
    await bot.stop();
    await server.stop();
  });

  story("the bot is found as a bot with commands", async ({ alice, bot }) => {
    const { identities, features, commands } = await alice.discover(bot.address);
    assert.ok(identities.some((identity) => identity.join("/") === "client/bot"));
    assert.ok(features.includes("http://jabber.org/protocol/commands"));
    assert.ok(commands.some(({ node, name }) => node === "add-user-hat" && name === "Give a hat"));
  });

  story("a hat is given step by step, with a mistake, and the room sees it", async (scene) => {
    const { alice, carol, bot, bob } = scene;
    const first = await alice.start(bot.address, "add-user-hat");
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

  story("prev goes back with the values kept, and cancel ends it", async ({ alice, bot, bob }) => {
    const people = await alice.start(bot.address, "set-user-hats");
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
    const { alice, carol, bot, room, bob } = scene;
    const given = await alice.start(bot.address, "add-user-hat", { room, user: [bob], title: "On call" });
    assert.is(given.status, "completed");
    await carol.nextPresence(
      (presence) => titlesOf(scene, presence, shown).toSorted().join() === "On call,Teacher",
    );
    const table = await alice.start(bot.address, "list-room-hats", { room });
    assert.is(table.status, "completed");
    assert.ok(table.form?.reported.includes("title"));
    assert.equal(table.form?.items.map(({ title }) => title).toSorted(), ["On call", "Teacher"]);
  });

  story("all hats are taken in one stanza, and the room shows none", async (scene) => {
    const { alice, carol, bot, room, bob } = scene;
    const end = await alice.start(bot.address, "set-user-hats", { room, user: [bob], hats: [""] });
    assert.is(end.status, "completed");
    await carol.nextPresence(
      (presence) => isAboutBob(scene, presence, shown) && titlesOf(scene, presence, shown).length === 0,
    );
  });

  story("a hat is retired after a confirmation that has nothing to fill out", async (scene) => {
    const { alice, carol, bot, room, bob } = scene;
    await alice.start(bot.address, "add-user-hat", { room, user: [bob], title: "On call" });
    await carol.nextPresence((presence) => titlesOf(scene, presence, shown).join() === "On call");
    const first = await alice.start(bot.address, "retire-hat");
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

  story("a stranger is refused and told nothing", async ({ server, bot, room, bob }) => {
    const eve = await startSlixmpp(server, "eve");
    assert.equal((await eve.discover(bot.address)).commands, []);
    const error = await eve
      .start(bot.address, "add-user-hat", { room, user: [bob], title: "Fool" })
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
