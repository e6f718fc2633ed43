/** Form files of commands that exist only in tests. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Texts of one form in a language file. */
export interface FormTextsSource {
  readonly name: string;
  readonly title?: string;
  readonly instructions?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, { readonly label: string; readonly desc?: string }>>;
}

/** A language file. */
export interface LanguageSource {
  readonly language: string;
  readonly common: Partial<Pick<FormTextsSource, "fields" | "instructions">>;
  readonly forms: Readonly<Record<string, FormTextsSource>>;
  readonly phrases: Readonly<Record<string, Readonly<Record<string, string>> | string>>;
  readonly explanations?: Readonly<Record<string, string>>;
}

/** A form file with its English texts, which repeat its names. */
export function formSource(node: string, fields: readonly FieldSource[]): Record<string, unknown> {
  const stages = fields.flatMap(({ stage }) => (stage === undefined ? [] : [stage]));
  return {
    node,
    fields,
    texts: {
      name: `Name of ${node}`,
      title: `Title of ${node}`,
      instructions: Object.fromEntries(stages.map((stage) => [stage, `Do ${stage}.`])),
      fields: Object.fromEntries(fields.map((field) => [field.var, { label: `Label of ${field.var}` }])),
    },
  };
}

/** Reads form files from a folder of their own, with their own texts and the English phrases of the package. */
export function loadFormsOf(
  files: Readonly<Record<string, unknown>>,
  languages: readonly LanguageSource[] = [],
): Forms {
  const folder = mkdtempSync(join(tmpdir(), "milliner-forms-"));
  const english = languageSource("en");
  const own: Record<string, unknown> = {};
  try {
    mkdirSync(join(folder, "texts"));
    for (const [name, file] of Object.entries(files)) {
      const { texts, ...structure } = typeof file === "string" ? {} : (file as Record<string, unknown>);
      if (typeof structure["node"] === "string" && texts !== undefined) own[structure["node"]] = texts;
      write(join(folder, name), typeof file === "string" ? file : structure);
    }
    for (const language of [{ ...english, common: {}, forms: own }, ...languages]) {
      write(join(folder, "texts", `${language.language}.json`), language);
    }
    return loadForms(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A language file of the package. */
export function languageSource(tag: string): LanguageSource {
  return JSON.parse(readFileSync(join(FORMS_FOLDER, "texts", `${tag}.json`), "utf8")) as LanguageSource;
}

function write(path: string, file: unknown): void {
  writeFileSync(path, typeof file === "string" ? file : JSON.stringify(file));
}
