/** docs/transcripts.md is what people see: each command is there, and all of it is played anew and compared. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../support/interface-table.ts";
import { TRANSCRIPTS, writeTranscripts } from "../support/transcripts.ts";
import { STORIES } from "../support/transcript-stories.ts";

const docs = suite(TRANSCRIPTS);

docs(
  "is what the desk says now; `node --import tsx test/support/transcripts.ts --write` writes it anew",
  async () => {
    assert.fixture(
      readFileSync(new URL(`../../${TRANSCRIPTS}`, import.meta.url), "utf8"),
      await writeTranscripts(),
    );
  },
);

docs("has every command", () => {
  const told = new Set(STORIES.map(({ node }) => node));
  assert.equal(told, new Set(COMMANDS.map(({ node }) => node)));
});

docs.run();
