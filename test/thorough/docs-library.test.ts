/** docs/library.md names what the package exports and what its desk can do, in both directions; its example runs. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseSync } from "oxc-parser";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tableUnder } from "../support/markdown.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FILE = "docs/library.md";
const EXAMPLE = "docs/examples/embed-desk.mjs";
const run = promisify(execFile);

const docs = suite(FILE);

function firstCells(heading: string): (string | undefined)[] {
  return tableUnder(FILE, heading).map(([cell]) => cell);
}

/* What a module exports by name, types too. */
function exportsOf(path: string): string[] {
  const { module } = parseSync(path, readFileSync(join(ROOT, path), "utf8"));
  return module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName }) => (exportName.name === null ? [] : [exportName.name])),
  );
}

interface Member {
  readonly key?: { readonly name?: string };
}

/* The members of an interface that a module declares. */
function membersOf(path: string, name: string): string[] {
  const { program } = parseSync(path, readFileSync(join(ROOT, path), "utf8"));
  for (const statement of program.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
    if (declared?.type !== "TSInterfaceDeclaration" || declared.id.name !== name) continue;
    return (declared.body.body as readonly Member[]).flatMap(({ key }) =>
      key?.name === undefined ? [] : [key.name],
    );
  }
  throw new Error(`${path} declares no interface ${name}`);
}

docs("names every export, and no other", () => {
  const documented = firstCells("Exports").flatMap((cell) => cell?.split(", ") ?? []);
  assert.equal(documented.toSorted(), exportsOf("src/index.ts").toSorted());
});

docs("names everything that a desk can be asked, and nothing else", () => {
  assert.equal(firstCells("For programs"), [...membersOf("src/desk/library.ts", "Library"), "on", "close"]);
  const named = new Set([...firstCells("For programs"), ...firstCells("For a bot of its own")]);
  const declared = ["src/desk/library.ts", "src/desk/desk.ts"].flatMap((path) =>
    membersOf(path, path.includes("library") ? "Library" : "Desk"),
  );
  assert.equal(named, new Set<string | undefined>(declared));
});

docs("names every option that a desk is opened with", () => {
  assert.equal(firstCells("openDesk"), membersOf("src/desk/desk.ts", "DeskOptions"));
});

docs(
  "names every kind of change that a listener or the history tells, and what hats are kept in there",
  () => {
    const text = readFileSync(join(ROOT, FILE), "utf8");
    const sources = ["change", "recorded"].map((name) =>
      readFileSync(join(ROOT, `src/core/${name}.ts`), "utf8"),
    );
    const kinds = sources.flatMap((source) =>
      [...source.matchAll(/readonly kind: "(\w+)"/g)].map(([, kind]) => kind),
    );
    assert.ok(kinds.includes("worn"));
    /* What was last put into a room is noted for the bot alone. */
    for (const kind of kinds) if (kind !== "base") assert.ok(text.includes(`\`${kind}\``), kind);
    assert.match(text, "a `Map` by hat id");
  },
);

docs("has an example that runs, and says what it prints", async () => {
  const folder = mkdtempSync(join(tmpdir(), "milliner-example-"));
  try {
    const installed = join(folder, "node_modules", "milliner");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), '{"type":"module","exports":"./index.ts"}');
    writeFileSync(
      join(installed, "index.ts"),
      `export * from ${JSON.stringify(join(ROOT, "src/index.ts"))};`,
    );
    cpSync(join(ROOT, EXAMPLE), join(folder, "embed-desk.mjs"));
    const tsx = import.meta.resolve("tsx");
    const text = readFileSync(join(ROOT, FILE), "utf8");
    const printed = /```text\n([^`]*)```/.exec(text)?.[1];
    for (const time of ["once", "once more"]) {
      const { stdout } = await run(process.execPath, ["--import", tsx, "embed-desk.mjs"], { cwd: folder });
      assert.is(stdout, printed, time);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

docs.run();
