/** An answer as `--json` prints it: the stable shape of docs/exec-output.schema.json. */
import type { CommandResponse } from "../stanza/command.ts";
import { type Field, type FieldType, type Option, parseForm, parseTable } from "../stanza/data-form.ts";
import type { StanzaError } from "../stanza/stanza-error.ts";

/** One answer; every member is always there. */
export interface JsonAnswer {
  readonly status: "canceled" | "completed" | "executing" | "refused";
  readonly notes: readonly { readonly type: string; readonly text: string }[];
  /** The values of a result without a table, by var. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  readonly table: JsonTable | null;
  /** What a command that is not completed asks for. */
  readonly asked: readonly JsonQuestion[];
  /** Why it was refused. */
  readonly error: JsonError | null;
}

/** A table; each row holds the cells by the var of their column. */
export interface JsonTable {
  readonly title: string;
  readonly columns: readonly { readonly var: string; readonly label: string }[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

/** A field that wants a value. */
export interface JsonQuestion {
  readonly var: string;
  readonly type: FieldType;
  readonly label: string;
  readonly required: boolean;
  /** What stands there already. */
  readonly values: readonly string[];
  readonly options: readonly Option[];
}

/** A stanza error. */
export interface JsonError {
  readonly type: string;
  readonly condition: string;
  /** XEP-0050's own condition, where there is one. */
  readonly application: string | null;
  readonly text: string;
}

/** An answer as `--json` prints it. */
export function toJson({ status, notes, payload }: CommandResponse): JsonAnswer {
  const table = payload && parseTable(payload);
  const fields = (payload && parseForm(payload).fields) ?? [];
  const isAsked = status === "executing";
  return {
    status,
    notes: notes.map(({ severity, text }) => ({ type: severity, text })),
    fields: isAsked ? {} : Object.fromEntries(fields.map((field) => [field.var, field.values ?? []])),
    table: table
      ? {
          title: table.title ?? "",
          columns: table.columns.map((column) => ({ var: column.var, label: column.label })),
          rows: table.rows.map((row) =>
            Object.fromEntries(table.columns.map((column, at) => [column.var, row[at] ?? ""])),
          ),
        }
      : null,
    asked: isAsked ? fields.filter(wantsValue).map(toQuestion) : [],
    error: null,
  };
}

/** A refusal as `--json` prints it. */
export function refusalToJson({ type, condition, application, text }: StanzaError): JsonAnswer {
  const error = { type, condition, application: application ?? null, text: text ?? "" };
  return { status: "refused", notes: [], fields: {}, table: null, asked: [], error };
}

function wantsValue({ type }: Field): boolean {
  return type !== "fixed" && type !== "hidden";
}

function toQuestion({
  var: name,
  type,
  label = name,
  required = false,
  values,
  options,
}: Field): JsonQuestion {
  return { var: name, type, label, required, values: values ?? [], options: options ?? [] };
}
