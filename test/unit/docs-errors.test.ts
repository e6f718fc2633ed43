/** The table of errors in the documentation and the catalogue in the code say the same, in both directions. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FAULTS, REFUSALS } from "../../src/core/errors.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/errors.md");

docs("lists every refusal as the code has it, and no other", () => {
  const documented = tableUnder("docs/errors.md", "Refusals").map(([code, error, text]) => [
    code,
    error,
    text,
  ]);
  const coded = Object.entries(REFUSALS).map(([code, refusal]) => {
    const application = "application" in refusal ? `, ${refusal.application}` : "";
    return [code, `${refusal.type} / ${refusal.condition}${application}`, refusal.text];
  });
  assert.equal(documented, coded);
});

docs("says of every refusal what to do about it", () => {
  for (const row of tableUnder("docs/errors.md", "Refusals")) assert.ok(row[3], row[0]);
});

docs("lists every fault as the code has it, and no other", () => {
  const coded = Object.entries(FAULTS).map(([code, { exit, text }]) => [code, String(exit), text]);
  assert.equal(tableUnder("docs/errors.md", "Faults"), coded);
});

docs.run();
