/**
 * The layers of docs and design hold in the sources, and the rules that say so can fail.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { brokenRules } from "../support/import-rules.ts";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));

const sources = suite("the sources");

sources("import only from their own layer and from lower ones, and stay short", () => {
  assert.equal(brokenRules(SOURCES), []);
});

sources.run();

const rules = suite("the import rules");

/** What the rules say of one planted file. */
function verdict(file: string, text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "milliner-sources-"));
  try {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    return brokenRules(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const refused: readonly (readonly [rule: string, file: string, text: string])[] = [
  ["an import that goes up", "store/a.ts", `import { b } from "../desk/b.ts";`],
  ["a type import that goes up", "stanza/a.ts", `import type { B } from "../commands/b.ts";`],
  ["a type named in place that goes up", "desk/a.ts", `export type B = import("../xmpp/b.ts").B;`],
  ["an export from above", "core/a.ts", `export * from "../stanza/b.ts";`],
  ["a named export from above", "core/a.ts", `export { b } from "../stanza/b.ts";`],
  ["a dynamic import that goes up", "presence/a.ts", `await import("../xmpp/b.ts");`],
  ["a dynamic import of a computed name in core", "core/a.ts", `await import(name);`],
  ["a file of a folder that imports the root's", "cli/a.ts", `import { b } from "../index.ts";`],
  ["stanza that knows store", "stanza/a.ts", `import { b } from "../store/b.ts";`],
  ["store that knows stanza", "store/a.ts", `import { b } from "../stanza/b.ts";`],
  ["core that imports from Node", "core/a.ts", `import { join } from "node:path";`],
  ["core that imports a package", "core/a.ts", `import { Low } from "lowdb";`],
  ["@xmpp/client outside xmpp", "commands/a.ts", `import { client } from "@xmpp/client";`],
  ["@xmpp/client-core outside xmpp", "cli/a.ts", `import { Client } from "@xmpp/client-core";`],
  ["an import from outside of the sources", "testing/a.ts", `import { b } from "../../test/b.ts";`],
  ["a file in no layer", "helpers/a.ts", `import { b } from "../core/b.ts";`],
  ["a file of 251 lines", "core/a.ts", "//\n".repeat(251)],
];

for (const [rule, file, text] of refused)
  rules(`refuse ${rule}`, () => {
    assert.is(verdict(file, text).length, 1, verdict(file, text).join("\n"));
  });

const allowed: readonly (readonly [rule: string, file: string, text: string])[] = [
  ["an import from the same layer", "core/a.ts", `import { b } from "./b.ts";`],
  ["an import that goes down", "desk/a.ts", `import { b } from "../core/b.ts";`],
  ["@xmpp/client in xmpp", "xmpp/a.ts", `import { client } from "@xmpp/client";`],
  ["@xmpp/client in testing", "testing/a.ts", `import { client } from "@xmpp/client";`],
  ["what looks like an import in a text", "core/a.ts", 'export const a = `import "node:fs"`;'],
  ["a file of 250 lines", "core/a.ts", "//\n".repeat(250)],
  [
    "a longer file that says why",
    "core/a.ts",
    `/** It is long because it is a table. */\n${"//\n".repeat(250)}`,
  ],
];

for (const [rule, file, text] of allowed)
  rules(`allow ${rule}`, () => {
    assert.equal(verdict(file, text), []);
  });

rules.run();
