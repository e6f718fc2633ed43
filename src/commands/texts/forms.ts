/**
 * The forms of the commands, read from forms/*.json: fields by stage, and their texts per language. Those of XEP-0317's
 * commands are in a folder of their own.
 *
 * A stage that has instructions and no field asks whether to go on.
 *
 * A form file holds what does not depend on who asks: types, defaults, labels. A field without a stage is never asked;
 * it is there for scripts. Phrases that belong to no single form are in forms/phrases, one file a language; a further
 * language is such a file, and an entry under `texts` in each form. Files are checked when they are read, so that a
 * text that is missing is found at the start and not by whoever first needs it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { FIELD_TYPES, type Field } from "../../stanza/data-form.ts";
import { NS_MILLINER } from "../../stanza/namespaces.ts";
import { chooseLanguage, ENGLISH, type Phrases, phrasesIn } from "./phrases.ts";

const TextSchema = v.pipe(v.string(), v.nonEmpty());

const FieldSchema = v.strictObject({
  var: TextSchema,
  stage: v.optional(TextSchema),
  type: v.picklist(FIELD_TYPES),
  required: v.optional(v.boolean(), false),
  default: v.optional(v.array(v.string()), []),
  validate: v.optional(
    v.strictObject({ datatype: TextSchema, method: v.picklist(["basic", "open", "range"]) }),
  ),
});

const TextsSchema = v.strictObject({
  name: TextSchema,
  title: TextSchema,
  instructions: v.record(v.string(), TextSchema),
  fields: v.record(v.string(), v.strictObject({ label: TextSchema, desc: v.optional(TextSchema) })),
});

const FormSchema = v.strictObject({
  node: TextSchema,
  formType: v.optional(TextSchema, NS_MILLINER),
  fields: v.array(FieldSchema),
  texts: v.record(v.string(), TextsSchema),
});

const PhrasesSchema = v.strictObject({ language: TextSchema, phrases: v.record(v.string(), TextSchema) });

type FieldSource = v.InferOutput<typeof FieldSchema>;
type FormSource = v.InferOutput<typeof FormSchema>;
type TextsSource = v.InferOutput<typeof TextsSchema>;

/** One form in one language. */
export interface CommandForm {
  readonly node: string;
  readonly formType: string;
  /** What disco calls the command. */
  readonly name: string;
  readonly title: string;
  /** The names of the stages, in order. */
  readonly stages: readonly string[];
  instructions(stage: string): string;
  /** The fields that can be asked at a stage, in order. */
  fields(stage: string): readonly Field[];
  /** What a field is called, for whoever reads a mistake about it. */
  label(name: string): string | undefined;
}

/** All forms and phrases. */
export interface Forms {
  /** The nodes of the desk's own commands. */
  readonly nodes: readonly string[];
  readonly languages: ReadonlySet<string>;
  /** The form of a command; one that has none is a mistake in the program. */
  form(node: string, lang: string): CommandForm;
  /** The phrases of the nearest language. */
  phrases(wanted: string): Phrases;
}

/** Where the package keeps its forms. */
export const FORMS_FOLDER = fileURLToPath(new URL("../../../forms", import.meta.url));

/** Reads and checks all forms; throws an Error that names the file and what is wrong with it. */
export function loadForms(folder = FORMS_FOLDER): Forms {
  const phrases = readFolder(join(folder, "phrases"), PhrasesSchema).map(
    ({ language, phrases }): [string, ReadonlyMap<string, string>] => [
      language,
      new Map(Object.entries(phrases)),
    ],
  );
  const templates = new Map(phrases);
  const english = templates.get(ENGLISH);
  if (english === undefined) throw new Error(`${folder}: no English phrases`);
  const forms = new Map<string, ReadonlyMap<string, CommandForm>>();
  for (const source of readFolder(folder, FormSchema)) forms.set(source.node, inEachLanguage(source));
  const nodes = [...forms.keys()];
  for (const source of readFolder(join(folder, "xep-0317"), FormSchema)) {
    forms.set(source.node, inEachLanguage(source));
  }
  const languages = new Set(templates.keys());
  const spoken = new Map([...templates].map(([lang, own]) => [lang, phrasesIn(lang, own, english)]));
  return {
    nodes,
    languages,
    form(node, lang) {
      const translations = forms.get(node);
      const form = translations?.get(lang) ?? translations?.get(ENGLISH);
      if (form === undefined) throw new Error(`no form for ${node}`);
      return form;
    },
    phrases: (wanted) =>
      spoken.get(chooseLanguage(wanted, languages)) ?? phrasesIn(ENGLISH, english, english),
  };
}

function readFolder<Schema extends v.GenericSchema>(folder: string, schema: Schema): v.InferOutput<Schema>[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names.filter((name) => name.endsWith(".json")).toSorted();
  return files.map((name) => readSource(join(folder, name), schema));
}

function readSource<Schema extends v.GenericSchema>(file: string, schema: Schema): v.InferOutput<Schema> {
  const read = v.safeParse(schema, JSON.parse(readFileSync(file, "utf8")));
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new Error(`${file}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}`);
}

function inEachLanguage(source: FormSource): ReadonlyMap<string, CommandForm> {
  if (source.texts[ENGLISH] === undefined) throw new Error(`form ${source.node}: no English texts`);
  return new Map(
    Object.entries(source.texts).map(([lang, texts]) => [lang, commandForm(source, texts, lang)]),
  );
}

function commandForm(source: FormSource, texts: TextsSource, lang: string): CommandForm {
  const where = `form ${source.node}, ${lang}`;
  const asked = source.fields.flatMap(({ stage }) => (stage === undefined ? [] : [stage]));
  const stages = [...new Set([...asked, ...Object.keys(texts.instructions)])];
  const instructions = new Map(
    stages.map((stage) => [stage, needed(texts.instructions[stage], where, stage)]),
  );
  const labels = new Map(
    source.fields.map((field) => [field.var, needed(texts.fields[field.var], where, field.var)]),
  );
  const fields = new Map(
    stages.map((stage) => [
      stage,
      source.fields
        .filter((field) => field.stage === stage)
        .map((field) => fieldOf(field, labels.get(field.var))),
    ]),
  );
  return {
    node: source.node,
    formType: source.formType,
    name: texts.name,
    title: texts.title,
    stages,
    instructions: (stage) => instructions.get(stage) ?? "",
    fields: (stage) => fields.get(stage) ?? [],
    label: (name) => labels.get(name)?.label,
  };
}

function fieldOf(field: FieldSource, text: TextsSource["fields"][string] | undefined): Field {
  return {
    var: field.var,
    type: field.type,
    ...(text === undefined ? {} : { label: text.label }),
    ...(text?.desc === undefined ? {} : { desc: text.desc }),
    ...(field.required ? { required: true } : {}),
    ...(field.default.length === 0 ? {} : { values: field.default }),
    ...(field.validate === undefined ? {} : { validate: field.validate }),
  };
}

function needed<T>(text: T | undefined, where: string, name: string): T {
  if (text === undefined) throw new Error(`${where}: no text for ${name}`);
  return text;
}
