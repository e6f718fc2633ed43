/** Room presence on real servers: who sees what, in which namespace, and how many commands it took. */
// runner: deadline 600 s
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { explainInEnglish } from "../../src/core/explanations.ts";
import type { BareJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { retireHat } from "../../src/core/catalogue.ts";
import { openDesk } from "../../src/desk/open-desk.ts";
import { buildCommandRequest } from "../../src/stanza/command.ts";
import { buildSubmission, FORM_TYPE } from "../../src/stanza/data-form.ts";
import { parseOwnHats } from "../../src/stanza/hats.ts";
import { NS_HATS } from "../../src/stanza/namespaces.ts";
import { type Element, xml } from "../../src/stanza/xml.ts";
import { connectClient, registerAndConnect } from "../../src/testing/index.ts";
import { commandOf, shownHats } from "../support/hat-room.ts";
import { roomsOwnHats } from "../support/rooms-own-hats.ts";
import {
  MODULE_FOLDER,
  type PresenceStage,
  presencesDuring,
  setStage,
  SHOWINGS,
  type Showing,
  shownOfBob,
} from "../support/presence-stage.ts";
import { eachServer } from "../support/servers.ts";

const TEACHER = "https://example.org/hats/teacher" as HatId;
const HELPER = "urn:uuid:164c41a2-7461-4cff-bdae-3f93078a6607" as HatId;

/* What each dialect tells the room to give the first hat, to give a known one, to take one and to rename one. */
const COMMANDS = {
  "xep-0317": { first: ["create", "assign"], give: ["assign"], take: ["unassign"], rename: ["create"] },
  "prosody-hats": { first: ["add"], give: ["add"], take: ["remove"], rename: ["add"] },
  "own-presence": { first: [], give: [], take: [], rename: [] },
} as const;

eachServer((kind) => {
  for (const showing of SHOWINGS.filter((candidate) => candidate.kind === kind)) {
    const test = suite<{ stage: PresenceStage }>(`room presence on ${showing.name}`);
    test.before.each(async (context) => {
      context.stage = await setStage(showing);
    });
    test.after.each(({ stage }) => stage.stop());
    defineForAll(test, showing);
    if (showing.dialect === "own-presence") defineForOwnPresence(test);
    else defineForRoomCommands(test, showing);
    if (showing.dialect === "xep-0317") defineForXep0317(test);
    if (showing.name.startsWith("plain")) defineForLoading(showing);
    if (showing.name === "ejabberd-26") defineForLimits(test);
    if (showing.name.endsWith("with the module")) defineForLengths(test);
    test.run();
  }
});

type Suite = ReturnType<typeof suite<{ stage: PresenceStage }>>;

/* By Prosody's own command for admins of the server. */
async function loadModule({ alice, server }: PresenceStage): Promise<void> {
  const node = "http://prosody.im/protocol/modules#load";
  const run = async (command: Element): Promise<Element> =>
    commandOf(await alice.demand(xml("iq", { type: "set", to: server.mucService }, command)));
  const { sessionid } = (await run(buildCommandRequest({ node }))).attrs;
  const values = new Map([
    [FORM_TYPE, [node]],
    ["module", ["muc_hats_commands"]],
  ]);
  await run(
    buildCommandRequest({ node, sessionid: String(sessionid), action: "complete" }, buildSubmission(values)),
  );
}

function defineForLoading(showing: Showing): void {
  const test = suite(`the module of ${showing.name}`);

  test("loaded while the bot is in the room, it shows the hats as soon as it is there", async () => {
    const prosody = { pluginFolders: [MODULE_FOLDER], mucModules: ["admin_adhoc"] };
    const stage = await setStage({ ...showing, ns: NS_HATS, settings: { admins: ["alice"], prosody } });
    const { bot, bob, room } = stage;
    await bot.desk.addUserHat(bob.bareJid, room, TEACHER, { active: true, title: "Teacher" });
    assert.is(bot.presence.status(room)?.dialect, "own-presence");
    await stage.showsAfter(() => loadModule(stage), "Teacher");
    await stage.stop();
  });

  test.run();
}

function defineForAll(test: Suite, showing: Showing): void {
  const commands = COMMANDS[showing.dialect];

  test(`a bystander sees a hat's life in ${showing.ns}, and the room is told no more than it takes`, async ({
    stage,
  }) => {
    const { bot, bob, room, showsAfter, told } = stage;
    const give = (hat: string, title?: string, active = true): Promise<unknown> =>
      bot.desk.addUserHat(bob.bareJid, room, hat, { active, ...(title === undefined ? {} : { title }) });
    assert.equal(bot.presence.status(room), {
      dialect: showing.dialect,
      pending: 0,
      drift: 0,
      unshown: [],
      lastError: undefined,
    });
    assert.equal(await told(), []);

    const presence = await showsAfter(() => give(TEACHER, "Teacher"), "Teacher");
    assert.is(shownOfBob(presence, room, showing.ns)?.[0]?.uri, TEACHER);
    assert.equal(await told(), commands.first);

    await give(HELPER, "Helper", false);
    assert.equal(await told(), [], "a hidden hat is nobody's business");
    await showsAfter(() => give(HELPER), "Helper", "Teacher");
    assert.equal(await told(), commands.first);

    await give(TEACHER);
    assert.equal(await told(), [], "the title is the room's now, and the same");
    await showsAfter(() => rename(stage, TEACHER, "Head"), "Head", "Helper");
    assert.equal(await told(), commands.rename);

    await showsAfter(() => bot.desk.removeUserHat(bob.bareJid, room, HELPER), "Head");
    assert.equal(await told(), commands.take);
    await showsAfter(() => bot.desk.setUserHats(bob.bareJid, room, undefined));
    assert.equal(await told(), commands.take);
    await showsAfter(() => give(TEACHER), "Head");
    assert.equal(await told(), commands.give);
  });

  test("one presence a change, and none where nothing that is shown changed", async ({ stage }) => {
    const { bot, bob, room, showsAfter } = stage;
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await stage.untilQuiet();
    const same = await presencesDuring(stage, async () => {
      await bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat);
      await bot.desk.addUserHat(bob.bareJid, room, TEACHER, { ...hat, required: true });
      await stage.untilQuiet();
    });
    assert.equal(same.map(String), []);
    const taken = await presencesDuring(stage, () =>
      showsAfter(() => bot.desk.removeUserHat(bob.bareJid, room, TEACHER)),
    );
    assert.is(taken.length, 1);
  });

  test("after a restart of the server the hats are shown again, and the room is told nothing", async ({
    stage,
  }) => {
    const { server, bot, bob, room, showsAfter, told } = stage;
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await told();
    await server.restart();
    const carol = await connectClient({ server, user: "carol" });
    await carol.join(room, "carol");
    const bobAgain = await connectClient({ server, user: "bob" });
    await bobAgain.join(room, "bob");
    await carol.next(
      (stanza) =>
        stanza.name === "presence" && shownOfBob(stanza, room, showing.ns)?.[0]?.title === "Teacher",
      { timeout: 30_000 },
    );
    assert.equal(await told(), []);
  });
}

function defineForRoomCommands(test: Suite, showing: Showing): void {
  const commands = COMMANDS[showing.dialect];

  test("a bot that starts again tells nothing where all is well, and else the difference", async ({
    stage,
  }) => {
    const { bot, bob, room, showsAfter, told } = stage;
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await stage.restartBot();
    assert.equal(await told(), []);
    await stage.restartBot(async (data) => {
      const affiliations = { isKept: () => true, affiliation: async () => "member" as const };
      const desk = await openDesk({ data, affiliations });
      await desk.setUserHats(bob.bareJid, room, { [HELPER]: { active: true, title: "Helper" } });
      await desk.close();
    });
    assert.equal(await told(), [...commands.take, ...commands.first]);
  });

  test("a bot without rights says what it lacks, and mends the room when it has them again", async ({
    stage,
  }) => {
    const { alice, bot, bob, botJid, room, showsAfter, told } = stage;
    await alice.setAffiliation(room, botJid, "member");
    await stage.until(() => bot.presence.status(room)?.dialect === "own-presence", "own presence");
    await stage.restartBot();
    assert.equal(stage.bot.presence.status(room)?.lastError, { code: "sees-no-jids" });
    const user = bob.bareJid as BareJid;
    const after = { hats: new Map([[TEACHER, { active: true, title: "Teacher" }]]) };
    await stage.bot.desk.transact({ room, users: [], author: { kind: "program" } }, () => [
      { kind: "user", room, user, before: undefined, after },
    ]);
    await showsAfter(() => alice.setAffiliation(room, botJid, "owner"), "Teacher");
    assert.is(stage.bot.presence.status(room)?.dialect, showing.dialect);
    assert.equal(await told(), commands.first);
  });

  if (!showing.name.startsWith("ejabberd")) return;
  test("who came while a room's hats were switched off is shown with theirs when they are on again", async ({
    stage,
  }) => {
    const { alice, bot, bob, room, showsAfter } = stage;
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await alice.configureRoom(room, { enable_hats: false });
    await stage.until(() => bot.presence.status(room)?.dialect === "own-presence", "own presence");
    await bob.leave(room, "bob");
    await bob.join(room, "bob");
    await showsAfter(() => alice.configureRoom(room, { enable_hats: true }), "Teacher");
  });

  test("a room whose hats are switched off gets own presence, and its own again when they are on", async ({
    stage,
  }) => {
    const { alice, bot, bob, room, showsAfter } = stage;
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await alice.configureRoom(room, { enable_hats: false });
    const own = await stage.carol.next((stanza) => parseOwnHats(stanza)?.wearers.length === 1, {
      timeout: 20_000,
    });
    assert.is(own.attrs["from"], `${room}/hats`);
    assert.is(bot.presence.status(room)?.dialect, "own-presence");
    await showsAfter(
      () =>
        alice
          .configureRoom(room, { enable_hats: true })
          .then(() => bot.desk.addUserHat(bob.bareJid, room, HELPER, hat)),
      "Teacher",
      "Teacher",
    );
    assert.is(bot.presence.status(room)?.dialect, showing.dialect);
  });
}

function defineForXep0317(test: Suite): void {
  test("a hat that the desk retires goes from its wearers, and then from the room's own list", async ({
    stage,
  }) => {
    const { alice, bot, bob, room, showsAfter, told } = stage;
    const own = roomsOwnHats("xep-0317", alice, room);
    await own.create?.(HELPER, "Helper");
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await told();
    await showsAfter(() =>
      bot.desk.transact({ room, users: [], author: { kind: "program" } }, (view) =>
        retireHat(view, room, TEACHER),
      ),
    );
    assert.equal(await told(), ["unassign", "destroy"]);
    assert.equal(await own.list(), [`${HELPER} Helper`], "what others made stays");
  });

  test("a hue is shown, the desk's where it has one", async ({ stage }) => {
    const { bot, bob, room, showsAfter } = stage;
    const give = () => bot.desk.addUserHat(bob.bareJid, room, TEACHER, { active: true, title: "Board" });
    const derived = await showsAfter(give, "Board");
    assert.equal(shownHats(derived, NS_HATS), [`Board ${TEACHER} 171.430664`]);
    const chosen = await showsAfter(() => rename(stage, TEACHER, "Board", 12.5), "Board");
    assert.equal(shownHats(chosen, NS_HATS), [`Board ${TEACHER} 12.5`]);
  });
}

function defineForOwnPresence(test: Suite): void {
  test("who comes later sees the hats of those present by nick, and nobody's real JID", async ({ stage }) => {
    const { server, alice, bot, bob, room, showsAfter } = stage;
    const hat = { active: true, title: "Teacher" };
    const absent = `absent@${server.domain}`;
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await alice.setAffiliation(room, absent, "member");
    await stage.until(
      () => bot.rooms.lastKnownAffiliation(room, absent as BareJid) === "member",
      "a new member",
    );
    await bot.desk.addUserHat(absent, room, TEACHER, hat);
    const dora = await registerAndConnect({ server, user: "dora" });
    await dora.join(room, "dora");
    const own = dora.received.flatMap((stanza) => parseOwnHats(stanza) ?? []);
    assert.equal(
      own.map(({ wearers }) => wearers.map(({ nick }) => nick)),
      [["bob"]],
    );
    assert.not.match(JSON.stringify(own), server.domain);
  });

  test("a wearer who leaves is not named any more, and named again under another nick", async ({ stage }) => {
    const { bot, bob, carol, room, showsAfter } = stage;
    const hat = { active: true, title: "Teacher" };
    await showsAfter(() => bot.desk.addUserHat(bob.bareJid, room, TEACHER, hat), "Teacher");
    await showsAfter(() => bob.leave(room, "bob"));
    await bob.join(room, "robert");
    await carol.next((stanza) => parseOwnHats(stanza)?.wearers[0]?.nick === "robert");
  });
}

function defineForLimits(test: Suite): void {
  test("of eleven hats ten are shown, and the bot says which is not before the room can refuse it", async ({
    stage,
  }) => {
    const { bot, bob, room, showsAfter, told } = stage;
    const hats = Object.fromEntries(
      Array.from({ length: 11 }, (_, index) => [`urn:x:${index}`, { active: true, title: `T${index}` }]),
    );
    const shown = Object.values(hats).flatMap(({ title }) => (title === "T9" ? [] : [title]));
    await showsAfter(() => bot.desk.setUserHats(bob.bareJid, room, hats), ...shown);
    assert.equal(bot.presence.showing(room, bob.bareJid as BareJid).unshown, ["urn:x:9"]);
    assert.is((await told()).length, 20, "none that the room refuses");
    assert.equal(bot.presence.status(room), {
      dialect: "xep-0317",
      pending: 0,
      drift: 0,
      unshown: [{ user: bob.bareJid, hat: "urn:x:9" }],
      lastError: undefined,
    });
    const { "urn:x:3": _taken, ...left } = hats;
    const titles = Object.values(left).map(({ title }) => title);
    await showsAfter(() => bot.desk.setUserHats(bob.bareJid, room, left), ...titles);
    assert.equal(bot.presence.status(room)?.unshown, []);
  });
}

function defineForLengths(test: Suite): void {
  test("hats that are too long for the room together are reported, and shown when others are taken", async ({
    stage,
  }) => {
    const { bot, bob, room, showsAfter, told } = stage;
    const title = (index: number): string => `${index}`.padEnd(256, '"');
    const hats = Object.fromEntries(
      [1, 2, 3].map((index) => [`urn:x:${index}:`.padEnd(1024, "'"), { active: true, title: title(index) }]),
    );
    await showsAfter(() => bot.desk.setUserHats(bob.bareJid, room, hats), title(1), title(2));
    await stage.until(() => bot.presence.status(room)?.lastError !== undefined, "the room refused the third");
    const { pending, lastError } = bot.presence.status(room) ?? {};
    assert.is(pending, 1);
    const words = lastError && explainInEnglish(lastError);
    assert.is(words, "the answer was cancel/not-allowed: “Hats limit exceeded”");
    assert.equal(bot.desk.userHats(bob.bareJid, room), hats, "the desk keeps all");
    const [, ...left] = Object.entries(hats);
    const leave = (): Promise<unknown> => bot.desk.setUserHats(bob.bareJid, room, Object.fromEntries(left));
    await showsAfter(leave, title(2), title(3));
    await told();
    assert.is(bot.presence.status(room)?.lastError, undefined);
  });
}

async function rename({ bot, room }: PresenceStage, hat: HatId, title: string, hue?: number): Promise<void> {
  const before = bot.desk.durableRoom(room).hats.get(hat);
  const after = { title, ...(hue === undefined ? {} : { hue }) };
  await bot.desk.transact({ room, users: [], author: { kind: "program" } }, () => [
    { kind: "hat", room, hat, before, after },
  ]);
}
