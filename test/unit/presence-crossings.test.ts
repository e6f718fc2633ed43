/** Whose hats were changed in the desk and by the room's own commands at once: what the note says of it, and when. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import { Crossings } from "../../src/presence/reconciler/crossings.ts";
import { buildHats } from "../../src/stanza/hats.ts";
import { NS_HATS, NS_HATS_LEGACY } from "../../src/stanza/namespaces.ts";
import { BOB, CAROL, dressedRoom, HELPER, joinedRoom, ROOM, TEACHER } from "../support/dressed-room.ts";

const NATIVE = "urn:x:native";
const PERIOD_MS = 600_000;

const test = suite("changes in desk and room at once");

for (const kind of ["hat", "xep-0317-0.2", "prosody-hats"] as const) {
  test(`what the room shows already is told at once, and not again when it is merged (${kind})`, async () => {
    const { kept, room, clock, presence, told } = await joinedRoom(kind);
    room.enter("bob", BOB);
    room.enter("carol", CAROL);
    await clock.advance(10_000);
    room.change("assign", BOB, NATIVE, "Native");
    room.enter("bob", BOB);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    kept.dress(CAROL, { [TEACHER]: { active: true } });
    assert.equal(presence.tellCrossed(ROOM, [BOB, CAROL]), [BOB]);
    assert.equal(presence.tellCrossed(ROOM, [BOB, CAROL]), [], "once");
    await told();
    await clock.advance(10_000);
    assert.equal(Object.keys(kept.worn(BOB)).toSorted(), [NATIVE, TEACHER]);
    assert.equal(presence.tellCrossed(ROOM, [BOB, CAROL]), []);
  });

  test(`what comes out only afterwards is told the next time, once (${kind})`, async () => {
    const { kept, room, clock, presence, told } = await joinedRoom(kind);
    kept.dress(BOB, { [HELPER]: "Helper" });
    await told();
    await clock.advance(PERIOD_MS - 5_000);
    room.change("assign", BOB, NATIVE, "Native");
    kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
    await told();
    assert.equal(presence.tellCrossed(ROOM, [BOB, CAROL]), [], "nobody knows");
    await clock.advance(5_000);
    assert.equal(Object.keys(kept.worn(BOB)).toSorted(), [HELPER, NATIVE, TEACHER]);
    assert.equal(presence.tellCrossed(ROOM, [CAROL]), []);
    assert.equal(presence.tellCrossed(ROOM, [BOB, CAROL]), [BOB]);
    assert.equal(presence.tellCrossed(ROOM, [BOB, CAROL]), [], "once");
  });
}

test("what was changed on both sides while the bot was out is told after the join", async () => {
  const { kept, room, clock, presence, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  await clock.advance(10_000);
  room.leave();
  kept.dress(BOB, {});
  room.change("assign", BOB, NATIVE, "Native");
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
  room.join();
  assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
  assert.equal(presence.tellCrossed(ROOM, [BOB]), [BOB]);
});

test("what only the room changed is not told, neither given nor taken", async () => {
  const { kept, room, clock, presence, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  await clock.advance(10_000);
  room.change("assign", BOB, NATIVE);
  await clock.advance(PERIOD_MS);
  room.change("unassign", BOB, TEACHER);
  await clock.advance(PERIOD_MS);
  assert.equal(Object.keys(kept.worn(BOB)), [NATIVE]);
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
});

test("a hat that the desk put a moment ago and somebody takes is nothing that stands", async () => {
  const { kept, room, presence, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.change("unassign", BOB, TEACHER);
  room.emit("own-affiliation", "owner");
  await told();
  assert.equal(kept.worn(BOB), {});
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
});

test("a hat that has no place in the room is no change of the desk's", async () => {
  const { kept, room, clock, presence, told } = await joinedRoom("hat");
  const most = Array.from({ length: 11 }, (_, index) => [`urn:x:${index}`, { active: true }] as const);
  kept.dress(BOB, Object.fromEntries(most));
  await told();
  await clock.advance(10_000);
  assert.is(presence.status(ROOM)?.unshown.length, 1);
  room.change("assign", BOB, NATIVE);
  await clock.advance(PERIOD_MS);
  assert.ok(NATIVE in kept.worn(BOB));
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
});

test("presences of the desk's own hats tell nothing, before and after their answers, given and taken", async () => {
  const { kept, room, clock, presence, told } = await joinedRoom("hat");
  const tell = (): readonly BareJid[] => presence.tellCrossed(ROOM, [BOB]);
  const shown = buildHats([{ uri: TEACHER, title: "Teacher" }]);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  room.enter("bob", BOB, {}, shown);
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  assert.equal(tell(), []);
  await told();
  await clock.advance(20_000);
  kept.dress(BOB, { [HELPER]: "Helper" });
  await told();
  room.enter("bob", BOB, {}, shown);
  assert.equal(tell(), []);
});

test("what the desk cannot take over is known and no news", async () => {
  const { kept, room, clock, presence, standing, told } = await joinedRoom("hats#uri");
  const most = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`urn:x:${index}`, { active: true }]),
  );
  kept.dress(BOB, most);
  await told();
  room.change("assign", BOB, NATIVE);
  await clock.advance(PERIOD_MS);
  assert.is(standing().drift, 1);
  room.enter("bob", BOB);
  kept.dress(BOB, most);
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
});

test("what was told and came to nothing does not keep the next from being told", async () => {
  const { kept, room, clock, presence, told } = await joinedRoom("hat");
  for (const title of ["Teacher", "Professor"]) {
    await clock.advance(10_000);
    room.change("assign", BOB, NATIVE);
    room.enter("bob", BOB);
    kept.dress(BOB, { [TEACHER]: title });
    assert.equal(presence.tellCrossed(ROOM, [BOB]), [BOB]);
    room.change("unassign", BOB, NATIVE);
    room.enter("bob", BOB);
    await told();
    room.emit("own-affiliation", "owner");
    await told();
    assert.equal(Object.keys(kept.worn(BOB)), [TEACHER]);
  }
});

test("presence in a namespace that the room does not build itself tells nothing", async () => {
  for (const [kind, other] of [
    ["hat", NS_HATS_LEGACY],
    ["xep-0317-0.2", NS_HATS_LEGACY],
    ["prosody-hats", NS_HATS],
  ] as const) {
    const { kept, room, presence } = await joinedRoom(kind);
    room.enter("bob", BOB, {}, buildHats([{ uri: "urn:x:forged", title: "Forged" }], other));
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
  }
});

test("a room that shows no hats itself tells nothing, nor one that is not kept", async () => {
  const { room, presence } = dressedRoom("no-commands");
  room.join();
  room.enter("bob", BOB, {}, buildHats([{ uri: "urn:x:forged", title: "Forged" }]));
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
  presence.removeRoom(ROOM);
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
});

test("nothing is told of a stay that is over", async () => {
  const { kept, room, clock, presence, told } = await joinedRoom("hat");
  await clock.advance(PERIOD_MS - 5_000);
  room.change("assign", BOB, NATIVE);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(5_000);
  await told();
  assert.ok(NATIVE in kept.worn(BOB));
  room.leave();
  room.join();
  await told();
  assert.equal(presence.tellCrossed(ROOM, [BOB]), []);
});

test("no more than a thousand people are remembered, the latest", () => {
  const crossings = new Crossings();
  const people = Array.from({ length: 1_001 }, (_, index) => `user${index}@example.org` as BareJid);
  for (const user of people) crossings.merged(user);
  const told = people.filter((user) => crossings.tell(user, false));
  assert.equal(told, people.slice(1));
});

test.run();
