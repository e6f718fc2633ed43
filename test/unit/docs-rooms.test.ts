/** The tables of docs/rooms.md and the code name the same states and reasons. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NEXT_STEPS, STEP_BY_CODE } from "../../src/commands/room/next-step.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
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
  const coded = Object.entries(ROOM_REFUSALS).map(([code, { maxMs }]) => [
    code,
    maxMs > 10 * MINUTE ? "later" : "soon",
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
    SUSPENSIONS,
  );
});

test("names every next step in the words in which it is said, and no other", () => {
  const phrases = loadForms().phrases("en");
  assert.equal(
    tableUnder(FILE, "What to do next"),
    NEXT_STEPS.map((step) => [step, phrases.say(`next-${step}`)]),
  );
});

test("there is a next step for every refusal and suspension", () => {
  assert.equal(
    Object.keys(STEP_BY_CODE).toSorted(),
    [...Object.keys(ROOM_REFUSALS), ...SUSPENSIONS].toSorted(),
  );
});

test.run();
