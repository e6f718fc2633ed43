/** docs/testing-other-bots.md names what milliner/testing exports and takes, in both directions; the package has what it needs. */
import { readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exportsOf } from "../support/exports.ts";
import { ENTRIES } from "../support/installed-package.ts";
import { tableUnder } from "../support/markdown.ts";

const FILE = "docs/testing-other-bots.md";
const docs = suite(FILE);

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

function documented(heading: string): string[] {
  const names = tableUnder(FILE, heading).flatMap(([cell]) => cell?.split(", ") ?? []);
  return names.map((name) => name.replace(/\(.*/, "")).toSorted();
}

interface Member {
  readonly key?: { readonly name?: string };
}

/* The members that an interface declares itself. */
function membersOf(path: string, name: string): string[] {
  for (const statement of parseSync(path, read(path)).program.body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
    if (declared?.type !== "TSInterfaceDeclaration" || declared.id.name !== name) continue;
    return (declared.body.body as readonly Member[]).flatMap(({ key }) => key?.name ?? []);
  }
  throw new Error(`${path} declares no interface ${name}`);
}

docs("names every export, and no other", () => {
  assert.equal(documented("Exports"), exportsOf("src/testing/index.ts").toSorted());
});

docs("names every setting of a lab, a room and a desk, and no other", () => {
  const settings = "src/testing/lab-settings.ts";
  assert.equal(documented("startLab"), membersOf(settings, "LabSettings").toSorted());
  assert.equal(documented("A room"), membersOf(settings, "LabRoom").toSorted());
  const passedOn = ["clock", "log", "time"];
  assert.equal(documented("A desk"), [...membersOf(settings, "LabDesk"), ...passedOn].toSorted());
});

docs("names everything that a lab has, and nothing else", () => {
  assert.equal(documented("The lab"), membersOf("src/testing/lab.ts", "Lab").toSorted());
});

docs.run();

const pack = suite("the package");

interface Package {
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}
const { exports, files, dependencies } = JSON.parse(read("package.json")) as Package;

pack("exports what the documentation says, each made of its source", () => {
  assert.equal(Object.keys(exports), Object.keys(ENTRIES));
  for (const [name, source] of Object.entries(ENTRIES)) {
    const built = source.replace(/^src/, "./dist").replace(/\.ts$/, "");
    assert.equal(exports[name], { types: `${built}.d.ts`, default: `${built}.js` });
  }
});

pack("holds what is looked for beside the code, and depends on the types that its declarations name", () => {
  for (const folder of ["dist", "forms", "src/prosody", "docs"]) assert.ok(files.includes(folder), folder);
  assert.ok("@types/xmpp__xml" in dependencies);
});

pack.run();
