/** docs/cli.md and the README name the subcommands, flags, exit statuses and commands that there are, and no others. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT_NO_CONNECTION, EXIT_OK, EXIT_REFUSED, EXIT_USAGE } from "../../src/cli/exit.ts";
import { refusalToJson } from "../../src/cli/answer.ts";
import { EXIT_STATUSES, VALUES } from "../../src/cli/help.ts";
import { SUBCOMMANDS } from "../../src/cli.ts";
import { commandsOf } from "../../src/commands/registry.ts";
import type { Services } from "../../src/commands/room/scene.ts";
import { loadForms } from "../../src/commands/texts/forms.ts";
import { StanzaError } from "../../src/stanza/stanza-error.ts";
import { runForHelp } from "../support/cli-help.ts";
import { faultsOf } from "../support/exec-schema.ts";
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
  const coded = EXIT_STATUSES.map(([status, meaning]) => [String(status), meaning]);
  assert.equal(tableUnder("docs/cli.md", "Exit status"), coded);
  assert.equal(
    EXIT_STATUSES.map(([status]) => status),
    [EXIT_OK, EXIT_REFUSED, EXIT_USAGE, EXIT_NO_CONNECTION],
  );
});

docs("lists all that an argument of exec may be", () => {
  assert.equal(tableUnder("docs/cli.md", "Values"), VALUES);
});

docs("lists every member of what exec prints as JSON", () => {
  const documented = tableUnder("docs/cli.md", "JSON").map(([member]) => member ?? "");
  const answer = refusalToJson(new StanzaError("auth", "forbidden"));
  assert.equal(documented.toSorted(), Object.keys(answer).toSorted());
});

docs("has an example that is as the schema says", () => {
  const text = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const [, example = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  assert.equal(faultsOf(JSON.parse(example)), []);
});

docs("--help of every subcommand has examples and all exit statuses", async () => {
  for (const { words, options } of SUBCOMMANDS) {
    const name = words.split(" ")[0] ?? "";
    const { status, help: stdout } = await runForHelp([name, "--help"]);
    assert.is(status, EXIT_OK);
    for (const [flag] of options) assert.ok(stdout.includes(`  ${flag} `), `${name} ${flag}`);
    assert.match(stdout, new RegExp(`^Examples:\\n(.*\\n)*? .*milliner ${name} `, "m"));
    for (const exit of [EXIT_OK, EXIT_REFUSED, EXIT_USAGE, EXIT_NO_CONNECTION]) {
      assert.match(stdout, new RegExp(`^  ${exit}  \\S`, "m"));
    }
    for (const [value] of VALUES) assert.is(stdout.includes(`  ${value} `), name === "exec", value);
  }
});

docs.run();

const readme = suite("the README");

readme("lists every command with the name that people see", () => {
  const forms = loadForms();
  const own = commandsOf({} as Services).filter(({ node }) => !node.startsWith("urn:"));
  const coded = own.map(({ node }) => [node, forms.form(node, "en").name]);
  assert.equal(tableUnder("README.md", "Give a hat"), coded);
});

readme.run();
