/** What a module of the sources exports, so that a test can hold the documentation against it. */
import { readFileSync } from "node:fs";
import { parseSync } from "oxc-parser";

/** The names that a module exports, types too; `path` is from the root of the project. */
export function exportsOf(path: string): string[] {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  return parseSync(path, text).module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName }) => (exportName.name === null ? [] : [exportName.name])),
  );
}
