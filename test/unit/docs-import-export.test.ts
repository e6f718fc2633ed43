/** docs/import-export.md says what documents are, as the code has it, and its examples are documents. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COLUMNS } from "../../src/commands/documents/csv-document.ts";
import { DEFAULT_SESSION_LIMITS } from "../../src/commands/engine/session-table.ts";
import { UNCONFIRMED_PEOPLE } from "../../src/commands/room/confirmation.ts";
import { noteIn, tableIn } from "../support/engine.ts";
import { openHatDesk, OWNER, TEAM } from "../support/hat-desk.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/import-export.md");

const FILE = "docs/import-export.md";
const text = readFileSync(new URL(`../../${FILE}`, import.meta.url), "utf8");
const flat = text.replace(/\s+/g, " ");
const examples = [...text.matchAll(/```(?:json)?\n([\s\S]*?)```/g)].map(([, example = ""]) => example);

docs("lists the columns of a list, in their order", () => {
  const documented = text.split("\n").flatMap((line) => /^\| `(\w+)` \| .* \| .* \|$/.exec(line)?.[1] ?? []);
  assert.equal(
    documented.filter((name) => COLUMNS.includes(name as "user")),
    COLUMNS,
  );
  assert.ok(examples.some((example) => example.startsWith(`${COLUMNS.join(",")}\n`)));
});

docs("names the two modes that there are", async () => {
  const at = await openHatDesk();
  const [, merge, replace] =
    text
      .split("\n")
      .find((line) => line.startsWith("| | `merge`"))
      ?.split("|")
      .map((cell) => cell.trim().replaceAll("`", ""))
      .slice(1) ?? [];
  for (const mode of [merge ?? "", replace ?? ""]) {
    const answer = await at.once(OWNER, "import-hats", { room: TEAM, document: "{}", mode });
    assert.is(noteIn(answer), `Nothing changed in ${TEAM}.`);
  }
  await at.close();
});

docs("its examples are taken", async () => {
  const at = await openHatDesk();
  const documents = examples.filter((example) => !example.startsWith("milliner "));
  assert.is(documents.length, 2);
  for (const document of documents) {
    const answer = await at.once(OWNER, "import-hats", { room: TEAM, document, "dry-run": "1" });
    assert.is(answer.error, undefined);
    const columns = tableIn(answer).columns.map((column) => `\`${column.var}\``);
    assert.ok(flat.includes(`a table of what would change: ${columns.join(", ")}`));
  }
  await at.close();
});

docs("says the bounds as they are", () => {
  assert.ok(flat.includes(`more than ${UNCONFIRMED_PEOPLE} people is confirmed`));
  const { characters, charactersPerOwner } = DEFAULT_SESSION_LIMITS;
  assert.ok(
    flat.includes(`at ${characters} characters, and what those of one person hold at ${charactersPerOwner}`),
  );
  assert.is(
    tableUnder("docs/config.md", "Limits").some(([name]) => name === "documentLength"),
    true,
  );
});

docs.run();
