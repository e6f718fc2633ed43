/** Room presence after the stream was interrupted: what failed meanwhile need not wait for its time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BOB, joinedRoom, settle, TEACHER } from "../support/dressed-room.ts";
import { openRoom, openStage, TEAM } from "../support/room-stage.ts";

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

test("where nothing failed a stream that goes on asks nothing of the room", async () => {
  const { room } = await joinedRoom("hat");
  room.asked.splice(0);
  room.emit("resumed");
  await settle();
  assert.equal(room.asked, []);
  assert.equal(room.told, []);
});

test.run();
