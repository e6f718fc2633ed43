/** Room presence when rooms refuse, fall silent, change their minds or throw the bot out. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HatsError } from "../../src/core/errors.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { type Log, silentLog } from "../../src/core/log.ts";
import { openPresence } from "../../src/presence/presence.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import {
  BOB,
  CAROL,
  dressedRoom,
  HELPER,
  joinedRoom,
  ROOM,
  settle,
  TEACHER,
} from "../support/dressed-room.ts";
import { KeptHats } from "../support/kept-hats.ts";
import { timingBy, turnedClock } from "../support/presence-clock.ts";
import { ScriptedRoom } from "../support/scripted-room.ts";

const LIMIT = new StanzaError("cancel", "not-allowed", undefined, "Hats limit exceeded");
const BUSY = new StanzaError("wait", "resource-constraint");

const test = suite("room presence under failures");

test("a wearer at the room's limit rests, is reported, and the others go on", async () => {
  const { kept, room, clock, told, status } = await joinedRoom("hat");
  room.mishap = (command) => (command.startsWith(`assign ${BOB}`) ? LIMIT : undefined);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  assert.is((await told()).length, 3);
  assert.equal(room.shown(), { [CAROL]: { [TEACHER]: "Teacher" } });
  assert.equal(status(), {
    dialect: "xep-0317",
    pending: 1,
    lastError: "the answer was cancel/not-allowed: “Hats limit exceeded”",
  });
  assert.equal(kept.base(BOB), {}, "what was refused is not the desk's");
  await clock.advance(86_400_000);
  assert.equal(await told(), [], "the same would be refused again");
});

test("a wearer at the room's limit gets another try when somebody's last hat is taken", async () => {
  const { kept, room, told, status } = await joinedRoom("hat");
  room.mishap = (command) =>
    command.startsWith("assign") && room.shown()[CAROL] !== undefined ? LIMIT : undefined;
  kept.dress(CAROL, { [TEACHER]: "Teacher" });
  await told();
  kept.dress(BOB, { [TEACHER]: { active: true } });
  await told();
  kept.dress(CAROL, {});
  assert.equal(await told(), [`unassign ${CAROL} ${TEACHER}`, `assign ${BOB} ${TEACHER}`]);
  assert.equal(status(), { dialect: "xep-0317", pending: 0, lastError: undefined });
});

test("wearers whose hats the room refuses to take do not wake each other", async () => {
  const { kept, room, clock, told } = await joinedRoom("hats#uri");
  for (const user of [BOB, CAROL]) kept.dress(user, { [TEACHER]: "Teacher" });
  await clock.advance(60_000);
  await told();
  room.mishap = (command) =>
    command.startsWith("unassign") ? new StanzaError("modify", "bad-request") : undefined;
  for (const user of [BOB, CAROL]) kept.dress(user, {});
  const first = await told();
  assert.ok(first.length <= 4, first.join());
  for (let turn = 0; turn < 10; turn += 1) await settle();
  assert.equal(await told(), []);
});

test("a room in which hats are switched off by the configuration is not listened to", () => {
  const room = new ScriptedRoom(ROOM, "hat");
  const heard: string[] = [];
  room.on = (name) => void heard.push(name);
  const clock = turnedClock();
  const presence = openPresence({ keeping: new KeptHats(ROOM), timing: timingBy(clock), log: silentLog });
  presence.addRoom(room, "off");
  assert.equal(heard, []);
});

test("what still waits to be told to a room that fell silent is not told it", async () => {
  const { kept, room } = await joinedRoom("hats#uri");
  const request = room.request.bind(room);
  let asked = 0;
  room.request = async (type, payload) => {
    if (/node="[^"]*:assign"/.test(String(payload))) asked += 1;
    return request(type, payload);
  };
  room.mishap = (command) => (command.startsWith("assign") ? "lost-before" : undefined);
  const hats = Array.from({ length: 100 }, (_, index) => [`urn:x:${index}`, `Hat ${index}`] as const);
  kept.dress(BOB, Object.fromEntries(hats));
  for (let turn = 0; turn < 20; turn += 1) await settle();
  assert.ok(asked < 40, `${asked} of 100 were told`);
});

test("as many wearers get another try as hats are taken", async () => {
  const { kept, room, told, status } = await joinedRoom("hat");
  const worn = (): number =>
    Object.values(room.shown()).reduce((sum, hats) => sum + Object.keys(hats).length, 0);
  room.mishap = (command) => (command.startsWith("assign") && worn() >= 3 ? LIMIT : undefined);
  kept.dress(CAROL, { [TEACHER]: "Teacher", [HELPER]: "Helper", "urn:x:third": "Third" });
  await told();
  const resting = ["dave", "erin", "finn"].map((name) => `${name}@example.org` as BareJid);
  for (const user of resting) kept.dress(user, { [TEACHER]: { active: true } });
  await told();
  kept.dress(CAROL, {});
  await told();
  assert.equal(Object.keys(room.shown()).toSorted(), resting);
  assert.is(status().pending, 0);
});

test("a wearer at the room's limit gets another try when any hat is taken, after its wearer's new ones", async () => {
  const { kept, room, told, status } = await joinedRoom("hat");
  const worn = (): number =>
    Object.values(room.shown()).reduce((sum, hats) => sum + Object.keys(hats).length, 0);
  room.mishap = (command) => (command.startsWith("assign") && worn() >= 2 ? LIMIT : undefined);
  kept.dress(CAROL, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  await told();
  kept.dress(BOB, { [TEACHER]: { active: true } });
  await told();
  kept.dress(CAROL, { [TEACHER]: { active: true }, "urn:x:new": "New" });
  await told();
  assert.equal(room.shown(), { [CAROL]: { [TEACHER]: "Teacher", "urn:x:new": "New" } });
  kept.dress(CAROL, { [TEACHER]: { active: true } });
  assert.equal(await told(), [`unassign ${CAROL} urn:x:new`, `assign ${BOB} ${TEACHER}`]);
  assert.equal(status(), { dialect: "xep-0317", pending: 0, lastError: undefined });
});

test("one hat that is refused does not keep back the wearer's others", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  room.mishap = (command) =>
    command === `assign ${BOB} ${TEACHER}` ? new StanzaError("modify", "bad-request") : undefined;
  kept.dress(BOB, { [TEACHER]: "Teacher", [HELPER]: "Helper" });
  await told();
  assert.equal(room.shown(), { [BOB]: { [HELPER]: "Helper" } });
  assert.equal(kept.base(BOB), { [HELPER]: "Helper" });
});

test("a refusal that may pass is tried again after a growing wait", async () => {
  const { kept, room, clock, told, status } = await joinedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.mishap = (command) => (command.startsWith("unassign") ? BUSY : undefined);
  kept.dress(BOB, {});
  assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`]);
  assert.is(status().lastError, "the answer was wait/resource-constraint");
  for (const wait of [1_000, 2_000, 4_000]) {
    await clock.advance(wait - 1);
    assert.equal(await told(), []);
    await clock.advance(1);
    assert.equal(await told(), [`unassign ${BOB} ${TEACHER}`], `after ${wait} ms`);
  }
  room.mishap = () => undefined;
  await clock.advance(8_000);
  assert.equal(room.shown(), {});
  assert.equal(status(), { dialect: "xep-0317", pending: 0, lastError: undefined });
});

test("a hat that cannot be created is not assigned: the room would hold it unseen", async () => {
  const { kept, room, told } = await joinedRoom("hat");
  room.mishap = (command) => (command.startsWith("create") ? BUSY : undefined);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  assert.equal(await told(), [`create ${TEACHER} Teacher`]);
});

for (const mishap of ["lost-before", "lost-after"] as const) {
  test(`after a silence (${mishap}) the room's list is read before anything is sent`, async () => {
    const { kept, room, clock, told, status } = await joinedRoom("hat");
    kept.dress(BOB, { [TEACHER]: "Teacher" });
    await told();
    room.mishap = () => mishap;
    kept.dress(CAROL, { [TEACHER]: { active: true } });
    await told();
    assert.is(status().lastError, "no answer came in time");
    room.mishap = () => undefined;
    room.asked = [];
    await clock.advance(10_000);
    assert.equal(room.asked.slice(0, 3), ["disco", "list-assigned", "form"]);
    assert.equal(await told(), mishap === "lost-after" ? [] : [`assign ${CAROL} ${TEACHER}`]);
    await clock.advance(10_000);
    assert.equal(kept.base(CAROL), { [TEACHER]: "Teacher" });
    assert.equal(status(), { dialect: "xep-0317", pending: 0, lastError: undefined });
  });
}

test("a room that cannot be asked is asked again, and told everything then", async () => {
  const { kept, room, clock, told, status } = dressedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  room.mishap = () => "lost-before";
  room.join();
  assert.equal(await told(), []);
  assert.equal(status(), { dialect: undefined, pending: 0, lastError: "no answer came in time" });
  await clock.advance(1_000);
  room.mishap = () => undefined;
  await clock.advance(2_000);
  assert.is((await told()).length, 2);
});

test("a room that cannot be asked is asked less and less, and never given up", async () => {
  const { room, clock } = dressedRoom("hat");
  room.mishap = () => "lost-before";
  room.join();
  await clock.advance(3_600_000);
  assert.ok(room.asked.length > 60 && room.asked.length < 75, `asked ${room.asked.length} times in an hour`);
  assert.ok((clock.nextDue ?? Number.POSITIVE_INFINITY) <= 60_000);
});

test("nothing is sent while the bot is out, whatever was waiting", async () => {
  const { kept, room, clock, told, status } = await joinedRoom("hat");
  room.mishap = () => BUSY;
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.leave();
  await clock.advance(3_600_000);
  assert.equal(await told(), []);
  assert.is(clock.nextDue, undefined);
  assert.equal(status(), { dialect: undefined, pending: 0, lastError: undefined });
});

test("a store that cannot be written keeps the room as it is until it can", async () => {
  const { kept, room, clock, told } = dressedRoom("hat");
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  kept.failure = new HatsError("store-unwritable");
  room.join();
  assert.equal(await told(), []);
  kept.failure = undefined;
  await clock.advance(10_000);
  assert.is((await told()).length, 2);
});

test("a bot that loses its rights carries the hats itself, and gives them back to the room with its rights", async () => {
  const { kept, room, told, status } = await joinedRoom("hat");
  room.enter("bob", BOB);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  room.kind = "no-commands";
  room.emit("own-affiliation", "member");
  await settle();
  assert.is(status().dialect, "own-presence");
  assert.is(room.payloads.length, 1);
  room.kind = "hat";
  room.emit("own-affiliation", "owner");
  assert.equal(await told(), []);
  assert.is(status().dialect, "xep-0317");
  assert.equal(room.payloads.at(-1), "", "and takes its own payload away");
});

test("a command that is suddenly forbidden has the room asked for its commands", async () => {
  const { kept, room, clock, status, told } = await joinedRoom("hat");
  room.kind = "no-commands";
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await told();
  await clock.advance(2_000);
  assert.is(status().dialect, "own-presence");
  assert.is(status().lastError, undefined);
});

test("who is refused again and again in one way has the room asked for its commands once", async () => {
  const { kept, room, clock } = await joinedRoom("hats#uri");
  const answers = ["item-not-found", "service-unavailable"];
  for (const condition of answers) {
    room.mishap = (command) =>
      command.startsWith("assign") ? new StanzaError("cancel", condition) : undefined;
    if (condition === answers[0]) kept.dress(BOB, { [TEACHER]: "Teacher" });
    room.asked = [];
    await clock.advance(3_600_000);
    assert.equal(
      room.asked.filter((asked) => asked === "disco"),
      ["disco"],
    );
  }
});

test("a room whose configuration changes a hundred times is asked once", async () => {
  const { room, clock } = await joinedRoom("hat");
  room.asked = [];
  for (let turn = 0; turn < 100; turn += 1) room.emit("configuration");
  await clock.advance(60_000);
  assert.equal(room.asked, ["disco", "list-assigned", "list"]);
});

test("a dead room delays no other", async () => {
  const clock = turnedClock();
  const dead = new KeptHats(ROOM);
  const presence = openPresence({ keeping: dead, timing: timingBy(clock), log: silentLog });
  const silent = new ScriptedRoom(ROOM, "hat");
  silent.request = () => new Promise(() => undefined);
  const lively = new ScriptedRoom("other@rooms.example.org" as typeof ROOM, "hat");
  presence.addRoom(silent, "auto");
  presence.addRoom(lively, "auto");
  silent.join();
  lively.join();
  await settle();
  assert.is(presence.status(ROOM)?.dialect, undefined);
  assert.is(presence.status(lively.room)?.dialect, "xep-0317");
});

test("a room that is let go of, or lost, while its commands are in question is not asked for them again", async () => {
  const letGo = dressedRoom("hat");
  letGo.room.join();
  letGo.room.emit("own-affiliation", "owner");
  letGo.presence.removeRoom(ROOM);
  await settle();
  assert.equal(letGo.room.asked, []);
  const { room, status, clock } = await joinedRoom("hat");
  room.emit("own-affiliation", "owner");
  room.emit("own-affiliation", "owner");
  room.leave();
  await settle();
  assert.is(status().lastError, undefined);
  assert.is(clock.nextDue, undefined);
});

test("a room that is let go of is told nothing more", async () => {
  const { kept, room, presence, told } = await joinedRoom("hat");
  presence.removeRoom(ROOM);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  room.leave();
  room.join();
  assert.equal(await told(), []);
  assert.is(presence.status(ROOM), undefined);
});

test("while the stream is interrupted a failure is one line, without where it was thrown", async () => {
  const lines: string[] = [];
  const keep: Log["warn"] = (fields, message) =>
    void lines.push(`${Object.keys(fields).join(" ")}: ${message}`);
  const kept = new KeptHats(ROOM);
  const clock = turnedClock();
  const room = new ScriptedRoom(ROOM, "hat");
  const log = { ...silentLog, info: keep, warn: keep };
  const presence = openPresence({ keeping: kept, timing: timingBy(clock), log });
  presence.addRoom(room, "auto");
  room.join();
  await settle();
  lines.length = 0;
  room.isInterrupted = true;
  room.mishap = () => "lost-before";
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(10 * 60_000);
  assert.equal(lines, ["room: room presence: waits for the stream"]);
  room.isInterrupted = false;
  room.emit("resumed");
  await settle();
  assert.equal(lines.slice(1), ["room err: room presence: will be tried again"]);
  presence.close();
});

test.run();
