/**
 * Tables for people: no frame, two spaces between the columns, no wider than the terminal.
 *
 * On a terminal what is too wide goes on in the next line of its cell; where even that leaves a column hardly any room,
 * each row is written as a block of lines. Nothing is ever cut off. What is piped has a row a line, as wide as it is.
 */
import Table from "cli-table3";
import wrapLine from "wrap-ansi";
import { asLine } from "../core/text.ts";

/* Below this a cell in several lines is harder to read than a block. */
const LEAST_WIDTH = 8;
const GAP = 2;

const PLAIN = Object.fromEntries(
  [
    ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ]
    .flat()
    .map((name) => [name, ""]),
);

/** Writes a table; without a width as wide as it is, a row a line. */
export function renderTable(
  labels: readonly string[],
  rows: readonly (readonly string[])[],
  width?: number,
): string {
  const head = labels.map(inOneLine);
  const cells = rows.map((row) => labels.map((_, at) => inOneLine(row[at] ?? "")));
  const natural = head.map((label, at) => widthOf([label, ...cells.map((row) => row[at] ?? "")]));
  const whole = natural.reduce((sum, column) => sum + column + GAP, -GAP);
  if (width === undefined || whole <= width) return draw(head, cells);
  const widths = fit(natural, width);
  if (widths === undefined) return blocks(head, cells);
  const wrap = (row: readonly string[]): string[] => row.map((text, at) => wrapText(text, widths[at] ?? 0));
  return draw(wrap(head), cells.map(wrap));
}

/** A text as a line that a terminal only shows. */
export function inOneLine(text: string): string {
  return asLine(text).trim();
}

function draw(head: readonly string[], cells: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    chars: PLAIN,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
  });
  for (const row of cells) table.push([...row]);
  return withoutTrailingSpace(table.toString());
}

function wrapText(text: string, width: number): string {
  return wrapLine(text, width, { hard: true });
}

/* What a terminal makes of the widest, by the library's own measure. */
function widthOf(texts: readonly string[]): number {
  const table = new Table({ chars: PLAIN, style: { border: [], "padding-left": 0, "padding-right": 0 } });
  for (const text of texts) table.push([text]);
  return table.width;
}

/* Narrow columns keep their width, and the wide ones share what is left; undefined where that is next to nothing. */
function fit(natural: readonly number[], width: number): number[] | undefined {
  const fitted = [...natural];
  let wide = natural.map((_, at) => at);
  let left = width - GAP * (natural.length - 1);
  for (;;) {
    const share = Math.floor(left / wide.length);
    const narrow = wide.filter((at) => (natural[at] ?? 0) <= share);
    if (narrow.length === 0) {
      for (const at of wide) fitted[at] = share;
      return share < LEAST_WIDTH ? undefined : fitted;
    }
    for (const at of narrow) left -= natural[at] ?? 0;
    wide = wide.filter((at) => !narrow.includes(at));
  }
}

function blocks(head: readonly string[], cells: readonly (readonly string[])[]): string {
  return cells
    .map((row) => head.map((label, at) => `${label}: ${row[at] ?? ""}`.trimEnd()).join("\n"))
    .join("\n\n");
}

function withoutTrailingSpace(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
