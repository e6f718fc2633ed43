/** The life of people and rooms on real servers: what becomes of hats when rooms and rights come and go. */
// runner: deadline 600 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RoomJid } from "../../src/core/jid.ts";
import { NS_MUC_ADMIN } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { connectClient, startServer, type TestClient, type TestServer } from "../../src/testing/index.ts";
import { type Fields, rowsOf, runCommand } from "../support/desk-client.ts";
import { SHOWINGS, type Showing, shownOf } from "../support/presence-stage.ts";
import { type LivingBot, startLivingBot } from "../support/room-life.ts";
import { eachServer } from "../support/servers.ts";

const TEACHER = "https://example.org/hats/teacher";
const WAIT = { timeout: 20_000 };

/* The servers as somebody would set them up who wants hats to be seen. */
const GOOD = SHOWINGS.filter(({ dialect }) => dialect !== "own-presence");

eachServer((kind) => {
  for (const showing of GOOD.filter((candidate) => candidate.kind === kind)) define(showing);
});

function define(showing: Showing): void {
  const test = suite(`the life of rooms on ${showing.name}`);
  const isEjabberd = showing.kind.startsWith("ejabberd");
  /* COMPAT: ejabberd 23.01 has no occupant-ids, so that some things cannot be told apart there. */
  const hasIds = showing.kind !== "ejabberd-23";
  let server: TestServer;
  let alice: TestClient;
  let bob: TestClient;
  let carol: TestClient;
  let ops: TestClient;
  let living: LivingBot;
  let room: RoomJid;
  let count = 0;

  test.before(async () => {
    const mucLines = [...(showing.settings?.prosody?.mucLines ?? []), "muc_tombstones = false"];
    const prosody = { ...showing.settings?.prosody, mucLines };
    server = await startServer({ ...showing.settings, kind: showing.kind, prosody });
    await Promise.all(["alice", "bob", "carol", "ops", "hats"].map((user) => server.register(user, user)));
    await connectPeople();
  });

  test.before.each(async () => {
    count += 1;
    room = server.room(`life${count}`) as RoomJid;
    await createRoom();
    living = await startLivingBot(server, [room]);
    await living.untilShown(room, showing.dialect);
  });

  test.after.each(async () => {
    await living.end();
    for (const person of [alice, bob, carol, ops]) person.forget();
  });

  test.after(() => server.stop());

  async function connectPeople(): Promise<void> {
    [alice, bob, carol, ops] = await Promise.all([
      connectClient({ server, user: "alice" }),
      connectClient({ server, user: "bob" }),
      connectClient({ server, user: "carol" }),
      connectClient({ server, user: "ops" }),
    ]);
  }

  async function createRoom(isPersistent = true): Promise<void> {
    for (const person of [alice, bob, carol]) person.forget();
    const persistent = { "muc#roomconfig_persistentroom": isPersistent };
    await alice.createRoom(room, "alice", { ...persistent, ...showing.configuration });
    await alice.setAffiliation(room, `hats@${server.domain}`, "owner");
    await alice.setAffiliation(room, bob.bareJid, "member");
    await carol.join(room, "carol");
  }

  function isThere(): Promise<boolean> {
    const query = xml("query", { xmlns: "http://jabber.org/protocol/disco#info" });
    return ops
      .request(xml("iq", { type: "get", to: room }, query), { timeout: 300 })
      .then(({ attrs }) => attrs.type === "result");
  }

  /* COMPAT: what ejabberd is sent for a room while that room ends is lost without an answer. */
  async function destroyRoom(): Promise<void> {
    await alice.destroyRoom(room);
    while (await isThere().catch(() => true));
  }

  function give(title = "Teacher"): Promise<unknown> {
    const { desk } = living.bot;
    return desk.addUserHat(bob.bareJid, room, TEACHER, { active: true, title });
  }

  function run(node: string, fields: Fields): ReturnType<typeof runCommand> {
    return runCommand(ops, living.bot.address, node, fields);
  }

  async function toDo(): Promise<string | undefined> {
    return rowsOf(await run("desk-status", { room }))[0]?.["to-do"];
  }

  /* Resolves when carol is shown somebody by this nick with exactly these hats. */
  function carolSees(nick: string, ...titles: string[]): Promise<Element> {
    const wanted = titles.toSorted().join();
    return carol.next((stanza) => {
      const shown = stanza.name === "presence" ? shownOf(nick, stanza, room, showing.ns) : undefined;
      return (
        shown !== undefined &&
        shown
          .map(({ title }) => title)
          .toSorted()
          .join() === wanted
      );
    }, WAIT);
  }

  test("a room that is destroyed and made again begins bare, and an admin of the desk gives the hats back", async () => {
    await bob.join(room, "bob");
    await give();
    await carolSees("bob", "Teacher");
    await destroyRoom();
    await living.untilRoom(room, "refused", "destroyed");
    assert.equal(living.titles(bob.bareJid, room), ["Teacher"], "destruction proves nothing yet");
    await createRoom();
    await living.untilRoom(room, "ready");
    assert.equal(living.titles(bob.bareJid, room), []);
    assert.is(living.bot.desk.view().archives(room).size, 1);
    await living.untilShown(room, showing.dialect);
    carol.forget();
    await bob.join(room, "bob");
    await carolSees("bob");
    await run("manage-room", { room, archive: "restore" });
    assert.equal(living.titles(bob.bareJid, room), ["Teacher"]);
    await carolSees("bob", "Teacher");
  });

  test("a room that was made again while the bot was away begins bare", async () => {
    await give();
    await living.stop();
    await destroyRoom();
    await createRoom();
    // The new owner hides that the bot was nothing there: only occupant-ids give that away.
    if (!hasIds) await alice.setAffiliation(room, `hats@${server.domain}`, "none");
    await living.start();
    if (!hasIds) {
      await living.untilRoom(room, "suspended", "forgotten");
      assert.is(await toDo(), "say by manage-room whether this is the room that the desk knows");
      await run("manage-room", { room, archive: "keep" });
    }
    await living.untilRoom(room, "ready");
    assert.equal(living.titles(bob.bareJid, room), []);
    assert.is(living.bot.desk.view().archives(room).size, 1);
  });

  test("a room that is not kept by its server over a restart begins bare when it is made again", async () => {
    await destroyRoom();
    await createRoom(false);
    await living.untilRoom(room, "ready");
    await give();
    const lost = living.untilRoom(room, "refused", "no-such-room");
    await server.restart();
    await connectPeople();
    await lost;
    assert.is(await toDo(), "create the room, make it persistent, and make the bot its owner");
    await createRoom(false);
    await living.untilRoom(room, "ready");
    assert.equal(living.titles(bob.bareJid, room), []);
    assert.is(living.bot.desk.view().archives(room).size, 1);
  });

  test("a persistent room is the same after a restart of its server, with its hats", async () => {
    await give();
    await living.untilShown(room, showing.dialect);
    const gone = living.until(() => living.bot.rooms.status(room)?.state !== "ready", "the room left");
    await server.restart();
    await gone;
    await connectPeople();
    await living.untilRoom(room, "ready");
    assert.equal(living.titles(bob.bareJid, room), ["Teacher"]);
    await carol.join(room, "carol");
    await bob.join(room, "bob");
    await carolSees("bob", "Teacher");
  });

  test("what was given while the bot was kicked out is shown when it is let in again", async () => {
    await bob.join(room, "bob");
    await carolSees("bob");
    const item = xml("item", { nick: "hats", role: "none" });
    // An owner cannot be kicked everywhere, so the bot is an admin for this.
    await alice.setAffiliation(room, `hats@${server.domain}`, "none");
    await living.until(() => living.bot.rooms.status(room)?.ownAffiliation === "none", "nobody any more");
    await alice.demand(xml("iq", { type: "set", to: room }, xml("query", { xmlns: NS_MUC_ADMIN }, item)));
    await living.untilRoom(room, "refused", "kicked");
    assert.is(await toDo(), "ask who kicked the bot; it comes back by itself");
    await alice.setAffiliation(room, `hats@${server.domain}`, "owner");
    await living.untilRoom(room, "ready");
    await give();
    await carolSees("bob", "Teacher");
  });

  test("what changed while the bot had no rights is shown when it has them again", async () => {
    await bob.join(room, "bob");
    await give();
    await carolSees("bob", "Teacher");
    await alice.setAffiliation(room, `hats@${server.domain}`, "member");
    await living.untilShown(room, "own-presence");
    assert.is(await toDo(), "make the bot an owner of the room");
    await alice.setAffiliation(room, `hats@${server.domain}`, "owner");
    await living.untilShown(room, showing.dialect);
    await give("Head");
    await living.untilShown(room, showing.dialect);
    carol.forget();
    await bob.leave(room, "bob");
    await bob.join(room, "bob");
    await carolSees("bob", showing.dialect === "xep-0317" ? "Teacher" : "Head");
    assert.is(await toDo(), "nothing, all is well");
  });

  test("who lost the affiliation while the bot was away has no hats when it is back", async () => {
    await give();
    await living.untilShown(room, showing.dialect);
    await living.stop();
    await alice.setAffiliation(room, bob.bareJid, "none");
    await living.start();
    // Without occupant-ids it might be another room, whose lists prove nothing.
    if (hasIds) await living.until(() => living.titles(bob.bareJid, room).length === 0, "hats taken off");
    else {
      await living.untilRoom(room, "ready");
      assert.equal(living.titles(bob.bareJid, room), ["Teacher"]);
    }
  });

  test("all sessions of a wearer show the hat, under every nick, whatever they are called next", async () => {
    const phone = await connectClient({ server, user: "bob", resource: "phone" });
    const tablet = await connectClient({ server, user: "bob", resource: "tablet" });
    await bob.join(room, "bob");
    await phone.join(room, "bob");
    await tablet.join(room, "robert");
    const both = Promise.all([carolSees("bob", "Teacher"), carolSees("robert", "Teacher")]);
    await give();
    await both;
    const renamed = carolSees("bobby", "Teacher");
    const bobby = xml("presence", { to: `${room}/bobby` });
    await tablet.send(bobby);
    // COMPAT: ejabberd leaves the hats out of the presence that tells of the new nick; the next one has them.
    if (isEjabberd) await tablet.send(bobby);
    await renamed;
    assert.equal(living.titles(bob.bareJid, room), ["Teacher"]);
    await phone.close();
    await tablet.close();
  });

  test("a room that was added by command is kept over a restart of the bot, until it is left", async () => {
    const other = server.room(`other${count}`) as RoomJid;
    await ops.createRoom(other, "ops");
    await run("manage-room", { room: other, nick: "milly" });
    await living.untilRoom(other, "ready");
    await run("manage-room", { room: other, nick: "molly" });
    await living.until(() => living.bot.rooms.status(other)?.nick === "molly", "the other nick");
    await living.stop();
    await living.start();
    await living.untilRoom(other, "ready");
    assert.is(living.bot.rooms.status(other)?.nick, "molly");
    await run("leave-room", { room: other });
    assert.is(living.bot.rooms.isKept(other), false);
    await living.stop();
    await living.start();
    assert.is(living.bot.rooms.isKept(other), false);
  });

  if (isEjabberd)
    test("hats that are switched off in the room are switched on by the room's owner through the desk", async () => {
      await bob.join(room, "bob");
      await give();
      await carolSees("bob", "Teacher");
      await alice.configureRoom(room, { enable_hats: false });
      await living.untilShown(room, "own-presence");
      assert.is(await toDo(), "switch the room's hats on: desk-status with enable-hats");
      await give("Head");
      carol.forget();
      await runCommand(alice, living.bot.address, "desk-status", { room, "enable-hats": "1" });
      await living.untilShown(room, showing.dialect);
      assert.is(await toDo(), "nothing, all is well");
      await bob.leave(room, "bob");
      await bob.join(room, "bob");
      await carolSees("bob", showing.dialect === "xep-0317" ? "Teacher" : "Head");
    });

  test.run();
}
