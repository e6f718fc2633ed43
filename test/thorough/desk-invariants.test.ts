/** What holds whatever people do: some hundred random histories; test/tools plays ten thousand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { playAndUndo, playHistories } from "../support/random-past.ts";

const invariants = suite("random histories");

invariants("nobody gains a hat that nobody allowed gave, and the history explains every state", async () => {
  const { histories, commands, changes, refused, faults } = await playHistories(80, 12);
  assert.equal(faults, []);
  assert.is(histories, 80);
  assert.ok(changes > commands / 6 && refused > commands / 10, `${commands}, ${changes}, ${refused}`);
});

invariants("undone newest first, a thousand changes restore each earlier state byte for byte", async () => {
  const { changes, faults } = await playAndUndo(1_000, 1);
  assert.equal(faults, []);
  assert.is(changes, 1_000);
});

invariants.run();
