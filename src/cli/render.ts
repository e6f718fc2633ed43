/** How an answer looks on a terminal, and as JSON for scripts. */
import Table from "cli-table3";
import type { CommandResponse } from "../stanza/command.ts";
import { parseForm, parseTable } from "../stanza/data-form.ts";

/** The stable shape of `--json`. */
export interface JsonAnswer {
  readonly status: string;
  readonly notes: readonly { readonly type: string; readonly text: string }[];
  /** The values of a result without a table, by var. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly table: JsonTable | null;
}

/** A table; each row holds the cells by the var of their column. */
export interface JsonTable {
  readonly title: string;
  readonly columns: readonly { readonly var: string; readonly label: string }[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** An answer as `--json` prints it. */
export function toJson({ status, notes, payload }: CommandResponse): JsonAnswer {
  const table = payload && parseTable(payload);
  const form = payload && parseForm(payload);
  return {
    status,
    notes: notes.map(({ severity, text }) => ({ type: severity, text })),
    fields: Object.fromEntries((form?.fields ?? []).map((field) => [field.var, field.values ?? []])),
    table: table
      ? {
          title: table.title ?? "",
          columns: table.columns.map((column) => ({ var: column.var, label: column.label })),
          rows: table.rows.map((row) =>
            Object.fromEntries(table.columns.map((column, at) => [column.var, row[at] ?? ""])),
          ),
        }
      : null,
  };
}

/** An answer as people read it: the summary, the fields, the table, the notes. */
export function toText(answer: JsonAnswer, instructions?: string): string {
  const lines = instructions === undefined ? [] : [instructions];
  lines.push(...fieldLines(answer));
  if (answer.table !== null) {
    if (answer.table.title !== "") lines.push(answer.table.title);
    const labels = answer.table.columns.map(({ label }) => label);
    const cells = answer.table.rows.map((row) => Object.values(row));
    lines.push(renderTable(labels, cells));
  }
  return [...lines, ...answer.notes.map(({ text }) => text)].join("\n");
}

/* One field alone is what was asked for, such as a document to be put into a file. */
function fieldLines({ fields }: JsonAnswer): readonly string[] {
  const given = Object.entries(fields);
  const [only] = given;
  if (only !== undefined && given.length === 1) return only[1];
  return given.map(([name, values]) => `${name}: ${values.join(", ")}`);
}

/** A plain table: no frame, two spaces between the columns. */
export function renderTable(labels: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...labels],
    chars: PLAIN,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

const PLAIN = Object.fromEntries(
  [
    ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"],
    ["left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
  ]
    .flat()
    .map((name) => [name, ""]),
);
