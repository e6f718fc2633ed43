/** How an answer looks to people. */
import { asLine } from "../core/text.ts";
import type { JsonAnswer } from "./answer.ts";
import { inOneLine, renderTable } from "./table.ts";

/**
 * An answer as people read it: the summary, the fields, the table, the notes; `width` is the terminal's, undefined
 * where it goes into a pipe or a file.
 */
export function toText(answer: JsonAnswer, instructions?: string, width?: number): string {
  const lines = instructions === undefined ? [] : [inLines(instructions)];
  lines.push(...fieldLines(answer, width !== undefined));
  if (answer.table !== null) {
    if (answer.table.title !== "") lines.push(inOneLine(answer.table.title));
    const { columns } = answer.table;
    const cells = answer.table.rows.map((row) => columns.map((column) => row[column.var] ?? ""));
    const labels = columns.map(({ label }) => label);
    lines.push(renderTable(labels, cells, width));
  }
  return [...lines, ...notesBeside(answer).map(({ text }) => inLines(text))].join("\n");
}

/* A table is followed by a note with the same rows, for clients without tables. */
function notesBeside({ notes, table }: JsonAnswer): JsonAnswer["notes"] {
  return table === null ? notes : notes.filter(({ type }) => type !== "info");
}

/* One field alone is what was asked for, such as a document: into a file it goes as it came. */
function fieldLines({ fields }: JsonAnswer, isTerminal: boolean): readonly string[] {
  const given = Object.entries(fields);
  const [only] = given;
  if (only !== undefined && given.length === 1) return isTerminal ? only[1].map(shown) : only[1];
  return given.map(([name, values]) => `${inOneLine(name)}: ${values.map(inOneLine).join(", ")}`);
}

/* Of a document the indentation stays. */
function shown(value: string): string {
  return value
    .split("\n")
    .map((line) => asLine(line))
    .join("\n");
}

/** A text of several lines as a terminal only shows it. */
export function inLines(text: string): string {
  return text.split("\n").map(inOneLine).join("\n");
}
