/**
 * Lists of hats as spreadsheets write them: RFC 4180, one hat of one person a line.
 *
 * The columns are `user,hat,title,active,required,expires`; a line of their names may stand anywhere and sets their
 * order from there on, so that lists can be put one after another. Where the first line has no comma, semicolons or tabs
 * part the cells. Leaves out cells of several lines: nothing in a list has any.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { CsvError, parse } from "csv-parse/sync";
import { badField } from "../../core/errors.ts";
import type { ExplanationCode } from "../../core/explanations.ts";
import { parseHatId } from "../../core/hat-id.ts";
import type { ImportDocument, ImportRow } from "../../core/import.ts";
import { parseTitle } from "../../core/titles.ts";
import { parseFlag } from "../answers.ts";
import { CollectedRows } from "./collected-rows.ts";
import type { ImportContext } from "./import-context.ts";
import { lineAt, type Place, Problems } from "./problems.ts";

/** The columns in the order that they have without a line of their names. */
export const COLUMNS = ["user", "hat", "title", "active", "required", "expires"] as const;

type Column = (typeof COLUMNS)[number];
type Cells = Readonly<Record<Column, string>>;

/* So many lines are read before others have their turn. */
const LINES_A_TURN = 500;

/* No line that can be right is longer. */
const MAX_LINE_LENGTH = 16_384;

/* What the library says, in words for whoever wrote the line. */
const MISTAKES: ReadonlyMap<string, ExplanationCode> = new Map([
  ["CSV_QUOTE_NOT_CLOSED", "quote-not-closed"],
  ["CSV_INVALID_CLOSING_QUOTE", "text-after-quote"],
  ["CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE", "text-after-quote"],
  ["INVALID_OPENING_QUOTE", "text-before-quote"],
]);

/** Reads a list of hats. Throws HatsError bad-field naming each line that is wrong. */
export async function parseCsvDocument(
  texts: readonly string[],
  context: ImportContext,
): Promise<ImportDocument> {
  const problems = new Problems();
  const rows = new CollectedRows(problems);
  const lines = texts
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => text.trim() !== "");
  for (const { text, line } of lines) {
    if (text.length > MAX_LINE_LENGTH) problems.add(lineAt(line), "too-long", { max: MAX_LINE_LENGTH });
  }
  problems.refuse();
  const delimiter = delimiterOf(lines[0]?.text ?? "");
  let columns: readonly Column[] = COLUMNS;
  for (let from = 0; from < lines.length && !problems.areMany; from += LINES_A_TURN) {
    for (const { cells, line } of readCells(lines.slice(from, from + LINES_A_TURN), delimiter, problems)) {
      const place = lineAt(line);
      if (isHeader(cells)) columns = readHeader(cells, place, problems);
      else readRow(cells, columns, place, context, problems, rows);
    }
    await nextTurn();
  }
  problems.refuse();
  return { hats: new Map(), grants: new Map(), rows: rows.all(), isRecord: false };
}

/* A line that is not blank, counted from 1. */
interface Line {
  readonly text: string;
  readonly line: number;
}

interface Cut {
  readonly cells: readonly string[];
  readonly line: number;
}

/* One by one only where something is wrong, to find out where. */
function readCells(lines: readonly Line[], delimiter: string, problems: Problems): Cut[] {
  const together = parseLines(lines, delimiter);
  if (Array.isArray(together) && together.length === lines.length) {
    return together.map((cells, index) => ({ cells, line: lines[index]?.line ?? 0 }));
  }
  return lines.flatMap((one): Cut[] => {
    const alone = parseLines([one], delimiter);
    if (Array.isArray(alone)) return alone.map((cells) => ({ cells, line: one.line }));
    problems.add(lineAt(one.line), MISTAKES.get(alone.code) ?? "not-a-list-line");
    return [];
  });
}

function parseLines(lines: readonly Line[], delimiter: string): string[][] | CsvError {
  try {
    return parse(lines.map(({ text }) => text).join("\n"), {
      delimiter,
      relax_column_count: true,
      trim: true,
    });
  } catch (error) {
    if (error instanceof CsvError) return error;
    throw error;
  }
}

function delimiterOf(line: string): string {
  return [",", ";", "\t"].find((delimiter) => line.includes(delimiter)) ?? ",";
}

/* No person is called that, though a hat may be. */
function isHeader(cells: readonly string[]): boolean {
  return cells.some((cell) => cell.toLowerCase() === "user") && !cells.some((cell) => cell.includes("@"));
}

function readHeader(cells: readonly string[], place: Place, problems: Problems): readonly Column[] {
  const names = cells.map((cell) => cell.toLowerCase());
  const unknown = names.find((name) => !isColumn(name));
  if (unknown !== undefined) {
    const code = unknown === "" ? "unnamed-column" : "unknown-column";
    problems.add(place, code, { name: unknown, columns: COLUMNS.join(", ") });
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.add(place, "column-twice", { name: twice });
  return names.filter(isColumn);
}

function isColumn(name: string): name is Column {
  return COLUMNS.some((column) => column === name);
}

function readRow(
  cells: readonly string[],
  columns: readonly Column[],
  place: Place,
  context: ImportContext,
  problems: Problems,
  rows: CollectedRows,
): void {
  if (cells.every((cell) => cell === "")) return;
  if (cells.length > columns.length) {
    problems.add(place, "too-many-cells", { count: cells.length });
    return;
  }
  const named = new Map(columns.map((column, index) => [column, cells[index] ?? ""]));
  const all = Object.fromEntries(COLUMNS.map((column) => [column, named.get(column) ?? ""])) as Cells;
  const row = problems.take(place, () => parseRow(all, context));
  if (row !== undefined) rows.add(row, place);
}

function parseRow(cells: Cells, { findUser, limits, parseExpiry }: ImportContext): ImportRow {
  if (cells.user === "") throw badField("user", "missing");
  const user = findUser(cells.user);
  if (cells.hat === "" && cells.title === "") throw badField("hat", "hat-or-title-missing");
  const title = cells.title === "" ? {} : { title: parseTitle(cells.title, limits) };
  return {
    user,
    hat: cells.hat === "" ? undefined : parseHatId(cells.hat),
    attachment: {
      active: cells.active === "" || parseFlag(cells.active, "active"),
      required: cells.required !== "" && parseFlag(cells.required, "required"),
      ...title,
    },
    expires: cells.expires === "" ? undefined : parseExpiry(cells.expires),
  };
}
