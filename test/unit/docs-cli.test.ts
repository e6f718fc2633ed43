/** docs/cli.md and the README name the subcommands, flags, exit statuses and commands that there are, and no others. */
import { existsSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT_NO_CONNECTION, EXIT_OK, EXIT_REFUSED, EXIT_USAGE } from "../../src/cli/exit.ts";
import { SUBCOMMANDS } from "../../src/cli.ts";
import { commandsOf } from "../../src/commands/registry.ts";
import type { Services } from "../../src/commands/room/room-access.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { tableUnder } from "../support/markdown.ts";

const docs = suite("docs/cli.md");

docs("lists every subcommand with its flags", () => {
  const documented = tableUnder("docs/cli.md", "Subcommands").map(([words, flags]) => [words, flags]);
  const coded = SUBCOMMANDS.map(({ words, options }) => [
    words,
    options.map(([flag]) => flag.split(" ")[0]).join(" "),
  ]);
  assert.equal(documented, coded);
});

docs("lists every flag, each once", () => {
  const documented = tableUnder("docs/cli.md", "Flags").map(([flag]) => flag ?? "");
  const coded = new Set(SUBCOMMANDS.flatMap(({ options }) => options.map(([flag]) => flag)));
  assert.equal(documented.toSorted(), [...coded].toSorted());
});

docs("lists every exit status", () => {
  const documented = tableUnder("docs/cli.md", "Exit status").map(([status]) => Number(status));
  assert.equal(documented, [EXIT_OK, EXIT_REFUSED, EXIT_USAGE, EXIT_NO_CONNECTION]);
});

docs.run();

const readme = suite("the README");

readme("lists every command with the name that people see", () => {
  const forms = loadForms();
  const own = commandsOf({} as Services).filter(({ node }) => !node.startsWith("urn:"));
  const coded = own.map(({ node }) => [node, forms.form(node, "en").name]);
  assert.equal(tableUnder("README.md", "Give a hat"), coded);
});

readme("links only to what is there", () => {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const links = [...text.matchAll(/\]\(((?:docs|src)\/[^)#]+)/g)].map(([, path = ""]) => path);
  assert.ok(links.length > 10);
  for (const path of links) assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), path);
});

readme.run();
