/** What a room has no place for, what becomes of a hat that is retired, and how little a burst of changes costs. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BareJid } from "../../src/core/jid.ts";
import type { HatId } from "../../src/core/model.ts";
import { BOB, CAROL, dressedRoom, HELPER, joinedRoom, ROOM, TEACHER } from "../support/dressed-room.ts";

const person = (index: number): BareJid => `user${index}@example.org` as BareJid;
const hatsUpTo = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`urn:x:${index}`, `T${index}`]));

const limits = suite("the limits of ejabberd's rooms");

for (const kind of ["hat", "xep-0317-0.2", "prosody-hats"] as const) {
  limits(
    `of eleven hats ten are put, and the eleventh is known before anything is refused (${kind})`,
    async () => {
      const { kept, room, told, standing } = await joinedRoom(kind);
      kept.dress(BOB, hatsUpTo(11));
      assert.equal(standing().unshown, [{ user: BOB, hat: "urn:x:9" }], "before anything is sent");
      const assigned = (await told()).filter((command) => command.startsWith("assign"));
      assert.is(assigned.length, 10);
      assert.equal(standing().unshown, [{ user: BOB, hat: "urn:x:9" }], "T9 sorts last");
      assert.is(standing().pending, 0);
      assert.is(standing().lastError, undefined);
      const { "urn:x:0": _taken, ...left } = hatsUpTo(11);
      kept.dress(BOB, left);
      assert.equal(
        (await told()).map((command) => command.split(" ")[0]),
        kind === "hat" ? ["unassign", "create", "assign"] : ["unassign", "assign"],
      );
      assert.is(Object.keys(room.shown()[BOB] ?? {}).length, 10);
      assert.equal(standing().unshown, []);
    },
  );
}

limits("a hat that is shown stays, whatever sorts before it", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, Object.fromEntries(Object.entries(hatsUpTo(11)).slice(1)));
  await told();
  kept.dress(BOB, hatsUpTo(11));
  assert.equal(await told(), []);
  assert.not.ok("urn:x:0" in (room.shown()[BOB] ?? {}));
});

limits("what others gave takes places too", async () => {
  const { kept, room, told, standing } = dressedRoom("hat");
  const dave = "dave@example.org" as BareJid;
  kept.affiliations.set(dave, "none");
  for (let index = 0; index < 9; index += 1) room.change("assign", dave, `urn:native:${index}`);
  room.join();
  await told();
  kept.dress(dave, { "urn:x:1": "One", "urn:x:2": "Two" });
  assert.is((await told()).filter((command) => command.startsWith("assign")).length, 1);
  assert.equal(standing().unshown, [{ user: dave, hat: "urn:x:2" }]);
});

limits("the hundred and first wearer waits, and gets the place of whoever's last hat is taken", async () => {
  const { kept, told, standing } = await joinedRoom("hat");
  for (let index = 0; index < 100; index += 1) kept.dress(person(index), { [TEACHER]: "Teacher" });
  await told();
  kept.dress(BOB, { [TEACHER]: { active: true } });
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  assert.equal(await told(), []);
  assert.equal(standing().unshown, [
    { user: BOB, hat: TEACHER },
    { user: CAROL, hat: TEACHER },
  ]);
  kept.dress(person(7), {});
  assert.equal(await told(), [`unassign ${person(7)} ${TEACHER}`, `assign ${BOB} ${TEACHER}`]);
  assert.equal(standing().unshown, [{ user: CAROL, hat: TEACHER }]);
  kept.dress(CAROL, {});
  kept.dress(person(8), {});
  assert.equal(await told(), [`unassign ${person(8)} ${TEACHER}`]);
  assert.equal(standing().unshown, []);
});

limits("a wearer whose hat is changed for another keeps their place", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  for (let index = 0; index < 100; index += 1) kept.dress(person(index), { [TEACHER]: "Teacher" });
  kept.dress(BOB, { [TEACHER]: { active: true } });
  await told();
  kept.dress(person(7), { [HELPER]: "Helper" });
  await told();
  assert.equal(room.shown()[person(7)], { [HELPER]: "Helper" });
  assert.is(room.shown()[BOB], undefined);
});

limits("a bot that comes back to a full room tells it nothing", async () => {
  const { kept, room, told, standing, clock } = await joinedRoom("hat");
  for (let index = 0; index < 103; index += 1) kept.dress(person(index), { [TEACHER]: "Teacher" });
  await told();
  await clock.advance(10_000);
  const before = standing().unshown;
  assert.is(before.length, 3);
  room.leave();
  room.join();
  assert.equal(await told(), []);
  assert.equal(standing().unshown, before);
});

limits("a room that names the hat as XEP-0317 does has no limits that are known", async () => {
  const { kept, told, standing } = await joinedRoom("hats#uri");
  kept.dress(BOB, hatsUpTo(30));
  assert.is((await told()).length, 60);
  assert.equal(standing().unshown, []);
});

limits("which of a person's hats are not shown can be asked, and which go by another title", async () => {
  const { kept, presence, told } = await joinedRoom("hat");
  kept.dress(CAROL, { "urn:x:0": "T0" });
  kept.dress(BOB, { ...hatsUpTo(11), "urn:x:0": { active: true, title: "Bob's own" } });
  assert.equal(presence.showing(ROOM, BOB), { unshown: ["urn:x:9"], underCommonTitle: ["urn:x:0"] });
  await told();
  assert.equal(presence.showing(ROOM, BOB), { unshown: ["urn:x:9"], underCommonTitle: ["urn:x:0"] });
  assert.equal(presence.showing("other@rooms.example.org" as typeof ROOM, BOB), {
    unshown: [],
    underCommonTitle: [],
  });
});

limits.run();

const retirement = suite("a hat that the desk retires");

for (const kind of ["hat", "hats#uri"] as const) {
  retirement(`is taken off everybody first and destroyed then (${kind})`, async () => {
    const { kept, room, clock, told } = await joinedRoom(kind);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    kept.dress(CAROL, { [TEACHER]: { active: true }, [HELPER]: "Helper" });
    await clock.advance(10_000);
    await told();
    const { hats, users } = kept.durableRoom(ROOM);
    kept.change([
      ...[BOB, CAROL].map((user) => ({
        kind: "user" as const,
        room: ROOM,
        user,
        before: users.get(user),
        after: user === BOB ? undefined : { hats: new Map([[HELPER as HatId, { active: true }]]) },
      })),
      {
        kind: "hat",
        room: ROOM,
        hat: TEACHER as HatId,
        before: hats.get(TEACHER as HatId),
        after: undefined,
      },
    ]);
    assert.equal(await told(), [
      `unassign ${BOB} ${TEACHER}`,
      `unassign ${CAROL} ${TEACHER}`,
      `destroy ${TEACHER}`,
    ]);
    assert.equal([...room.catalogue.keys()], [HELPER]);
  });
}

retirement("is not destroyed where somebody else made it in the room", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  room.change("assign", BOB, TEACHER, "Teacher");
  await clock.advance(600_000);
  kept.dress(BOB, {});
  kept.define(TEACHER, undefined);
  assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
  assert.ok(room.catalogue.has(TEACHER));
});

retirement("is not destroyed while somebody whom the desk does not dress wears it", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  const dave = "dave@example.org" as BareJid;
  kept.affiliations.set(dave, "none");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.change("assign", dave, TEACHER);
  await clock.advance(600_000);
  kept.dress(BOB, {});
  kept.define(TEACHER, undefined);
  assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
  room.change("unassign", dave, TEACHER);
  await clock.advance(600_000);
  assert.equal(await told(), [`destroy ${TEACHER}`]);
});

retirement("is destroyed after a crash too, and one that is there again in the desk is not", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  await clock.advance(10_000);
  await told();
  room.leave();
  kept.dress(BOB, {});
  kept.define(TEACHER, undefined);
  kept.define(HELPER, undefined);
  kept.define(HELPER, { title: "Helper" });
  room.join();
  const commands = await told();
  assert.equal(commands.slice(0, 2).toSorted(), [`unassign ${BOB} ${HELPER}`, `unassign ${BOB} ${TEACHER}`]);
  assert.equal(commands.slice(2), [`destroy ${TEACHER}`]);
});

retirement.run();

const bursts = suite("bursts");

bursts("of somebody's many hats, 32 are told at the same time", async () => {
  const { kept, room, told } = await joinedRoom("hats#uri");
  const request = room.request.bind(room);
  let open = 0;
  let most = 0;
  room.request = async (type, payload) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return request(type, payload);
  };
  const hats = Array.from({ length: 40 }, (_, index) => [`urn:x:${index}`, `Hat ${index}`] as const);
  kept.dress(BOB, Object.fromEntries(hats));
  const commands: string[] = [];
  for (let turn = 0; turn < 10; turn += 1) commands.push(...(await told()));
  assert.is(commands.filter((command) => command.startsWith("assign")).length, 40);
  assert.is(most, 32);
});

bursts(
  "of a thousand changes to a hundred wearers only the difference to the last state is sent",
  async () => {
    const { kept, room, told } = await joinedRoom("hat");
    kept.dress(person(0), { [TEACHER]: "Teacher", [HELPER]: "Helper" });
    for (let index = 0; index < 100; index += 1) kept.dress(person(index), { [TEACHER]: { active: true } });
    await told();
    room.leave();
    for (let turn = 0; turn < 1_000; turn += 1) {
      const worn = (turn * 7) % 3 === 0 ? [TEACHER, HELPER] : (turn * 7) % 3 === 1 ? [HELPER] : [];
      kept.dress(person(turn % 100), Object.fromEntries(worn.map((hat) => [hat, { active: true }])));
    }
    const before = room.shown();
    room.join();
    const commands = await told();
    const after = room.shown();
    let differences = 0;
    for (let index = 0; index < 100; index += 1) {
      const wanted = Object.keys(kept.worn(person(index)));
      assert.equal(Object.keys(after[person(index)] ?? {}).toSorted(), wanted.toSorted());
      const had = Object.keys(before[person(index)] ?? {});
      differences += wanted.filter((hat) => !had.includes(hat)).length;
      differences += had.filter((hat) => !wanted.includes(hat)).length;
    }
    const changes = commands.filter((command) => !command.startsWith("create"));
    assert.is(changes.length, differences);
  },
);

bursts("while a room answers, a thousand changes to a hundred wearers wait as a hundred", async () => {
  const { kept, room, told, standing } = await joinedRoom("hat");
  kept.dress(person(0), { [TEACHER]: "Teacher" });
  await told();
  let most = 0;
  for (let turn = 0; turn < 1_000; turn += 1) {
    const isGiven = turn < 950 ? turn % 2 === 0 : true;
    kept.dress(person(turn % 100), isGiven ? { [TEACHER]: { active: true } } : {});
    most = Math.max(most, standing().pending);
  }
  const commands = await told();
  assert.ok(most <= 100, `${most} waited`);
  assert.ok(commands.length <= 100 + 32 * 2, `${commands.length} commands`);
  assert.is(room.mostInFlight <= 32, true);
});

bursts.run();
