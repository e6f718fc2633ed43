/** docs/dependencies.md names every direct dependency and no other; installing them compiles nothing. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tableUnder } from "../support/markdown.ts";

interface Package {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly hasInstallScript?: boolean; readonly link?: boolean }>
  >;
}

/* core-js prints a line, esbuild looks whether its program starts. */
const HARMLESS_SCRIPTS = ["node_modules/core-js", "node_modules/esbuild"];

const test = suite("docs/dependencies.md");

test("names every direct dependency, that of the benchmark too, and no other", () => {
  const documented = tableUnder("docs/dependencies.md", "Dependencies").flatMap(([names = ""]) =>
    names.split(", "),
  );
  const direct = ["package.json", "test/bench/package.json"].flatMap((file) => {
    const { dependencies, devDependencies = {} } = read(file) as Package;
    return Object.keys({ ...dependencies, ...devDependencies });
  });
  const named = new Set(direct.map((name) => (isNamed(name) ? name : "@types/*")));
  assert.equal(documented.toSorted(), [...named].toSorted());

  function isNamed(name: string): boolean {
    return !name.startsWith("@types/") || documented.includes(name);
  }
});

test("no package that npm ci gets has to be compiled", () => {
  const { packages } = read("package-lock.json") as Lock;
  const withScripts = Object.entries(packages).filter(
    ([, { hasInstallScript }]) => hasInstallScript === true,
  );
  assert.equal(
    withScripts.map(([path]) => path),
    HARMLESS_SCRIPTS,
  );
});

test("no package is a folder within another one: npm 9, which Debian has, cannot install that", () => {
  const { packages } = read("package-lock.json") as Lock;
  assert.equal(
    Object.entries(packages).filter(([, { link }]) => link === true),
    [],
  );
});

test.run();

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
}
