/** The real store on a disk whose power is cut, again and again: what was acknowledged is there afterwards. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cutPower } from "../support/crash-store.ts";

const cuts = suite("power cuts");

cuts(
  "1,000 of them lose nothing that was acknowledged, leave nothing unreadable and no history amiss",
  async () => {
    const { losses, seed } = await cutPower(1_000, true);
    assert.equal({ losses, seed }, { losses: { unreadable: 0, lost: 0, history: 0 }, seed: undefined });
  },
);

cuts("the same model sees the losses of a disk that does not secure what it is told to", async () => {
  const { losses } = await cutPower(200, false);
  assert.ok(losses.lost + losses.unreadable > 50, JSON.stringify(losses));
});

cuts.run();
