/** Who got or lost a hat, told in the chat of rooms that want to hear it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadForms } from "../../src/commands/texts/forms.ts";
import type { RoomJid } from "../../src/core/jid.ts";
import type { ManagedRoom } from "../../src/core/model.ts";
import { type Desk, openDesk } from "../../src/index.ts";
import { announceChanges, MOST_LINES, PAUSE_MS } from "../../src/xmpp/muc/announcements.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { type FakeRoom, FakeRooms } from "../support/rooms.ts";

const TEAM = "team@rooms.example.org" as RoomJid;
const BOB = "bob@example.org";
const FORMS = loadForms();
const TEACHER = "https://example.org/hats/teacher";

interface Context {
  data: string;
  desk: Desk;
  rooms: FakeRooms;
  team: FakeRoom;
  /** The language that the room says is spoken there. */
  declared: string;
  clock: ManualClock;
  /** What was said in the room, a message each. */
  said: string[];
  /** The language of the last one. */
  lang: string;
}

const test = suite<Context>("announcements");
test.before.each(async (context) => {
  context.data = mkdtempSync(join(tmpdir(), "milliner-announce-"));
  context.rooms = new FakeRooms();
  context.team = context.rooms.add(TEAM, { [BOB]: "member", "carol@example.org": "member" });
  context.rooms.enter(TEAM, { nick: "Bobby", realJid: BOB });
  context.desk = await openDesk({ data: context.data, affiliations: context.rooms });
  context.clock = new ManualClock();
  context.declared = "";
  context.said = [];
  announceChanges({
    desk: context.desk,
    rooms: context.rooms,
    langOf: () => context.declared,
    clock: context.clock,
    phrases: (wanted) => FORMS.phrases(wanted),
    send: async (message) => {
      assert.equal([message.attrs["to"], message.attrs["type"]], [TEAM, "groupchat"]);
      context.said.push(message.getChildText("body") ?? "");
      context.lang = String(message.attrs["xml:lang"]);
    },
  });
  await keep(context.desk, { announce: true });
});
test.after.each(async ({ desk, data }) => {
  await desk.close();
  rmSync(data, { recursive: true });
});

function keep(desk: Desk, after: ManagedRoom | undefined): Promise<unknown> {
  return desk.transact({ room: TEAM, users: [], author: { kind: "program" } }, (view) => [
    { kind: "managed", room: TEAM, before: view.managed(TEAM), after },
  ]);
}

const give = (desk: Desk, hat = TEACHER, title = "Teacher", active = true, user = BOB) =>
  desk.addUserHat(user, TEAM, hat, { active, title });

test("who gets or loses a hat is told by nick", async ({ desk, clock, said }) => {
  await give(desk);
  assert.equal(said, ["Bobby now has “Teacher”."]);
  clock.advance(PAUSE_MS);
  await desk.removeUserHat(BOB, TEAM, TEACHER);
  assert.equal(said.slice(1), ["Bobby no longer has “Teacher”."]);
});

for (const [declared, spoken, line] of [
  ["", "en", "Bobby now has “Teacher”."],
  ["de", "de", "Bobby hat jetzt „Teacher“."],
  ["de-AT", "de", "Bobby hat jetzt „Teacher“."],
  ["fr", "fr", "Bobby a maintenant «\u00a0Teacher\u00a0»."],
  ["es_MX", "es", "Bobby ahora tiene «Teacher»."],
  ["tlh", "en", "Bobby now has “Teacher”."],
  ["not a language!", "en", "Bobby now has “Teacher”."],
] as const) {
  test(`a room that says it speaks “${declared}” is told in ${spoken}`, async (context) => {
    context.declared = declared;
    await give(context.desk);
    assert.equal(context.said, [line]);
    assert.is(context.lang, spoken);
  });
}

test("a room that changes its language is told in the new one", async (context) => {
  const { desk, clock } = context;
  await give(desk);
  await desk.removeUserHat(BOB, TEAM, TEACHER);
  context.declared = "de";
  clock.advance(PAUSE_MS);
  assert.equal(context.said.slice(1), ["Bobby hat „Teacher“ nicht mehr."]);
});

test("a burst is one message of the difference", async ({ desk, clock, said }) => {
  await give(desk, "urn:x:first", "First");
  for (const title of ["A", "B", "C"]) await give(desk, `urn:x:${title}`, title);
  await desk.removeUserHat(BOB, TEAM, "urn:x:A");
  assert.is(said.length, 1);
  clock.advance(PAUSE_MS - 1);
  assert.is(said.length, 1);
  clock.advance(1);
  assert.equal(said.slice(1), ["Bobby now has “B” and “C”."]);
  clock.advance(10 * PAUSE_MS);
  assert.is(said.length, 2);
  await give(desk, "urn:x:D", "D");
  assert.equal(said.slice(2), ["Bobby now has “D”."]);
});

test("hidden hats, absent people and other rooms are not spoken of", async ({ desk, rooms, said }) => {
  const other = "lab@rooms.example.org";
  rooms.add(other, { [BOB]: "member" });
  rooms.enter(other, { nick: "Bobby", realJid: BOB });
  await give(desk, TEACHER, "Teacher", false);
  await give(desk, "urn:x:carols", "Helper", true, "carol@example.org");
  await desk.addUserHat(BOB, other, TEACHER, { active: true });
  assert.equal(said, []);
});

test("a room that does not want to hear it hears nothing", async ({ desk, said }) => {
  await keep(desk, {});
  await give(desk);
  assert.equal(said, []);
});

for (const [how, kept] of [
  ["is switched off", {}],
  ["ends because the room is given up", undefined],
] as const) {
  test(`what waits when announcing ${how} is not told, also if it is wanted again`, async ({
    desk,
    clock,
    said,
  }) => {
    await give(desk);
    await desk.removeUserHat(BOB, TEAM, TEACHER);
    await keep(desk, kept);
    clock.advance(PAUSE_MS);
    assert.equal(said, ["Bobby now has “Teacher”."]);
    await keep(desk, { announce: true });
    clock.advance(10 * PAUSE_MS);
    await give(desk);
    assert.equal(said.slice(1), ["Bobby now has “Teacher”."]);
  });
}

test("what cannot be said now is not said later", async ({ desk, team, clock, said }) => {
  team.isReachable = false;
  await give(desk);
  team.isReachable = true;
  clock.advance(10 * PAUSE_MS);
  assert.equal(said, []);
});

test("hats of an earlier room are put aside without a word", async ({ desk, clock, said }) => {
  await give(desk);
  clock.advance(PAUSE_MS);
  await desk.archiveRoom(TEAM, "recreated");
  clock.advance(PAUSE_MS);
  assert.is(said.length, 1);
});

test("what waits to be told is not told to another room of the same address", async ({
  desk,
  clock,
  said,
}) => {
  await give(desk, "urn:x:first", "First");
  await desk.removeUserHat(BOB, TEAM, "urn:x:first");
  await desk.archiveRoom(TEAM, "recreated");
  clock.advance(10 * PAUSE_MS);
  assert.equal(said, ["Bobby now has “First”."]);
});

test(`one message names ${MOST_LINES} people and says how many more there are`, async ({
  desk,
  rooms,
  clock,
  said,
}) => {
  const people = Array.from({ length: MOST_LINES + 3 }, (_, index) => `p${index}@example.org`);
  const { affiliations } = rooms.add(TEAM, Object.fromEntries(people.map((user) => [user, "member"])));
  for (const user of affiliations.keys()) rooms.enter(TEAM, { nick: user.slice(0, -12), realJid: user });
  await Promise.all(people.map((user) => give(desk, TEACHER, "Teacher", true, user)));
  clock.advance(PAUSE_MS);
  assert.is(said[1]?.split("\n").length, MOST_LINES + 1);
  assert.is(said[1]?.split("\n").at(-1), "and 2 more");
});

test.run();
