// runner: deadline 900 s
/** The whole of what test/thorough/desk-invariants.test.ts tries a part of: ten thousand random histories. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { playAndUndo, playHistories } from "../support/random-past.ts";

const histories = suite("ten thousand random histories");

histories("nobody gains a hat that nobody allowed gave, and the history explains every state", async () => {
  const { histories: played, faults } = await playHistories(10_000, 12, 10_001);
  assert.equal({ played, faults }, { played: 10_000, faults: [] });
});

for (const seed of [11, 12, 13, 14, 15]) {
  histories(`undone newest first, each earlier state is restored byte for byte (seed ${seed})`, async () => {
    const { changes, faults } = await playAndUndo(1_200, seed);
    assert.equal({ changes, faults }, { changes: 1_200, faults: [] });
  });
}

histories.run();
