/** The tables of docs/rooms.md and the code name the same states and reasons. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SUSPENSIONS } from "../../src/xmpp/muc/room-memory.ts";
import { ROOM_REFUSALS } from "../../src/xmpp/muc/room-refusal.ts";
import type { RoomState } from "../../src/xmpp/muc/room-status.ts";
import { tableUnder } from "../support/markdown.ts";

const test = suite("docs/rooms.md");
const FILE = "docs/rooms.md";
const MINUTE = 60_000;
const STATES: Record<RoomState, true> = {
  offline: true,
  joining: true,
  ready: true,
  refused: true,
  suspended: true,
  left: true,
};

test("names every state", () => {
  const documented = tableUnder(FILE, "States").map(([state]) => state);
  assert.equal(documented, Object.keys(STATES));
});

test("names every reason of a refusal, and how soon the next attempt is", () => {
  const documented = tableUnder(FILE, "Refused").map(([code, , again]) => [code, again]);
  const coded = Object.entries(ROOM_REFUSALS)
    .map(([code, { retry }]) => [code, retry.maxMs > 10 * MINUTE ? "later" : "soon"])
    // Such a room is suspended.
    .filter(([code]) => code !== "created");
  assert.equal(documented, coded);
});

test("names every reason of a suspension", () => {
  assert.equal(
    tableUnder(FILE, "Suspended").map(([code]) => code),
    Object.keys(SUSPENSIONS),
  );
});

test.run();
