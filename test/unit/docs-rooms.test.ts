/** The tables of docs/rooms.md and the code name the same states and reasons. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { REPLACEMENTS, SUSPENSIONS } from "../../src/xmpp/muc/room-memory.ts";
import { ROOM_REFUSALS } from "../../src/xmpp/muc/room-refusal.ts";
import { ROOM_TRANSITIONS } from "../../src/xmpp/muc/room-states.ts";
import { tableUnder } from "../support/markdown.ts";

const test = suite("docs/rooms.md");
const FILE = "docs/rooms.md";
const MINUTE = 60_000;
test("names every state", () => {
  const documented = tableUnder(FILE, "States").map(([state]) => state);
  assert.equal(documented, Object.keys(ROOM_TRANSITIONS));
});

test("has the table of transitions that every room goes by", () => {
  const documented = tableUnder(FILE, "Transitions").map(([state, event, next]) => [state, event, next]);
  const coded = Object.entries(ROOM_TRANSITIONS).flatMap(([state, events]) =>
    Object.entries(events).map(([event, next]) => [state, event, next]),
  );
  assert.equal(documented, coded);
});

test("names every reason of a refusal, and how soon the next attempt is", () => {
  const documented = tableUnder(FILE, "Refused").map(([code, , again]) => [code, again]);
  const coded = Object.entries(ROOM_REFUSALS).map(([code, { retry }]) => [
    code,
    retry.maxMs > 10 * MINUTE ? "later" : "soon",
  ]);
  assert.equal(documented, coded);
});

test("names every way to find out that it is another room", () => {
  assert.equal(
    tableUnder(FILE, "Another room").map(([code]) => code),
    Object.keys(REPLACEMENTS),
  );
});

test("names every reason of a suspension", () => {
  assert.equal(
    tableUnder(FILE, "Suspended").map(([code]) => code),
    Object.keys(SUSPENSIONS),
  );
});

test.run();
