/** Documents as long as they may be: one change, and nobody waits for it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { noteIn } from "../support/engine.ts";
import { openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";

const test = suite("long documents");

test("ten thousand rows are one change, worked on in slices", async () => {
  const at = await openHatDesk();
  const users = Array.from({ length: 10_000 }, (_, index) => `u${index}@example.org`);
  const affiliations = [...users.map((user) => [user, "member"]), ["alice@example.org", "owner"]];
  at.rooms.add(TEAM, Object.fromEntries(affiliations) as never);
  let changes = 0;
  at.desk.on("change", () => (changes += 1));
  let turns = 0;
  let turn = setImmediate(function next() {
    turns += 1;
    turn = setImmediate(next);
  });
  const list = users.map((user, index) => `${user},urn:x:${index % 10},Hat ${index % 10}`);
  const answer = await at.once(OWNER, "import-hats", { room: TEAM, document: list.join("\n") });
  clearImmediate(turn);
  assert.match(noteIn(answer) ?? "", /^Changed in \S+: people 10000, hats on them 10000/);
  assert.ok(Buffer.byteLength(answer.xml.toString()) < 128 * 1024);
  assert.is(changes, 1);
  assert.ok(turns > 20, `${turns} turns`);
  await at.close();
});

test.run();
