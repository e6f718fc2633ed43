/**
 * The three-way merge on real servers: every case of the tables in docs/presence.md that is possible there, each in a room
 * of its own; what others do while the bot is in; and how little a burst of changes costs.
 */
// runner: deadline 600 s
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { backup } from "../../src/cli/backup.ts";
import type { BareJid, RoomJid } from "../../src/core/jid.ts";
import type { Hat, HatId } from "../../src/core/model.ts";
import type { Desk } from "../../src/desk/desk.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { buildMark, markKey, RESTORED } from "../../src/presence/picture/hat-mark.ts";
import { buildHats, buildOwnHats } from "../../src/stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../../src/stanza/namespaces.ts";
import { xml } from "../../src/stanza/xml.ts";
import { registerAndConnect, startServer, type TestClient } from "../../src/testing/index.ts";
import { untilTrue } from "../support/deadline.ts";
import { type Fields, runCommand } from "../support/desk-client.ts";
import {
  CATALOGUE_CASES,
  type CatalogueCase,
  MERGE_CASES,
  type MergeCase,
  nameCase,
  titleIn,
} from "../support/merge-cases.ts";
import { type PresenceStage, setStage, SHOWINGS, type Showing } from "../support/presence-stage.ts";
import { type RoomsOwnHats, roomsOwnHats } from "../support/rooms-own-hats.ts";
import { eachServer } from "../support/servers.ts";
import { tellRooms, type ToldRooms } from "../support/told-rooms.ts";

const HAT = "https://example.org/hats/merged" as HatId;
const NATIVE = "urn:x:native" as HatId;

/* How many commands each verdict costs, and where desk and room come from. */
const TOLD = { nothing: 0, given: 0, taken: 0, retitled: 0, note: 0, forget: 0, put: 1, take: 1 } as const;

eachServer((kind) => {
  const showings = SHOWINGS.filter((showing) => showing.kind === kind && showing.dialect !== "own-presence");
  for (const showing of showings) {
    defineCases(showing);
    defineLive(showing);
    defineRestored(showing);
    if (showing.name === "ejabberd-26") defineBurst(showing);
  }
});

interface Played extends ToldRooms {
  stop(): Promise<void>;
  readonly roomOf: (label: string) => RoomJid;
  readonly ownOf: (label: string) => RoomsOwnHats;
  readonly bob: BareJid;
}

function defineCases(showing: Showing): void {
  const test = suite<{ played: Played }>(`the cases of the merge on ${showing.name}`);
  const scope = showing.dialect === "xep-0317" ? "hat" : "wearer";
  const wearerCases = MERGE_CASES.filter(({ scopes }) => scopes.includes(scope));
  const hatCases = scope === "hat" ? CATALOGUE_CASES : [];

  test.before(async (context) => {
    context.played = await play(showing, wearerCases, hatCases);
  });
  test.after(({ played }) => played.stop());

  for (const [index, merge] of wearerCases.entries()) {
    test(`${nameCase(merge)}: ${merge.verdict}`, async ({ played }) => {
      const [room, own] = [played.roomOf(`w${index}`), played.ownOf(`w${index}`)];
      /* COMPAT: ejabberd 23.01 has no occupant-ids, so nobody knows that the room is the one of before. */
      const isPutBack = merge.verdict === "taken" && showing.name === "ejabberd-23";
      const isAdopted = ["given", "taken", "retitled"].includes(merge.verdict) && !isPutBack;
      assert.is(played.told(room).length, isPutBack ? 1 : TOLD[merge.verdict]);
      const title = titleIn(isAdopted ? merge.room : merge.desk);
      const { hats } = played.bot.desk.durableRoom(room);
      const worn = played.bot.desk.durableRoom(room).users.get(played.bob)?.hats.get(HAT);
      assert.is(worn && (worn.title ?? hats.get(HAT)?.title), title);
      assert.equal(await own.assigned(), title === undefined ? [] : [`${played.bob} ${HAT} ${title}`]);
      const noted = (): string | undefined =>
        played.bot.desk.durableRoom(room).base.get(played.bob)?.get(HAT);
      await untilTrue(() => noted() === title, `${noted()} instead of ${title} was noted`);
    });
  }

  for (const [index, merge] of hatCases.entries()) {
    test(`in the room's list of hats, ${nameCase(merge)}: ${merge.verdict}`, async ({ played }) => {
      const [room, own] = [played.roomOf(`h${index}`), played.ownOf(`h${index}`)];
      const commands = { nothing: [], adopt: [], create: ["create"], destroy: ["destroy"] };
      assert.equal(played.told(room), commands[merge.verdict]);
      const title = merge.verdict === "adopt" ? merge.room : merge.desk;
      assert.is(played.bot.desk.durableRoom(room).hats.get(HAT)?.title, titleIn(title));
      const shown = merge.verdict === "create" ? merge.desk : merge.verdict === "destroy" ? "-" : merge.room;
      assert.equal(await own.list(), shown === "-" ? [] : [`${HAT} ${titleIn(shown)}`]);
    });
  }

  test.run();
}

/* Brings desk, base and room of every case where they should be while the bot is out, and starts it. */
async function play(
  showing: Showing,
  wearerCases: readonly MergeCase[],
  hatCases: readonly CatalogueCase[],
): Promise<Played> {
  const server = await startServer({ ...showing.settings, kind: showing.kind });
  const data = await mkdtemp(join(tmpdir(), "milliner-merge-"));
  const alice = await registerAndConnect({ server, user: "alice" });
  await server.register("hats", "hats");
  const bob = `bob@${server.domain}` as BareJid;
  const labels = [...wearerCases.map((_, index) => `w${index}`), ...hatCases.map((_, index) => `h${index}`)];
  const roomOf = (label: string): RoomJid => server.room(label) as RoomJid;
  const ownOf = (label: string): RoomsOwnHats => roomsOwnHats(showing.dialect, alice, roomOf(label));
  for (const label of labels) {
    await alice.createRoom(roomOf(label), "alice", {
      "muc#roomconfig_persistentroom": true,
      ...showing.configuration,
    });
    await alice.setAffiliation(roomOf(label), `hats@${server.domain}`, "owner");
    await alice.setAffiliation(roomOf(label), bob, "member");
  }
  const rooms = labels.map(roomOf);
  const before = await tellRooms(server, rooms, data);
  await before.untilQuiet();
  await before.bot.stop();
  const affiliations = { isKept: () => true, affiliation: async () => "member" as const };
  const desk = await openDesk({ data, affiliations });
  for (const [index, merge] of wearerCases.entries())
    await setWearer(desk, roomOf(`w${index}`), bob, merge, ownOf(`w${index}`));
  for (const [index, merge] of hatCases.entries())
    await setHat(desk, roomOf(`h${index}`), merge, ownOf(`h${index}`));
  await desk.close();
  const played = await tellRooms(server, rooms, data);
  await played.untilQuiet();
  return {
    ...played,
    roomOf,
    ownOf,
    bob,
    async stop() {
      await played.bot.stop();
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function setWearer(
  desk: Desk,
  room: RoomJid,
  bob: BareJid,
  merge: MergeCase,
  own: RoomsOwnHats,
): Promise<void> {
  const [title, noted, shown] = [titleIn(merge.desk), titleIn(merge.noted), titleIn(merge.room)];
  const isByWearer = own.create === undefined;
  await define(desk, room, { title: "A" });
  await own.create?.(HAT, "A");
  if (title !== undefined)
    await desk.addUserHat(bob, room, HAT, { active: true, ...(isByWearer ? { title } : {}) });
  if (noted !== undefined) await desk.recordBase(room, bob, new Map([[HAT, noted]]));
  if (shown !== undefined) await own.assign(bob, HAT, shown);
}

async function setHat(desk: Desk, room: RoomJid, merge: CatalogueCase, own: RoomsOwnHats): Promise<void> {
  const [title, noted, shown] = [titleIn(merge.desk), titleIn(merge.noted), titleIn(merge.room)];
  if (title !== undefined) await define(desk, room, { title });
  const isMade = merge.noted.endsWith("made");
  if (noted !== undefined)
    await desk.recordBase(room, markKey(HAT), buildMark(HAT, { isMade, title: noted, hue: undefined }));
  if (shown !== undefined) await own.create?.(HAT, shown);
}

async function define(desk: Desk, room: RoomJid, after: Hat): Promise<void> {
  await desk.transact({ room, users: [], author: { kind: "program" } }, () => [
    { kind: "hat", room, hat: HAT, before: undefined, after },
  ]);
}

function defineLive(showing: Showing): void {
  const test = suite<{ stage: PresenceStage }>(`what others do on ${showing.name} while the bot is in`);
  test.before.each(async (context) => {
    context.stage = await setStage(showing);
  });
  test.after.each(({ stage }) => stage.stop());

  test("a hat given and taken in the room is given and taken in the desk, by the room, and nothing is sent", async ({
    stage,
  }) => {
    const { alice, bob, bot, room, told } = stage;
    const own = roomsOwnHats(showing.dialect, alice, room);
    const authors: string[] = [];
    bot.desk.on("change", ({ author }) => authors.push(author.kind));
    const hats = (): string[] => Object.keys(bot.desk.userHats(bob.bareJid, room));
    await own.create?.(NATIVE, "Native");
    await own.assign(bob.bareJid, NATIVE, "Native");
    await stage.until(() => hats().length === 1, "the hat in the desk");
    assert.equal(hats(), [NATIVE]);
    assert.is(bot.desk.roomHats(room).hats[NATIVE]?.title, "Native");
    await own.unassign(bob.bareJid, NATIVE);
    await stage.until(() => hats().length === 0, "the desk without the hat");
    assert.equal(authors, ["room", "room"]);
    assert.equal(await told(), []);
    assert.is(bot.presence.status(room)?.drift, 0);
  });

  test("forged presence changes nothing, in whatever namespace", async ({ stage }) => {
    const { alice, bob, bot, room, told } = stage;
    const own = roomsOwnHats(showing.dialect, alice, room);
    const authors: string[] = [];
    bot.desk.on("change", ({ author }) => authors.push(author.kind));
    const forged = [{ uri: "urn:x:forged", title: "Forged" }];
    const payloads = [
      buildHats(forged, NS_HATS),
      buildHats(forged, NS_HATS_LEGACY),
      buildOwnHats({ wearers: [{ nick: "bob", hats: forged }], truncated: false }),
    ];
    for (const payload of payloads) await bob.send(xml("presence", { to: `${room}/bob` }, payload));
    await own.create?.(NATIVE, "Native");
    await own.assign(bob.bareJid, NATIVE, "Native");
    const hats = (): string[] => Object.keys(bot.desk.userHats(bob.bareJid, room));
    await stage.until(() => hats().length > 0, "a hat in the desk");
    assert.equal(hats(), [NATIVE]);
    assert.equal(authors, ["room"]);
    assert.equal(await told(), []);
  });

  test("what is given in the room beside a hat of the desk's is adopted, the desk's own stays", async ({
    stage,
  }) => {
    const { alice, bob, bot, room, showsAfter, told } = stage;
    const own = roomsOwnHats(showing.dialect, alice, room);
    await showsAfter(
      () => bot.desk.addUserHat(bob.bareJid, room, HAT, { active: true, title: "Merged" }),
      "Merged",
    );
    await told();
    await own.create?.(NATIVE, "Native");
    await own.assign(bob.bareJid, NATIVE, "Native");
    await stage.until(
      () => Object.keys(bot.desk.userHats(bob.bareJid, room)).length === 2,
      "both hats in the desk",
    );
    await showsAfter(() => bot.desk.setUserHats(bob.bareJid, room, { [NATIVE]: { active: true } }), "Native");
    assert.is((await told()).length, 1);
  });

  for (const [order, said] of [
    ["in the room and then by a command: that note or the next says so, once", undefined],
    ["by a command and then in the room: the next note says so, once", [false, true, false]],
  ] as const) {
    test(`somebody's hats are changed ${order}`, async ({ stage }) => {
      const { alice, bob, bot, room } = stage;
      const own = roomsOwnHats(showing.dialect, alice, room);
      await own.create?.(NATIVE, "Native");
      const giveNative = (): Promise<unknown> => own.assign(bob.bareJid, NATIVE, "Native");
      const saysSo = async (hat: string): Promise<boolean> => {
        const note = await noteOf(stage, { user: bob.bareJid, hat, title: hat });
        return note.includes(`Hats of ${bob.bareJid} were also changed by the room's own commands`);
      };
      if (said === undefined) await giveNative();
      const notes = [await saysSo(HAT)];
      if (said !== undefined) await giveNative();
      const hats = (): string[] => Object.keys(bot.desk.userHats(bob.bareJid, room));
      await stage.until(() => hats().includes(NATIVE), "the room's hat in the desk");
      notes.push(await saysSo(`${HAT}/2`), await saysSo(`${HAT}/3`));
      if (said !== undefined) assert.equal(notes, said);
      else assert.is(notes.filter(Boolean).length, 1);
      assert.equal(hats().toSorted(), [HAT, `${HAT}/2`, `${HAT}/3`, NATIVE]);
    });
  }

  if (showing.dialect === "xep-0317") {
    test("somebody's only hat is destroyed in the room: nobody goes on seeing it", async ({ stage }) => {
      const { alice, bob, bot, room, showsAfter, told } = stage;
      const own = roomsOwnHats(showing.dialect, alice, room);
      const give = { active: true, title: "Merged" };
      await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, HAT, give), "Merged");
      await told();
      await showsAfter(async () => own.destroy?.(HAT));
      const worn = (): object => bot.desk.userHats(bob.bareJid, room);
      await stage.until(() => Object.keys(worn()).length === 0, "the desk without the hat");
      /* COMPAT: ejabberd 26.07 has to be told once more before it shows that the hat is gone. */
      assert.equal(await told(), showing.kind === "ejabberd-26" ? ["unassign"] : []);
      assert.equal(await own.assigned(), []);
    });
  }

  test("a hat that only the room changed is no news in a note", async ({ stage }) => {
    const { alice, bob, bot, room } = stage;
    const own = roomsOwnHats(showing.dialect, alice, room);
    await own.create?.(NATIVE, "Native");
    await own.assign(bob.bareJid, NATIVE, "Native");
    await stage.until(() => NATIVE in bot.desk.userHats(bob.bareJid, room), "the hat in the desk");
    assert.not.match(await noteOf(stage, { user: bob.bareJid, hat: HAT }), "also changed");
  });

  test.run();
}

/* What alice is told when she gives a hat. */
async function noteOf({ alice, bot, room }: PresenceStage, fields: Fields): Promise<string> {
  const { notes } = await runCommand(alice, bot.address, "add-user-hat", { room, ...fields });
  return notes.map(({ text }) => text).join("\n");
}

function defineRestored(showing: Showing): void {
  const test = suite(`a restored backup on ${showing.name}`);

  test("has the room told what it has: what was taken since is given, what was given since is taken", async () => {
    const server = await startServer({ ...showing.settings, kind: showing.kind });
    const folder = await mkdtemp(join(tmpdir(), "milliner-restored-"));
    const [data, copy] = [join(folder, "data"), join(folder, "copy")];
    const alice = await registerAndConnect({ server, user: "alice" });
    await server.register("hats", "hats");
    const room = server.room("restored") as RoomJid;
    const [bob, carol] = [`bob@${server.domain}` as BareJid, `carol@${server.domain}` as BareJid];
    const configuration = { "muc#roomconfig_persistentroom": true, ...showing.configuration };
    await alice.createRoom(room, "alice", configuration);
    await admit(alice, room, [`hats@${server.domain}`], "owner");
    await admit(alice, room, [bob, carol], "member");
    const before = await tellRooms(server, [room], data);
    await before.untilQuiet();
    await before.bot.desk.addUserHat(bob, room, HAT, { active: true, title: "A" });
    await before.untilQuiet();
    const own = roomsOwnHats(showing.dialect, alice, room);
    const assigned = await own.assigned();
    assert.is(assigned.length, 1);
    await backup({ out: () => undefined, err: () => undefined }, data, copy);
    await before.bot.desk.retireHat(room, HAT);
    await before.bot.desk.addUserHat(carol, room, NATIVE, { active: true, title: "B" });
    await before.untilQuiet();
    assert.is((await own.assigned()).length, 1);
    await before.bot.stop();
    const restored = await tellRooms(server, [room], copy);
    const isOver = (): boolean => !restored.bot.desk.durableRoom(room).base.has(RESTORED);
    await untilTrue(isOver, "the room was not told that the store is a backup");
    await restored.untilQuiet();
    assert.equal(await own.assigned(), assigned);
    assert.equal(Object.keys(restored.bot.desk.userHats(bob, room)), [HAT]);
    assert.equal(restored.bot.desk.userHats(carol, room), {});
    await restored.bot.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.run();
}

function defineBurst(showing: Showing): void {
  const test = suite(`a burst on ${showing.name}`);

  test("of a thousand changes to a hundred wearers only the difference to the last state is sent", async () => {
    const server = await startServer({ ...showing.settings, kind: showing.kind });
    const data = await mkdtemp(join(tmpdir(), "milliner-burst-"));
    const alice = await registerAndConnect({ server, user: "alice" });
    await server.register("hats", "hats");
    const room = server.room("burst") as RoomJid;
    const people = Array.from({ length: 100 }, (_, index) => `user${index}@${server.domain}` as BareJid);
    await alice.createRoom(room, "alice", { "muc#roomconfig_persistentroom": true });
    await admit(alice, room, [`hats@${server.domain}`], "owner");
    await admit(alice, room, people, "member");
    const { bot, told, untilQuiet } = await tellRooms(server, [room], data);
    await untilQuiet();
    const shown = { active: true };
    await Promise.all(people.map((person) => bot.desk.addUserHat(person, room, HAT, shown)));
    await untilQuiet();
    const before = told(room).length;
    assert.is(before, 101, "one to make the hat known, and one a wearer");
    const wardrobes = [{}, { [HAT]: shown }, { [HAT]: shown, [NATIVE]: shown }];
    const costs = [1, 0, 1];
    const last = people.map((_, index) => (index * 7) % 3);
    const changes = Array.from({ length: 1_000 }, (_, turn) => {
      const which = turn < 900 ? (turn * 13) % 3 : (last[turn % 100] ?? 0);
      return bot.desk.setUserHats(people[turn % 100] ?? "", room, wardrobes[which]);
    });
    await Promise.all(changes);
    await untilQuiet();
    const difference = last.reduce((sum, which) => sum + (costs[which] ?? 0), 0);
    assert.is(told(room).length - before, difference + 1, "and one to make the other hat known");
    const own = roomsOwnHats(showing.dialect, alice, room);
    const worn = last.reduce((sum, which) => sum + which, 0);
    assert.is((await own.assigned()).length, worn);
    await bot.stop();
    await server.stop();
    await rm(data, { recursive: true, force: true });
  });

  test("of a hundred and one wearers one waits for a place, and nothing is refused", async () => {
    const server = await startServer({ ...showing.settings, kind: showing.kind });
    const data = await mkdtemp(join(tmpdir(), "milliner-places-"));
    const alice = await registerAndConnect({ server, user: "alice" });
    await server.register("hats", "hats");
    const room = server.room("places") as RoomJid;
    const people = Array.from({ length: 101 }, (_, index) => `user${index}@${server.domain}` as BareJid);
    await alice.createRoom(room, "alice", { "muc#roomconfig_persistentroom": true });
    await admit(alice, room, [`hats@${server.domain}`], "owner");
    await admit(alice, room, people, "member");
    const { bot, told, untilQuiet } = await tellRooms(server, [room], data);
    await untilQuiet();
    const unshown = (): number | undefined => bot.presence.status(room)?.unshown.length;
    for (const person of people) await bot.desk.addUserHat(person, room, HAT, { active: true });
    await untilQuiet();
    assert.is(unshown(), 1);
    assert.is(told(room).length, 101, "one to make the hat known, and a hundred");
    await bot.desk.setUserHats(people[50] ?? "", room, {});
    await untilQuiet();
    assert.is(unshown(), 0);
    assert.equal(told(room).slice(101), ["unassign", "assign"]);
    assert.is(bot.presence.status(room)?.lastError, undefined);
    const own = roomsOwnHats(showing.dialect, alice, room);
    assert.is((await own.assigned()).length, 100);
    await bot.stop();
    await server.stop();
    await rm(data, { recursive: true, force: true });
  });

  test.run();
}

async function admit(
  alice: TestClient,
  room: string,
  people: readonly string[],
  affiliation: "owner" | "member",
): Promise<void> {
  for (const person of people) await alice.setAffiliation(room, person, affiliation);
}
