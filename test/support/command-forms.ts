/** Form files of commands that exist only in tests. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Forms, FORMS_FOLDER, loadForms } from "../../src/commands/texts/forms.ts";

/** One field of a form file. */
export interface FieldSource {
  readonly var: string;
  readonly type: string;
  readonly stage?: string;
  readonly [key: string]: unknown;
}

/** A form file whose texts repeat its names. */
export function formSource(node: string, fields: readonly FieldSource[]): Record<string, unknown> {
  const stages = fields.flatMap(({ stage }) => (stage === undefined ? [] : [stage]));
  return {
    node,
    fields,
    texts: {
      en: {
        name: `Name of ${node}`,
        title: `Title of ${node}`,
        instructions: Object.fromEntries(stages.map((stage) => [stage, `Do ${stage}.`])),
        fields: Object.fromEntries(fields.map((field) => [field.var, { label: `Label of ${field.var}` }])),
      },
    },
  };
}

/** Reads form files from a folder of their own, with the phrases of the package. */
export function loadFormsOf(
  files: Readonly<Record<string, unknown>>,
  phrases: Readonly<Record<string, unknown>> = {},
): Forms {
  const folder = mkdtempSync(join(tmpdir(), "milliner-forms-"));
  try {
    cpSync(join(FORMS_FOLDER, "phrases"), join(folder, "phrases"), { recursive: true });
    mkdirSync(join(folder, "phrases"), { recursive: true });
    for (const [name, file] of Object.entries(files)) write(join(folder, name), file);
    for (const [name, file] of Object.entries(phrases)) write(join(folder, "phrases", name), file);
    return loadForms(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function write(path: string, file: unknown): void {
  writeFileSync(path, typeof file === "string" ? file : JSON.stringify(file));
}
