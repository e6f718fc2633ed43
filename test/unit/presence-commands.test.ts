/** Room presence by the room's own commands: how many of them each change takes, and which. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hueOf } from "../../src/stanza/hue.ts";
import { BOB, CAROL, dressedRoom, HELPER, joinedRoom, settle, TEACHER } from "../support/dressed-room.ts";

const xep = suite("room commands of XEP-0317");

for (const kind of ["hat", "hats#uri"] as const) {
  xep(`a hat that the room does not know is created and assigned, in the field ${kind}`, async () => {
    const { kept, room, told } = await joinedRoom(kind);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    assert.equal(await told(), [`create ${TEACHER} Teacher`, `assign ${BOB} ${TEACHER}`]);
    assert.equal(room.shown(), { [BOB]: { [TEACHER]: "Teacher" } });
  });
}

xep("a hat that the room knows takes one command to give and one to take", async () => {
  const { kept, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  assert.equal(await told(), [`assign ${CAROL} ${TEACHER}`]);
  kept.dress(CAROL, {});
  assert.equal(await told(), [`unassign ${CAROL} ${TEACHER}`]);
});

xep("setting hats sends the difference only, taking before giving", async () => {
  const { kept, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  await told();
  kept.dress(BOB, { [HELPER]: "Helper", "urn:x:new": "New" });
  assert.equal(await told(), [
    `unassign ${BOB} ${TEACHER}`,
    "create urn:x:new New",
    `assign ${BOB} urn:x:new`,
  ]);
});

xep("a hat that is not shown is not given, and hiding it takes it off", async () => {
  const { kept, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: { title: "Teacher", active: false } });
  assert.equal(await told(), []);
  kept.dress(BOB, { [TEACHER]: { title: "Teacher", active: true } });
  assert.equal((await told()).length, 2);
  kept.dress(BOB, { [TEACHER]: { title: "Teacher" } });
  assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
});

xep("what the room cannot show is not told: required, a wearer's own title", async () => {
  const { kept, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  kept.dress(BOB, { [TEACHER]: { active: true, required: true, title: "Bob's own" } });
  assert.equal(await told(), []);
});

xep("a new title of a hat takes one command, however many wear it", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  await told();
  kept.define(TEACHER, { title: "Professor" });
  assert.equal(await told(), [`create ${TEACHER} Professor`]);
  assert.equal(room.catalogue.get(TEACHER)?.hue, String(hueOf("Teacher")), "the hue stays");
});

xep("a new hue takes one command, a hue that is as it was none", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  kept.define(TEACHER, { title: "Teacher", hue: 12.5 });
  assert.equal(await told(), [`create ${TEACHER} Teacher`]);
  assert.is(room.catalogue.get(TEACHER)?.hue, "12.5");
  kept.define(TEACHER, { title: "Teacher", hue: 12.5 });
  assert.equal(await told(), []);
});

xep("a hat that the room does not know and nobody wears is not told", async () => {
  const { kept, told } = await joinedRoom("hat");
  kept.define(TEACHER, { title: "Teacher" });
  assert.equal(await told(), []);
});

xep("a thousand changes of one wearer cost no more than their difference", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  for (let turn = 0; turn < 1000; turn += 1) kept.dress(BOB, turn % 2 === 0 ? {} : { [TEACHER]: "Teacher" });
  assert.ok((await told()).length <= 2, "at most one that was under way, and one back");
  assert.equal(room.shown(), { [BOB]: { [TEACHER]: "Teacher" } });
});

xep("a thousand changes of one wearer that end where they began cost nothing", async () => {
  const { kept, room, told } = dressedRoom("hat");
  for (let turn = 0; turn < 1000; turn += 1) kept.dress(BOB, turn % 2 === 0 ? { [TEACHER]: "Teacher" } : {});
  room.join();
  assert.equal(await told(), []);
});

xep("many wearers of one new hat create it once", async () => {
  const { kept, told } = await joinedRoom("hat");
  const people = Array.from({ length: 100 }, (_, index) => `user${index}@example.org` as typeof BOB);
  for (const person of people) kept.dress(person, { [TEACHER]: "Teacher" });
  const commands = await told();
  assert.is(commands.length, 101);
  assert.is(commands.filter((command) => command.startsWith("create")).length, 1);
});

xep("no more than 32 wearers are told at the same time", async () => {
  const { kept, room, told } = await joinedRoom("hats#uri");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  for (let index = 0; index < 200; index += 1)
    kept.dress(`user${index}@example.org` as typeof BOB, { [TEACHER]: { active: true } });
  assert.is((await told()).length, 200);
  assert.is(room.mostInFlight, 32);
});

xep("a room that shows what the desk says is told nothing on joining", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  await told();
  room.leave();
  room.asked = [];
  room.join();
  assert.equal(await told(), []);
  assert.equal(room.asked, ["disco", "list-assigned", "form", "list"]);
});

xep("what changed while the bot was out is told when it comes back", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.leave();
  kept.dress(BOB, { [HELPER]: "Helper" });
  assert.equal(await told(), []);
  room.join();
  assert.equal(await told(), [
    `unassign ${BOB} ${TEACHER}`,
    `create ${HELPER} Helper`,
    `assign ${BOB} ${HELPER}`,
  ]);
});

xep("a title that changed while the bot was out is told when it comes back", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.leave();
  kept.define(TEACHER, { title: "Professor" });
  room.join();
  assert.equal(await told(), [`create ${TEACHER} Professor`]);
});

xep("what another room of this name lacks is put there again", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(10_000);
  await told();
  room.leave();
  room.assigned.clear();
  room.catalogue.clear();
  room.isSameRoom = false;
  room.join();
  assert.equal(await told(), [`create ${TEACHER} Teacher`, `assign ${BOB} ${TEACHER}`]);
});

xep("a hat that somebody else gave first and the desk gives too is the desk's to take", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  room.catalogue.set(TEACHER, { title: "Teacher", hue: "" });
  room.assign(BOB, TEACHER, "Teacher");
  room.leave();
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  room.join();
  assert.equal(await told(), [], "it is there already");
  kept.dress(BOB, {});
  assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
});

xep("a hat put just before a crash is taken off after it, if the desk has taken it since", async () => {
  const before = await joinedRoom("hat");
  before.room.mishap = (command) => (command.startsWith("assign") ? "lost-after" : undefined);
  before.kept.dress(BOB, { [TEACHER]: "Teacher" });
  await before.told();
  before.presence.close();
  before.kept.dress(BOB, {});
  const after = dressedRoom("hat", "auto", before.kept);
  after.room.assign(BOB, TEACHER, "Teacher");
  after.room.join();
  assert.equal(await after.told(), [`unassign ${BOB} ${TEACHER}`]);
  await after.clock.advance(10_000);
  assert.equal(before.kept.base(BOB), {}, "nothing is left of it");
});

xep("the base is durable before a hat is put, and says the title when the room has it", async () => {
  const { kept, room, clock, told } = await joinedRoom("hat");
  const bases: Record<string, string>[] = [];
  room.mishap = (command) => {
    if (command.startsWith("assign")) bases.push(kept.base(BOB));
    return undefined;
  };
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  assert.equal(bases, [{ [TEACHER]: "" }]);
  await clock.advance(10_000);
  assert.equal(kept.base(BOB), { [TEACHER]: "Teacher" });
});

xep("a hundred changes of one wearer, each told, write their base with them, and once at rest", async () => {
  const { kept, clock, told } = await joinedRoom("hat");
  for (let turn = 0; turn < 100; turn += 1) {
    kept.dress(BOB, turn % 2 === 0 ? { [TEACHER]: "Teacher" } : {});
    await told();
  }
  await clock.advance(10_000);
  assert.is(kept.recorded, 2, "the mark of the new hat, and the base at rest");
  assert.equal(kept.base(BOB), {});
});

xep("a hat whose title nobody knows is shown by its URI", async () => {
  const { kept, told } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: { active: true } });
  assert.equal(await told(), [`create ${TEACHER} ${TEACHER}`, `assign ${BOB} ${TEACHER}`]);
});

xep.run();

const older = suite("room commands of older ejabberd");

for (const dialect of ["xep-0317-0.2", "prosody-hats"] as const) {
  older(`a hat is given with its title and taken by its URI, one command each (${dialect})`, async () => {
    const { kept, room, told } = await joinedRoom(dialect);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    assert.equal(await told(), [`assign ${BOB} ${TEACHER} Teacher`]);
    assert.equal(room.shown(), { [BOB]: { [TEACHER]: "Teacher" } });
    kept.dress(BOB, {});
    assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
  });

  older(`a wearer's own title is shown, and changing it takes one command (${dialect})`, async () => {
    const { kept, room, told } = await joinedRoom(dialect);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    kept.dress(CAROL, { [TEACHER]: "Head teacher" });
    await told();
    assert.equal(room.shown()[CAROL], { [TEACHER]: "Head teacher" });
    kept.dress(CAROL, { [TEACHER]: "Principal" });
    assert.equal(await told(), [`assign ${CAROL} ${TEACHER} Principal`]);
  });

  older(
    `a new title of a hat is told for those who have none of their own, and show it (${dialect})`,
    async () => {
      const { kept, told } = await joinedRoom(dialect);
      kept.dress(BOB, { [TEACHER]: "Teacher" });
      kept.dress(CAROL, { [TEACHER]: { active: true } });
      kept.dress("dave@example.org" as typeof BOB, { [TEACHER]: { active: false } });
      await told();
      kept.define(TEACHER, { title: "Professor" });
      assert.equal(await told(), [`assign ${CAROL} ${TEACHER} Professor`]);
    },
  );

  older(`a new hue is not told: the room has none (${dialect})`, async () => {
    const { kept, told } = await joinedRoom(dialect);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    kept.define(TEACHER, { title: "Teacher", hue: 20 });
    assert.equal(await told(), []);
  });

  older(`a room that shows what the desk says is told nothing on joining (${dialect})`, async () => {
    const { kept, room, told } = await joinedRoom(dialect);
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    room.leave();
    room.asked = [];
    room.join();
    await settle();
    assert.equal(await told(), []);
    assert.equal(room.asked, ["disco", "list-assigned"]);
  });
}

older.run();
