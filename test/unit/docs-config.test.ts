/** docs/config.md and the code name the same keys, variables and limits, in both directions. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { environmentName } from "../../src/config/origins.ts";
import { CONFIG_KEYS } from "../../src/config/keys.ts";
import { DEFAULT_LIMITS } from "../../src/core/limits.ts";
import { RETENTION } from "../../src/store/history/history.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/config.md");

docs("lists every key with its variable, and no other", () => {
  const documented = tableUnder("docs/config.md", "Keys").map(([key, variable]) => [key, variable]);
  assert.equal(
    documented,
    CONFIG_KEYS.map((key) => [key, environmentName(key)]),
  );
});

docs("lists every limit with its default, and no other", () => {
  const documented = tableUnder("docs/config.md", "Limits").map(([key, value]) => [key, Number(value)]);
  assert.equal(documented, Object.entries(DEFAULT_LIMITS));
});

docs("says how much of the history is kept", () => {
  const documented = tableUnder("docs/config.md", "History").map(([key, value]) => [key, Number(value)]);
  assert.equal(documented, Object.entries(RETENTION));
});

docs.run();
