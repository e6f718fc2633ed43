/** Room presence after the stream was interrupted: what failed meanwhile need not wait for its time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { silentLog } from "../../src/core/log.ts";
import { openPresence } from "../../src/presence/presence.ts";
import type { RoomLink } from "../../src/presence/room-link.ts";
import { xml } from "../../src/stanza/xml.ts";
import { StreamDownError } from "../../src/xmpp/stream/stream.ts";
import { assertRejects } from "../support/assert-rejects.ts";
import { BOB, joinedRoom, settle, TEACHER } from "../support/dressed-room.ts";
import { KeptHats } from "../support/kept-hats.ts";
import { timingBy, turnedClock } from "../support/presence-clock.ts";
import { calm, openRoom, openStage, presenceOf, TEAM } from "../support/room-stage.ts";

const test = suite("room presence after an interruption");

test("what failed while the stream was down is made good as soon as it goes on", async () => {
  const { kept, room, clock, told, status } = await joinedRoom("hat");
  room.mishap = () => "lost-before";
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(600_000);
  assert.is(status().dialect, undefined, "it begins anew after a wait");
  const wait = clock.nextDue ?? 0;
  assert.ok(wait > 1_000, `the wait has grown to ${wait} ms`);
  room.mishap = () => undefined;
  room.told.splice(0);
  room.emit("resumed");
  assert.equal((await told()).slice(-1), [`assign ${BOB} ${TEACHER}`]);
  assert.equal(room.shown(), { [BOB]: { [TEACHER]: "Teacher" } });
});

test("a room says that it is interrupted while it is joined and the stream is down", async () => {
  const { rooms, stream } = await openStage({ room: openRoom() });
  const link = rooms.link(TEAM);
  stream.goOffline(true);
  assert.equal([link?.isJoined, link?.isInterrupted], [true, true]);
  stream.resume();
  assert.equal([link?.isJoined, link?.isInterrupted], [true, false]);
});

test("a payload that could not be taken away is taken away when the stream goes on", async () => {
  const { rooms, stream, outgoing } = await openStage({ room: openRoom() });
  const link = rooms.link(TEAM);
  await link?.setOwnPayload(xml("hats", { xmlns: "urn:milliner:hats:0" }));
  assert.match(outgoing().at(-1) ?? "", "<hats");
  stream.goOffline(true);
  await assertRejects(link?.setOwnPayload(undefined) ?? Promise.resolve(), StreamDownError);
  stream.resume();
  await calm();
  const sent = outgoing();
  assert.is(sent.length, 1);
  assert.match(sent[0] ?? "", /^<presence to="team@/);
  assert.not.match(sent[0] ?? "", "<hats");
  stream.resume();
  await calm();
  assert.equal(outgoing(), [], "and no more");
});

test("a hat that was given and taken while the stream was down is not shown when it goes on", async () => {
  const { rooms, stream, outgoing } = await openStage({ room: openRoom() });
  const link = rooms.link(TEAM);
  const clock = turnedClock();
  const kept = new KeptHats(TEAM);
  const presence = openPresence({ keeping: kept, timing: timingBy(clock), log: silentLog });
  presence.addRoom(link as RoomLink, "own");
  stream.deliver(presenceOf({ nick: "bob", jid: `${BOB}/phone`, affiliation: "member" }));
  await clock.advance(10_000);
  stream.goOffline(true);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  await clock.advance(3_000);
  kept.dress(BOB, {});
  await clock.advance(600_000);
  outgoing();
  stream.resume();
  await clock.advance(600_000);
  await calm();
  assert.not.ok(outgoing().some((line) => line.includes("Teacher")));
  presence.close();
});

test("a room joined in own presence is told its payload once", async () => {
  const { rooms, stream, outgoing } = await openStage({ room: openRoom() });
  const clock = turnedClock();
  const kept = new KeptHats(TEAM);
  kept.dress(BOB, { [TEACHER]: "Teacher" });
  const presence = openPresence({ keeping: kept, timing: timingBy(clock), log: silentLog });
  presence.addRoom(rooms.link(TEAM) as RoomLink, "own");
  stream.deliver(presenceOf({ nick: "bob", jid: `${BOB}/phone`, affiliation: "member" }));
  await clock.advance(10_000);
  presence.removeRoom(TEAM);
  await calm();
  stream.goOffline(false);
  outgoing();
  presence.addRoom(rooms.link(TEAM) as RoomLink, "own");
  const deliver = stream.deliver.bind(stream);
  let isBobIn = false;
  stream.deliver = (stanza) => {
    if (!isBobIn && stanza.name === "presence") {
      isBobIn = true;
      deliver(presenceOf({ nick: "bob", jid: `${BOB}/phone`, affiliation: "member" }));
    }
    deliver(stanza);
  };
  stream.goOnline();
  await calm();
  assert.is(outgoing().filter((line) => line.includes("Teacher")).length, 1);
  presence.close();
});

test("where nothing failed a stream that goes on asks nothing of the room", async () => {
  const { room } = await joinedRoom("hat");
  room.asked.splice(0);
  room.emit("resumed");
  await settle();
  assert.equal(room.asked, []);
  assert.equal(room.told, []);
});

test.run();
