/** Reads tables out of the documentation, so that a test can hold them against the code. */
import { readFileSync } from "node:fs";

/** The rows of the first table under a heading, cells trimmed and without backquotes; the head row left out. */
export function tableUnder(file: string, heading: string): string[][] {
  const lines = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").split("\n");
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "").trim() === heading);
  if (at < 0) throw new Error(`${file} has no heading "${heading}"`);
  const first = lines.findIndex((line, index) => index > at && line.startsWith("|"));
  if (first < 0) throw new Error(`${file} has no table under "${heading}"`);
  const end = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
  return lines.slice(first + 2, end < 0 ? undefined : end).map(parseRow);
}

function parseRow(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.replaceAll("`", "").trim());
}
