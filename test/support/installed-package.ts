/** A folder in which the sources stand where the installed package would: for examples that import it by name. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What the package exports, and the source that each is made from. */
export const ENTRIES: Readonly<Record<string, string>> = {
  ".": "src/index.ts",
  "./adhoc": "src/adhoc.ts",
  "./testing": "src/testing/index.ts",
};

/** Where an example stands, copied beside such a package. */
export interface PlacedExample {
  readonly folder: string;
  readonly file: string;
  remove(): void;
}

/** Copies an example to where it finds the package; it runs with `--import tsx`. */
export function placeExample(path: string): PlacedExample {
  const folder = mkdtempSync(join(tmpdir(), "milliner-example-"));
  const installed = join(folder, "node_modules", "milliner");
  mkdirSync(installed, { recursive: true });
  const exports: Record<string, string> = {};
  for (const [name, source] of Object.entries(ENTRIES)) {
    const file = `${basename(source, ".ts")}-${name.replace("./", "")}.ts`;
    writeFileSync(join(installed, file), `export * from ${JSON.stringify(join(ROOT, source))};\n`);
    exports[name] = `./${file}`;
  }
  writeFileSync(join(installed, "package.json"), JSON.stringify({ type: "module", exports }));
  const file = join(folder, basename(path));
  writeFileSync(file, readFileSync(join(ROOT, path)));
  return { folder, file, remove: () => rmSync(folder, { recursive: true }) };
}
